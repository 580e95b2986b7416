"""The commands of the deployment guide. Ends with 1, and a line that says why, where it cannot do what it is asked."""

from __future__ import annotations

import argparse
import os
import sys

from sqlalchemy.exc import SQLAlchemyError

from . import backup, schema, settings
from .database import engine

VERSION = os.environ.get("ARCHITECT_VERSION", "0.0.0")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="architect-api")
    parser.add_argument("--version", action="version", version=f"architect-api {VERSION}")
    verbs = parser.add_subparsers(dest="verb")
    verbs.add_parser("serve")
    migrate = verbs.add_parser("migrate")
    migrate.add_argument("what", nargs="?", choices=["status"])
    migrate.add_argument("--direction", choices=["up", "down"])
    copies = verbs.add_parser("backup")
    copies.add_argument("what", choices=["create", "restore"])
    copies.add_argument("--name", required=True)
    return parser.parse_args()


def migrate(what: str | None, direction: str | None) -> None:
    made = engine(settings.read(lambda name: name == "DATABASE_URL")["DATABASE_URL"])
    with made.begin() as connection:
        if what == "status":
            there = set(schema.applied(connection))
            for name, _, _ in schema.STEPS:
                print(f"{name} {'applied' if name in there else 'pending'}")
            ahead = there - {name for name, _, _ in schema.STEPS}
            if ahead:
                print(f"schema ahead by {len(ahead)}")
            if schema.pending(connection):
                raise settings.Refused("migrations are pending")
        elif direction is None:
            raise settings.Refused("migrate wants --direction up, --direction down or status")
        else:
            for name in (schema.up if direction == "up" else schema.down)(connection):
                print(f"{name} {direction}")


def copy(what: str, name: str) -> None:
    made = engine(settings.read(lambda variable: variable == "DATABASE_URL")["DATABASE_URL"])
    tables = (backup.create if what == "create" else backup.restore)(made, name)
    print(f"{name}: {tables} tables {'kept' if what == 'create' else 'brought back'}")


def main() -> int:
    given = arguments()
    try:
        if given.verb == "migrate":
            migrate(given.what, given.direction)
        elif given.verb == "backup":
            copy(given.what, given.name)
        else:
            from .app import serve  # what serves is not loaded for a migration

            serve(settings.Settings.from_environment(), VERSION)
    except (settings.Refused, backup.Refused, OSError) as error:
        print(f"architect-api: {error}", file=sys.stderr)
        return 1
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        print(f"architect-api: {str(cause).strip().splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
