"""What the routes work with, made once at the start and handed to each by FastAPI."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Depends, HTTPException, Request

from . import metrics
from .auth import Tokens
from .cache import Cache
from .checks import Check
from .database import Database
from .faults import Faults
from .queue import Queue
from .settings import Settings
from .storage import Storage


@dataclass(frozen=True)
class Service:
    settings: Settings
    faults: Faults
    database: Database
    cache: Cache
    storage: Storage
    queue: Queue
    tokens: Tokens
    #: By the name of the dependency, as in the path of its health check.
    checks: dict[str, Check]
    #: The newest schema this release knows.
    schema_head: str


def make_database(settings: Settings, processes: int) -> Database:
    """:param processes: among how many the pod's connections are shared out"""
    read_url = settings.DATABASE_READ_URL
    return Database(
        settings.DATABASE_URL.get_secret_value(),
        size=max(1, settings.DB_POOL_SIZE // processes),
        overflow=settings.DB_MAX_OVERFLOW // processes,
        read_url=read_url.get_secret_value() if read_url else None,
    )


def make_service(settings: Settings, faults: Faults, schema_head: str) -> Service:
    database = make_database(settings, settings.WEB_CONCURRENCY)
    cache = Cache(settings.REDIS_URL.get_secret_value())
    storage = Storage(settings)
    return Service(
        settings=settings,
        faults=faults,
        database=database,
        cache=cache,
        storage=storage,
        queue=Queue(settings),
        tokens=Tokens(settings.SECRET_KEY.get_secret_value(), settings.SESSION_TIMEOUT_MINUTES),
        checks={
            "database": Check("the database", database.ask),
            "redis": Check("Redis", cache.ask),
            "minio": Check("the object store", storage.ask),
        },
        schema_head=schema_head,
    )


def service_of(request: Request) -> Service:
    return request.app.state.service


def username_of(request: Request, service: Service = Depends(service_of)) -> str | None:
    return service.tokens.username(request.headers.get("authorization"))


def signed_in(username: str | None = Depends(username_of)) -> str:
    """The user's name, or 401."""
    if username is None:
        raise HTTPException(401, "sign in first", headers={"WWW-Authenticate": "Bearer"})
    return username


def within_limit(
    request: Request, service: Service = Depends(service_of), username: str | None = Depends(username_of)
) -> None:
    """Turns away, with 429, who has used up the minute. Users count by name, everybody else by address."""
    identity = f"user:{username}" if username else f"address:{request.client.host if request.client else '?'}"
    if service.cache.count(identity) > service.settings.RATE_LIMIT_PER_MINUTE:
        metrics.LIMITED.inc()
        raise HTTPException(429, "too many requests in this minute", headers={"Retry-After": "60"})
