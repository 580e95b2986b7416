"""Asking for a report, which a worker then writes, and asking how far it is."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy.engine import Row

from .. import metrics
from ..queue import BrokerAway
from ..service import Service, service_of, signed_in, within_limit
from ..tables import companies, reports

router = APIRouter(prefix="/api/v1/reports", dependencies=[Depends(within_limit)])


class Wanted(BaseModel):
    ticker: str = Field(..., regex=r"^[A-Za-z.]{1,10}$")
    period: str = Field(..., regex=r"^[0-9]{4}Q[1-4]$", description="like 2025Q3")


def _told(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "name": row.name,
        "ticker": row.ticker,
        "period": row.period,
        "requested_by": row.requested_by,
        "size": row.size,
        "created_at": row.created_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
    }


@router.post("", status_code=202)
def wanted(
    report: Wanted, username: str = Depends(signed_in), service: Service = Depends(service_of)
) -> dict[str, Any]:
    """Records what is wanted, and puts it into the queue. 202 means that both are safe."""
    if not service.queue.configured:
        raise HTTPException(503, "reports cannot be asked for here: no queue is configured")
    ticker = report.ticker.upper()
    record = {
        "name": f"{ticker}-{report.period}-{uuid.uuid4().hex[:12]}.csv",
        "ticker": ticker,
        "period": report.period,
        "requested_by": username,
        "status": "queued",
    }
    with service.database.begin() as connection:
        if connection.execute(sa.select(companies.c.id).where(companies.c.ticker == ticker)).first() is None:
            raise HTTPException(404, f"no company has the ticker {ticker}")
        row = connection.execute(sa.insert(reports).values(record).returning(*reports.c)).one()
    try:
        service.queue.put(row.id)
    except BrokerAway as error:
        # It may be in the queue all the same: a worker that finds it there writes it, and nobody is hurt.
        with service.database.begin() as connection:
            connection.execute(sa.update(reports).where(reports.c.id == row.id).values(status="failed"))
        metrics.REPORTS.labels("refused").inc()
        raise HTTPException(503, "the report could not be queued: try again") from error
    metrics.REPORTS.labels("queued").inc()
    return _told(row)


@router.get("/{number}", dependencies=[Depends(signed_in)])
def one(number: int, service: Service = Depends(service_of)) -> dict[str, Any]:
    with service.database.begin() as connection:
        row = connection.execute(sa.select(reports).where(reports.c.id == number)).one_or_none()
    if row is None:
        raise HTTPException(404, f"there is no report {number}")
    return _told(row)
