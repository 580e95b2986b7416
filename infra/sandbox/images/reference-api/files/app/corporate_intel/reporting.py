"""Writing a report: out of the database, into the object store, and then into its record.

Doing it twice leaves the same: a message may come again after a worker was lost.
"""

from __future__ import annotations

import csv
import hashlib
import io
import logging
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Row

from . import metrics
from .database import Database, reason
from .storage import Storage
from .tables import companies, financial_metrics, market_data, reports

log = logging.getLogger(__name__)

#: Seconds between two tries while the database or the store is away, and all of them together.
AGAIN_S = 2.0
PATIENCE_S = 300.0

Done = TypeVar("Done")


def write_report(database: Database, storage: Storage, report: int) -> None:
    with_patience(lambda: _write(database, storage, report))


def with_patience(work: Callable[[], Done]) -> Done:
    """Tries again while something is away. The message stays with this worker meanwhile, and goes back if it dies.

    :raises Exception: the last one, after PATIENCE_S
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return work()
        except Exception as error:
            if time.monotonic() > until:
                raise
            log.warning("a report has to wait: %s", reason(error))
            time.sleep(AGAIN_S)


def _write(database: Database, storage: Storage, number: int) -> None:
    with database.begin() as connection:
        wanted = connection.execute(sa.select(reports).where(reports.c.id == number)).one_or_none()
        if wanted is None or wanted.status == "done":
            log.info("report %d is done, or nobody wants it any more", number)
            return
        content = _content(connection.execute(_metrics(wanted)).all(), connection.execute(_prices(wanted)).all())
    storage.put(storage.reports, wanted.name, content)
    done = {
        "status": "done",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "finished_at": sa.func.now(),
    }
    with database.begin() as connection:
        connection.execute(sa.update(reports).where(reports.c.id == number).values(**done))
    metrics.REPORTS.labels("done").inc()


def _metrics(wanted: Row) -> sa.sql.Select:
    return (
        sa.select(financial_metrics.c.observed_at, financial_metrics.c.metric, financial_metrics.c.value)
        .join(companies, companies.c.id == financial_metrics.c.company_id)
        .where(companies.c.ticker == wanted.ticker)
        .order_by(financial_metrics.c.observed_at, financial_metrics.c.metric)
    )


def _prices(wanted: Row) -> sa.sql.Select:
    return (
        sa.select(market_data.c.observed_at, sa.literal("close").label("metric"), market_data.c.close)
        .join(companies, companies.c.id == market_data.c.company_id)
        .where(companies.c.ticker == wanted.ticker)
        .order_by(market_data.c.observed_at)
    )


def _content(*parts: list[Row]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["observed_at", "what", "value"])
    for part in parts:
        table.writerows([at.isoformat(), what, value] for at, what, value in part)
    return text.getvalue().encode()
