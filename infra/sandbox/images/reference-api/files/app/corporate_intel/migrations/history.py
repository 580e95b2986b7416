"""What has been applied: one row a migration in `schema_history`, since `alembic_version` holds only the newest.

A row is written in the transaction of its migration, and goes with it when that is undone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from corporate_intel.database import history_table, version_table
from corporate_intel.release import VERSION
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

#: How long a migration waits for a table that somebody uses: who waits for it, holds up everybody behind it.
LOCK_TIMEOUT = "10s"


class Undone(Exception):
    """A dry run has come to its end, and its transaction is to be rolled back."""


class History:
    """:param tell: is given one line for each migration, as it is applied"""

    def __init__(self, connection: Connection, scripts: ScriptDirectory, tell: Callable[[str], None]) -> None:
        self._connection = connection
        self._scripts = scripts
        self._tell = tell
        self._since = time.monotonic()

    def begin(self) -> None:
        """Makes the table, and enters what was applied otherwise: an earlier release, or reviewed SQL (A-MIG-5)."""
        self._connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        history_table.create(self._connection, checkfirst=True)
        if not sa.inspect(self._connection).has_table(version_table.name):
            return
        current = self._connection.execute(sa.select(version_table.c.version_num)).scalar_one_or_none()
        known = sorted(script.revision for script in self._scripts.walk_revisions())
        rows = [{"revision": one, "release": VERSION} for one in known if current is not None and one <= current]
        if rows:
            self._connection.execute(insert(history_table).values(rows).on_conflict_do_nothing())

    def applied(self, *, step: Any, **_: Any) -> None:
        """Alembic's `on_version_apply`."""
        revision, now = step.up_revision_id, time.monotonic()
        if step.is_upgrade:
            self._connection.execute(history_table.insert().values(revision=revision, release=VERSION))
        else:
            self._connection.execute(history_table.delete().where(history_table.c.revision == revision))
        way = "+" if step.is_upgrade else "-"
        subject = (step.up_revision.doc or "").partition("\n")[0]
        self._tell(f"{way} {revision} in {now - self._since:.2f} s: {subject}")
        self._since = now
