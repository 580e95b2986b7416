"""The image's commands: serve (the default), migrate, downgrade, alembic, set-password."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from typing import NoReturn

import sqlalchemy as sa

from .faults import InvalidFaults, read_faults
from .release import VERSION
from .settings import DatabaseSettings, InvalidSettings, Settings, read_settings


class JsonLines(logging.Formatter):
    """One line of JSON for each message."""

    converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler])
    # At DEBUG these print requests with their headers and bodies, and secrets with them.
    for chatty in ("botocore", "boto3", "urllib3", "s3transfer", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.getLevelName(level), logging.INFO))


def serve() -> None:
    settings = read_settings(Settings)
    faults = read_faults()
    log_to_stderr(settings.LOG_LEVEL)
    if faults.FAULT_CRASH_AT_START:
        stop("FAULT_CRASH_AT_START is set")
    ballast = bytearray(b"x") * (faults.FAULT_MEMORY_MB << 20)

    import uvicorn

    from .app import make_app
    from .schema import head
    from .service import make_service

    app = make_app(make_service(settings, faults, head()))
    app.state.ballast = ballast
    uvicorn.run(app, host="0.0.0.0", port=settings.API_PORT, log_config=None, access_log=False)


def change_schema(options: argparse.Namespace) -> None:
    from alembic.util import CommandError

    from . import schema
    from .database import reason

    log_to_stderr("WARNING")
    settings, faults = read_settings(DatabaseSettings), read_faults()
    config = schema.configuration(settings, fail=faults.FAULT_MIGRATION)
    try:
        if options.command == "migrate":
            print(schema.migrate(config, dry_run=options.dry_run), file=sys.stderr)
        elif options.command == "downgrade":
            print(schema.downgrade(config, options.target.strip()), file=sys.stderr)
        else:
            schema.alembic(config, [argument.strip() for argument in options.arguments])
    except (sa.exc.SQLAlchemyError, CommandError, RuntimeError) as error:
        stop(f"{options.command} failed and was undone: {reason(error)}")


def set_password(name: str) -> None:
    from .auth import hash_password
    from .database import Database, users

    password = sys.stdin.readline().rstrip("\n")
    if len(password) < 12:
        stop("want a password of at least 12 characters on the standard input")
    database = Database(read_settings(DatabaseSettings).DATABASE_URL.get_secret_value())
    statement = sa.update(users).where(users.c.username == name).values(password_hash=hash_password(password))
    with database.begin() as connection:
        if connection.execute(statement).rowcount == 0:
            stop(f"there is no user {name}")
    print(f"{name} has a new password")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="corporate-intel", description=f"Reference API {VERSION}")
    commands = top.add_subparsers(dest="command")
    commands.add_parser("serve", help="answer requests (the default)")
    migrate = commands.add_parser("migrate", help="bring the schema to this release's")
    migrate.add_argument("--dry-run", action="store_true", help="print the SQL instead")
    downgrade = commands.add_parser("downgrade", help="take the schema back")
    downgrade.add_argument("target", nargs="?", default="-1", help="a revision, base, or -1 (the default)")
    alembic = commands.add_parser("alembic", help="Alembic's own commands", add_help=False)
    alembic.add_argument("arguments", nargs=argparse.REMAINDER)
    password = commands.add_parser("set-password", help="read a user's new password from the standard input")
    password.add_argument("name")
    return top


def stop(text: str) -> NoReturn:
    for line in text.splitlines():
        print(f"corporate-intel: {line}", file=sys.stderr)
    sys.exit(1)


def main() -> None:
    # `downgrade -1` would be taken for an option.
    options = parser().parse_args([" -1" if argument == "-1" else argument for argument in sys.argv[1:]])
    try:
        if options.command in (None, "serve"):
            serve()
        elif options.command == "set-password":
            set_password(options.name)
        else:
            change_schema(options)
    except (InvalidSettings, InvalidFaults) as error:
        stop(f"the environment is not as it should be:\n{error}")


if __name__ == "__main__":
    main()
