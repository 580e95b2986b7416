"""Copies of the data in a folder each: a file a table, and a list of them with their check sums, written last."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

from sqlalchemy.engine import Engine

from . import schema

#: Where they are. The deployment mounts a volume here.
FOLDER = Path("/var/lib/architect/backups")
LIST = "list.json"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


class Refused(Exception):
    """Says why there is no copy, or none to bring back."""


def _folder(name: str) -> Path:
    if NAME.fullmatch(name) is None:
        raise Refused("a backup's name is lower-case letters, digits and hyphens")
    return FOLDER / name


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def create(engine: Engine, name: str) -> int:
    """Copies all tables as they are at one moment. Returns their number."""
    folder = _folder(name)
    fresh = folder.with_name(f".{name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        steps = schema.applied(connection)
        there = [table for table in schema.TABLES if connection.dialect.has_table(connection, table)]
        for table in there:
            with (fresh / f"{table}.copy").open("w") as file:
                connection.connection.cursor().copy_expert(f"COPY {table} TO STDOUT", file)
    sums = {table: _sum(fresh / f"{table}.copy") for table in there}
    (fresh / LIST).write_text(json.dumps({"steps": steps, "tables": sums}))
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(fresh, folder)
    return len(there)


def restore(engine: Engine, name: str) -> int:
    """Puts the tables back, all of them or none. Returns their number."""
    folder = _folder(name)
    if not (folder / LIST).exists():
        raise Refused(f"there is no whole backup {name}")
    said = json.loads((folder / LIST).read_text())
    for table, wanted in said["tables"].items():
        if _sum(folder / f"{table}.copy") != wanted:
            raise Refused(f"{name}: {table} is not what was written")
    with engine.begin() as connection:
        there = set(schema.applied(connection))
        if not set(said["steps"]) <= there:
            raise Refused(f"{name}: the schema lacks {', '.join(sorted(set(said['steps']) - there))}; migrate first")
        present = [table for table in schema.TABLES if connection.dialect.has_table(connection, table)]
        if present:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(present)}")
        for table in (table for table in schema.TABLES if table in said["tables"]):
            with (folder / f"{table}.copy").open() as file:
                connection.connection.cursor().copy_expert(f"COPY {table} FROM STDIN", file)
    return len(said["tables"])
