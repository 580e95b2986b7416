"""PostgreSQL: pools of connections, and what is done when the server behind them changes.

Nothing here lives in a session: no prepared statement, no SET that outlasts its transaction, no startup parameter. So
PgBouncer may stand between, pooling by transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from . import metrics

log = logging.getLogger(__name__)

#: libpq's own limits. The last two end a connection whose other side is gone without a word.
CONNECT = {
    "connect_timeout": 2,
    "tcp_user_timeout": 2000,
    "keepalives_idle": 10,
}

#: Set in every transaction, for this transaction.
LIMITS = "SET LOCAL statement_timeout = 5000; SET LOCAL lock_timeout = 2000"

#: What a server says that was the primary until just now (read_only_sql_transaction), or is on its way down.
NOT_PRIMARY = frozenset({"25006", "57P01", "57P02", "57P03"})

#: How long replicas are left alone after one has failed.
LEAVE_ALONE_S = 5.0

meta = sa.MetaData()
version_table = sa.table("alembic_version", sa.column("version_num", sa.Text))
history_table = sa.Table(
    "schema_history",
    sa.MetaData(),
    sa.Column("revision", sa.Text, primary_key=True),
    sa.Column("release", sa.Text, nullable=False),
    sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)

Found = TypeVar("Found")


def engine(url: str, size: int, overflow: int) -> Engine:
    """A pool that finds out by itself that its server is gone, or is not the primary any more."""
    made = sa.create_engine(
        url,
        pool_size=size,
        max_overflow=overflow,
        pool_timeout=2,
        pool_pre_ping=True,
        hide_parameters=True,  # they may be secrets, and errors are logged
        use_native_hstore=False,  # would be asked for on each new connection
        connect_args=CONNECT,
    )

    @sa.event.listens_for(made, "begin")
    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(LIMITS)

    @sa.event.listens_for(made, "handle_error")
    def judge(context: ExceptionContext) -> None:
        # All connections of the pool lead to the same server: none of them is worth keeping.
        if getattr(context.original_exception, "pgcode", None) in NOT_PRIMARY:
            context.is_disconnect = True

    return made


class Database:
    """:param size: connections that this process keeps
    :param overflow: connections that it may open beyond them
    :param read_url: of servers that only read, or None where the first one answers everything
    """

    def __init__(self, url: str, *, size: int, overflow: int, read_url: str | None = None) -> None:
        self._engine = engine(url, size, overflow)
        self._replicas = engine(read_url, size, overflow) if read_url else None
        self._replicas_away_until = 0.0
        metrics.watch_pool(self._engine.pool, size)
        if self._replicas is not None:
            metrics.watch_pool(self._replicas.pool, size)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection with a transaction, and the time it was used among the metrics."""
        with metrics.QUERY_SECONDS.time(), self._engine.begin() as connection:
            yield connection

    def read(self, query: Callable[[Connection], Found]) -> Found:
        """A query that may be a moment behind: asked of a replica, or of the primary while none answers."""
        if self._replicas is not None and time.monotonic() >= self._replicas_away_until:
            try:
                with metrics.QUERY_SECONDS.time(), self._replicas.begin() as connection:
                    return query(connection)
            except (OperationalError, PoolTimeout) as error:
                log.warning("no replica answers, so the primary is asked: %s", reason(error))
                self._replicas_away_until = time.monotonic() + LEAVE_ALONE_S
        with self.begin() as connection:
            return query(connection)

    def revision(self) -> str | None:
        """The schema's revision. None where no migration has run."""
        with self.begin() as connection:
            if not sa.inspect(connection).has_table(version_table.name):
                return None
            return connection.execute(sa.select(version_table.c.version_num)).scalar_one_or_none()

    def ask(self) -> None:
        """Raises what is wrong, if the database does not answer."""
        with self._engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))

    def close(self) -> None:
        for pool in filter(None, (self._engine, self._replicas)):
            pool.dispose()


def reason(error: Exception) -> str:
    """An error of the database in one line, without the statement."""
    cause = error.orig if isinstance(error, SQLAlchemyError) and getattr(error, "orig", None) else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
