"""Migrations: what the image's `migrate`, `downgrade` and `alembic` do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import CommandLine, Config
from alembic.script import ScriptDirectory
from sqlalchemy.pool import NullPool

from .database import CONNECT, history_table, version_table
from .migrations.history import Undone
from .settings import DatabaseSettings

FOLDER = Path(__file__).parent / "migrations"

#: What only keeps the books of the migrations, or reads the catalogue: no part of what a dry run shows.
BOOKKEEPING = (version_table.name, history_table.name, "pg_advisory_lock", "pg_catalog.", "SET LOCAL")

#: Characters of a statement that a dry run prints. Only those that bring data are longer.
SHOWN = 600


class UnknownSchema(RuntimeError):
    """The database is at a revision that no release before or after this one can have left."""


def configuration(settings: DatabaseSettings, tell: Callable[[str], None], *, fail: bool = False) -> Config:
    """:param tell: is given one line for each migration, as it is applied
    :param fail: let the migration fail after its last step, before it is committed
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    engine = sa.create_engine(
        settings.DATABASE_URL.get_secret_value(),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT["connect_timeout"]},
    )
    config.attributes.update(engine=engine, tell=tell, fail=fail, back=False, dry_run=False)
    return config


def head() -> str:
    """The newest revision this release knows. Revisions are numbers with leading zeros, so they sort."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def _current(config: Config) -> str | None:
    with config.attributes["engine"].connect() as connection:
        if not sa.inspect(connection).has_table(version_table.name):
            return None
        return connection.execute(sa.select(version_table.c.version_num)).scalar_one_or_none()


def migrate(config: Config, *, dry_run: bool = False) -> str:
    """Brings the schema to this release's. All steps are one transaction: they all happen, or none.

    A schema that a later release has left is newer than this one needs, and stays: releases only ever add to it.

    :param dry_run: do all of it, tell every statement, and roll the transaction back
    :return: what happened, in one line
    """
    current, newest = _current(config), head()
    if current is not None and current > newest:
        if not (current.isdigit() and len(current) == len(newest)):
            raise UnknownSchema(
                f"the database is at revision {current}, which no release has; this one ends at {newest}"
            )
        return f"schema ahead: the database is at {current}, this release ends at {newest}; nothing to do"
    if dry_run:
        if current == newest:
            return f"the schema is at {newest} already; there would be nothing to do"
        _rehearse(config, newest)
        return f"would go from {current or 'nothing'} to {newest}; nothing was changed"
    command.upgrade(config, newest)
    if current == newest:
        return f"the schema is at {newest} already"
    return f"the schema went from {current or 'nothing'} to {newest}"


def _rehearse(config: Config, newest: str) -> None:
    tell = config.attributes["tell"]

    def show(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        line = " ".join(statement.split())
        if any(word in line for word in BOOKKEEPING):
            return
        tell(line if len(line) <= SHOWN else f"{line[:SHOWN]} … ({len(line)} characters)")

    sa.event.listen(config.attributes["engine"], "before_cursor_execute", show)
    config.attributes["dry_run"] = True
    try:
        command.upgrade(config, newest)
    except Undone:
        return
    raise RuntimeError("the dry run was not rolled back")


def downgrade(config: Config, target: str) -> str:
    """Each step is a transaction of its own.

    :param target: a revision, `base` for an empty schema, or `-1` for one step back
    """
    before = _current(config)
    config.attributes["back"] = True
    command.downgrade(config, target)
    return f"the schema went from {before or 'nothing'} back to {_current(config) or 'nothing'}"


def alembic(config: Config, arguments: list[str]) -> None:
    """Alembic's own commands, for a look: `alembic current`, `alembic history`, `alembic upgrade head --sql`."""
    line = CommandLine(prog="alembic")
    options = line.parser.parse_args(arguments)
    if not hasattr(options, "cmd"):
        line.parser.error("too few arguments")
    config.cmd_opts = options
    line.run_cmd(config, options)
