"""PostgreSQL: one pool of connections, and the tables that the service itself reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from . import metrics

POOL_SIZE = 10

#: libpq's own limits. The last two end a connection whose other side is gone without a word.
CONNECT = {
    "connect_timeout": 2,
    "options": "-c statement_timeout=5000 -c lock_timeout=2000",
    "tcp_user_timeout": 2000,
    "keepalives_idle": 10,
}

meta = sa.MetaData()

companies = sa.Table(
    "companies",
    meta,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("ticker", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("website", sa.Text),  # since 1.1.0; read only by releases that have its migration
)
market_data = sa.Table(
    "market_data",
    meta,
    sa.Column("company_id", sa.BigInteger, primary_key=True),
    sa.Column("observed_at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("open", sa.Numeric),
    sa.Column("close", sa.Numeric),
    sa.Column("volume", sa.BigInteger),
)
users = sa.Table(
    "users",
    meta,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("username", sa.Text),
    sa.Column("role", sa.Text),
    sa.Column("password_hash", sa.Text),
)
documents = sa.Table(
    "documents",
    meta,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("size", sa.BigInteger),
    sa.Column("sha256", sa.Text),
    sa.Column("uploaded_by", sa.Text),
)
version_table = sa.table("alembic_version", sa.column("version_num", sa.Text))


class Database:
    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=2,
            pool_pre_ping=True,
            hide_parameters=True,  # they may be secrets, and errors are logged
            connect_args=CONNECT,
        )
        metrics.watch_pool(self._engine.pool, POOL_SIZE)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection with a transaction, and the time it was used among the metrics."""
        with metrics.QUERY_SECONDS.time(), self._engine.begin() as connection:
            yield connection

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
        self._engine.dispose()


def reason(error: Exception) -> str:
    """An error of the database in one line, without the statement."""
    cause = error.orig if isinstance(error, SQLAlchemyError) and getattr(error, "orig", None) else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
