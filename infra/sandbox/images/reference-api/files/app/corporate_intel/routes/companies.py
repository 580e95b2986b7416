"""Companies, what they report and what the market pays for them, out of PostgreSQL, kept in Redis for a short while.

What is kept is made of JSON already: it goes out as it is, which spares a list of 500 companies most of its time.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, HTTPException, Query
from sqlalchemy.engine import Row
from starlette.responses import JSONResponse

from ..release import COMPANY_EXTRAS
from ..service import Service, service_of, within_limit
from ..tables import companies, financial_metrics, market_data

router = APIRouter(prefix="/api/v1", dependencies=[Depends(within_limit)])

#: Tickers, fifty at most, separated by commas.
SYMBOLS = r"^[A-Za-z.]{1,10}(,[A-Za-z.]{1,10}){0,49}$"

COLUMNS = [companies.c[name] for name in ("ticker", "name", "category", *COMPANY_EXTRAS)]


def _found(service: Service, statement: sa.sql.Select) -> list[dict[str, Any]]:
    return service.database.read(
        lambda connection: [dict(row._mapping) for row in connection.execute(statement)],
    )


@router.get("/companies")
def listed(
    category: str | None = None,
    limit: int = Query(500, ge=1, le=1000),
    offset: int = Query(0, ge=0),
    service: Service = Depends(service_of),
) -> JSONResponse:
    statement = sa.select(*COLUMNS).order_by(companies.c.ticker).limit(limit).offset(offset)
    if category is not None:
        statement = statement.where(companies.c.category == category)
    key = f"companies:{category}:{limit}:{offset}"
    found = service.cache.through(key, lambda: _found(service, statement))
    return JSONResponse({"count": len(found), "companies": found})


@router.get("/companies/search")
def search(q: str = Query(..., min_length=1, max_length=100), service: Service = Depends(service_of)) -> JSONResponse:
    literal = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    matches = companies.c.name.ilike(f"%{literal}%") | (companies.c.ticker == q.upper())
    statement = sa.select(*COLUMNS).where(matches).order_by(companies.c.ticker).limit(50)
    found = service.cache.through(f"search:{q.lower()}", lambda: _found(service, statement))
    return JSONResponse({"query": q, "results": found})


@router.get("/companies/{ticker}")
def one(ticker: str, service: Service = Depends(service_of)) -> JSONResponse:
    statement = sa.select(*COLUMNS).where(companies.c.ticker == ticker.upper())
    found = service.cache.through(f"company:{ticker.upper()}", lambda: _found(service, statement))
    if not found:
        raise HTTPException(404, f"no company has the ticker {ticker.upper()}")
    return JSONResponse(found[0])


def _quote(row: Row) -> dict[str, Any]:
    return {
        "symbol": row.ticker,
        "price": float(row.close),
        "change": round(float(row.close - row.open), 4),
        "volume": row.volume,
        "as_of": row.observed_at.isoformat(),
    }


@router.get("/market/quotes")
def quotes(
    symbols: str = Query(..., regex=SYMBOLS),
    service: Service = Depends(service_of),
) -> JSONResponse:
    """The newest quote of each symbol. A symbol that nobody knows is missing from the answer, and named in it."""
    wanted = sorted({symbol.upper() for symbol in symbols.split(",")})
    newest = (
        sa.select(companies.c.ticker, market_data)
        .join(market_data, market_data.c.company_id == companies.c.id)
        .where(companies.c.ticker.in_(wanted))
        .distinct(companies.c.ticker)
        .order_by(companies.c.ticker, market_data.c.observed_at.desc())
    )

    def find() -> list[dict[str, Any]]:
        return service.database.read(lambda connection: [_quote(row) for row in connection.execute(newest)])

    found = service.cache.through(f"quotes:{','.join(wanted)}", find)
    known = {quote["symbol"] for quote in found}
    return JSONResponse({"quotes": found, "unknown": [symbol for symbol in wanted if symbol not in known]})


def _metric(row: Row) -> dict[str, Any]:
    return {
        "ticker": row.ticker,
        "metric": row.metric,
        "value": float(row.value),
        "unit": row.unit,
        "as_of": row.observed_at.isoformat(),
    }


@router.get("/financial/metrics")
def metrics(
    symbols: str | None = Query(None, regex=SYMBOLS),
    limit: int = Query(100, ge=1, le=1000),
    service: Service = Depends(service_of),
) -> JSONResponse:
    """What companies have reported, the newest first: of all of them, or of some."""
    wanted = sorted({symbol.upper() for symbol in symbols.split(",")}) if symbols else []
    statement = (
        sa.select(companies.c.ticker, financial_metrics)
        .join(financial_metrics, financial_metrics.c.company_id == companies.c.id)
        .order_by(financial_metrics.c.observed_at.desc(), companies.c.ticker, financial_metrics.c.metric)
        .limit(limit)
    )
    if wanted:
        statement = statement.where(companies.c.ticker.in_(wanted))

    def find() -> list[dict[str, Any]]:
        return service.database.read(lambda connection: [_metric(row) for row in connection.execute(statement)])

    found = service.cache.through(f"metrics:{','.join(wanted)}:{limit}", find)
    return JSONResponse({"count": len(found), "metrics": found})
