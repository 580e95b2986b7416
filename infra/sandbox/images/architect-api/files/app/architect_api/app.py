"""What answers. Sessions are in Redis, everything else in PostgreSQL: without either, what needs it says 503."""

from __future__ import annotations

import logging
import secrets
import time
from datetime import datetime, timezone
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import generate_latest
from sqlalchemy.exc import SQLAlchemyError

from . import metrics, records, users
from .cache import Away, Cache
from .database import Database
from .settings import Settings

log = logging.getLogger("architect")


def health(database: Database, cache: Cache) -> tuple[int, dict[str, Any]]:
    """The guide's body. Services outside are not asked: without a way to them nothing here would be worse."""
    words = {True: "healthy", False: "unhealthy"}
    components = {
        "database": words[database.answers()],
        "cache": words[cache.answers()],
        "external_services": "healthy",
    }
    whole = all(word == "healthy" for word in components.values())
    return 200 if whole else 503, {
        "status": words[whole],
        "timestamp": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "components": components,
    }


def made(settings: Settings, version: str) -> FastAPI:
    database = Database(settings.database_url, idle=settings.idle_connections, most=settings.max_connections)
    cache = Cache(settings.redis_url)
    app = FastAPI(title="Stands in for the Architect Dashboard API", version=version, docs_url=None, redoc_url=None)

    @app.middleware("http")
    async def counted(request: Request, call_next: Any) -> Response:
        began = time.perf_counter()
        try:
            response = await call_next(request)
        except Exception:
            log.exception("not answered")
            response = JSONResponse({"detail": "internal error"}, 500)
        # The route's own template, so that an id makes no series of its own.
        route = request.scope.get("route")
        path = getattr(route, "path", "none")
        metrics.answered(request.method, path, response.status_code, time.perf_counter() - began)
        return response

    @app.exception_handler(Away)
    async def no_cache(_request: Request, error: Away) -> Response:
        return JSONResponse({"detail": f"cache: {error}"}, 503)

    @app.exception_handler(SQLAlchemyError)
    async def no_database(_request: Request, error: SQLAlchemyError) -> Response:
        return JSONResponse({"detail": f"database: {type(error).__name__}"}, 503)

    @app.get("/")
    def about() -> dict[str, str]:
        return {"service": "stands in for the Architect Dashboard API", "version": version}

    @app.get("/health")
    def healthy() -> Response:
        status, body = health(database, cache)
        return JSONResponse(body, status)

    if settings.metrics:

        @app.get("/metrics")
        def measured() -> Response:
            return PlainTextResponse(generate_latest(), media_type="text/plain; version=0.0.4")

    signed_in = users.routes(app, database, cache, settings, secrets.token_urlsafe)
    records.routes(app, database, signed_in)
    return app


def serve(settings: Settings, version: str) -> None:
    level = {"warn": "WARNING"}.get(settings.log_level, settings.log_level.upper())
    logging.basicConfig(level=level, format='{"message": "%(message)s"}')
    app = made(settings, version)
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False)
