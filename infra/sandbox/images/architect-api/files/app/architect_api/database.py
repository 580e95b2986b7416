"""PostgreSQL, as the address says it is to be reached: `sslmode` is the address's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from . import metrics

#: libpq's own limits. The last two end a connection whose other side is gone without a word.
CONNECT = {"connect_timeout": 2, "tcp_user_timeout": 2000, "keepalives_idle": 10}


def engine(url: str, *, idle: int = 1, most: int = 1) -> Engine:
    return sa.create_engine(
        url.replace("postgres://", "postgresql+psycopg2://", 1),
        pool_size=min(idle, most),
        max_overflow=max(0, most - idle),
        pool_timeout=2,
        pool_pre_ping=True,
        hide_parameters=True,  # they may be secrets, and errors are logged
        use_native_hstore=False,
        connect_args=CONNECT,
    )


class Database:
    def __init__(self, url: str, *, idle: int, most: int) -> None:
        self._engine = engine(url, idle=idle, most=most)
        metrics.watch_pool(self._engine.pool, most)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection with a transaction, and the time it was used among the metrics."""
        with metrics.query_time(), self._engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 5000")
            yield connection

    def answers(self) -> bool:
        try:
            with self._engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
            return True
        except SQLAlchemyError:
            return False
