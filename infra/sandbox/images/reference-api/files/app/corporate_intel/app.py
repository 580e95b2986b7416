"""Puts the service together."""

from __future__ import annotations

import asyncio
import logging
import os
import threading

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import JSONResponse

from . import metrics
from .database import reason
from .middleware import FaultInjection, Metrics
from .release import VERSION
from .routes import companies, files, health, reports, users
from .service import Service

log = logging.getLogger(__name__)


def make_app(service: Service) -> FastAPI:
    app = FastAPI(title="reference API", version=VERSION, docs_url=None, redoc_url=None)
    app.state.service = service
    for subject in (health, companies, users, reports, files):
        app.include_router(subject.router)

    faults = service.faults
    if faults.any():
        log.warning("faults are switched on: %s", ", ".join(faults.any()))
        app.add_middleware(FaultInjection, faults=faults)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=service.settings.CORS_ORIGINS,
        allow_methods=["GET", "POST", "PUT"],
        allow_headers=["Authorization", "Content-Type"],
        allow_credentials=True,
    )
    app.add_middleware(Metrics)
    metrics.INFO.labels(VERSION, service.settings.ENVIRONMENT).set(1)

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolTimeout)
    async def database_away(_: Request, error: Exception) -> JSONResponse:
        log.warning("the database did not answer: %s", reason(error))
        return JSONResponse({"detail": "the database does not answer"}, 503)

    @app.on_event("startup")
    async def begin() -> None:
        threading.Thread(target=service.storage.client, daemon=True).start()
        app.state.sampling = asyncio.create_task(keep_sampling())
        if faults.FAULT_CRASH_AFTER_S:
            asyncio.get_running_loop().call_later(faults.FAULT_CRASH_AFTER_S, os._exit, 1)

    @app.on_event("shutdown")
    def end() -> None:
        service.database.close()
        service.cache.close()
        service.queue.close()

    return app


async def keep_sampling() -> None:
    while True:
        metrics.sample()
        await asyncio.sleep(1)
