"""The image's commands. What each does is in the README; `serve` is the default."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from typing import NoReturn

import sqlalchemy as sa

from .faults import InvalidFaults, read_faults
from .release import VERSION
from .settings import BrokerSettings, CacheSettings, DatabaseSettings, InvalidSettings, Settings, read_settings

#: What `wait` can wait for.
DEPENDENCIES = ("database", "redis", "broker")


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
    for chatty in ("botocore", "boto3", "urllib3", "s3transfer", "asyncio", "amqp", "kombu"):
        logging.getLogger(chatty).setLevel(max(logging.getLevelName(level), logging.INFO))


def serve() -> None:
    settings = read_settings(Settings)
    faults = read_faults()
    log_to_stderr(settings.LOG_LEVEL)
    if faults.FAULT_CRASH_AT_START:
        stop("FAULT_CRASH_AT_START is set")
    if settings.WEB_CONCURRENCY > 1:
        from .sharing import share

        share()
    import uvicorn

    from .app import make_app
    from .processes import listen, together
    from .schema import head
    from .service import make_service

    listening = listen(settings.API_PORT)

    def answer() -> None:
        app = make_app(make_service(settings, faults, head()))
        app.state.ballast = bytearray(b"x") * (faults.FAULT_MEMORY_MB << 20)
        uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listening])

    if settings.WEB_CONCURRENCY == 1:
        answer()
    else:
        sys.exit(together(settings.WEB_CONCURRENCY, answer, started=listening.close))


def worker() -> None:
    settings = read_settings(Settings)
    log_to_stderr(settings.LOG_LEVEL)
    if settings.CELERY_BROKER_URL is None:
        raise InvalidSettings("CELERY_BROKER_URL: not set, and a worker has nothing to do without it")
    from .sharing import share

    share()
    from .worker import work

    work(settings)


def wait(names: list[str]) -> None:
    from .cache import Cache
    from .database import Database
    from .queue import Queue
    from .waiting import WaitSettings
    from .waiting import wait as wait_for

    asks = {}
    for name in names:
        if name == "database":
            url = read_settings(DatabaseSettings).DATABASE_URL.get_secret_value()
            asks[name] = Database(url, size=1, overflow=0).ask
        elif name == "redis":
            asks[name] = Cache(read_settings(CacheSettings).REDIS_URL.get_secret_value()).ask
        else:
            settings = read_settings(BrokerSettings)
            if settings.CELERY_BROKER_URL is None:
                raise InvalidSettings("CELERY_BROKER_URL: not set, so there is no broker to wait for")
            asks[name] = Queue(settings).ask
    missing = wait_for(asks, read_settings(WaitSettings).WAIT_SECONDS, print)
    if missing:
        stop("\n".join(missing))


def change_schema(options: argparse.Namespace) -> None:
    from alembic.util import CommandError

    from . import schema
    from .database import reason

    log_to_stderr("WARNING")
    settings, faults = read_settings(DatabaseSettings), read_faults()
    config = schema.configuration(settings, print, fail=faults.FAULT_MIGRATION)
    try:
        if options.command == "migrate":
            print(schema.migrate(config, dry_run=options.dry_run), file=sys.stderr)
        elif options.command == "downgrade":
            print(schema.downgrade(config, options.target.strip()), file=sys.stderr)
        else:
            schema.alembic(config, [argument.strip() for argument in options.arguments])
    except (sa.exc.SQLAlchemyError, CommandError, RuntimeError) as error:
        stop(f"{options.command} failed and was undone: {reason(error)}")


def set_passwords(options: argparse.Namespace) -> None:
    from .database import Database, reason
    from .passwords import InvalidPassword, given, set_password

    database = Database(read_settings(DatabaseSettings).DATABASE_URL.get_secret_value(), size=1, overflow=0)
    try:
        typed = options.command == "set-password"
        wanted = {options.name: sys.stdin.readline().rstrip("\n")} if typed else given(os.environ)
        for name, password in sorted(wanted.items()):
            changed = set_password(database, name, password)
            print(f"{name} has {'a new' if changed else 'this'} password{'' if changed else ' already'}")
    except (InvalidPassword, sa.exc.SQLAlchemyError) as error:
        stop(f"{options.command} failed: {reason(error)}")


def smoke() -> None:
    from .smoke import SmokeSettings, run

    failed = run(read_settings(SmokeSettings), lambda line: print(json.dumps(line)))
    if failed:
        stop(f"failed: {', '.join(failed)}")


def dependency(name: str) -> str:
    if name not in DEPENDENCIES:
        raise argparse.ArgumentTypeError(f"{name}: want any of {', '.join(DEPENDENCIES)}")
    return name


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="corporate-intel", description=f"Reference API {VERSION}")
    top.add_argument("--version", action="version", version=f"corporate-intel {VERSION}")
    commands = top.add_subparsers(dest="command")
    commands.add_parser("serve", help="answer requests (the default)")
    commands.add_parser("worker", help="write the reports that the queue asks for")
    waits = commands.add_parser("wait", help="end when everything named answers, or with 1 when it is too late")
    waits.add_argument(
        "names", nargs="*", type=dependency, default=["database", "redis"], help="default: database redis"
    )
    migrate = commands.add_parser("migrate", help="bring the schema to this release's")
    migrate.add_argument("--dry-run", action="store_true", help="do it, print it, and roll it back")
    downgrade = commands.add_parser("downgrade", help="take the schema back")
    downgrade.add_argument("target", nargs="?", default="-1", help="a revision, base, or -1 (the default)")
    alembic = commands.add_parser("alembic", help="Alembic's own commands", add_help=False)
    alembic.add_argument("arguments", nargs=argparse.REMAINDER)
    commands.add_parser("seed", help="give users the passwords in USER_PASSWORD_ADMIN and its like")
    password = commands.add_parser("set-password", help="read a user's new password from the standard input")
    password.add_argument("name")
    commands.add_parser("smoke", help="try a running service out, by the smoke tests of E")
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
        elif options.command == "worker":
            worker()
        elif options.command == "wait":
            wait(options.names)
        elif options.command in ("seed", "set-password"):
            set_passwords(options)
        elif options.command == "smoke":
            smoke()
        else:
            change_schema(options)
    except (InvalidSettings, InvalidFaults) as error:
        stop(f"the environment is not as it should be:\n{error}")


if __name__ == "__main__":
    main()
