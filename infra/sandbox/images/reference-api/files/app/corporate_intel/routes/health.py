"""Health, readiness, metrics. Never limited, never cached beyond what is said here."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from .. import metrics as figures
from ..database import reason
from ..release import VERSION
from ..service import Service, service_of

router = APIRouter()

#: /health answers with a verdict on the database that is at most this old, so that many callers cost one query.
VERDICT_AGE_S = 1.0


@router.get("/")
def about() -> dict[str, str]:
    return {
        "name": "reference API",
        "stands_in_for": "corporate-intel-api",
        "note": "not the product: a small service with the same contract, for trying out deployments",
        "version": VERSION,
    }


@router.get("/health")
async def health(service: Service = Depends(service_of)) -> JSONResponse:
    """Healthy means: this process answers, and its database does. Without Redis or the object store the service goes on
    with less, and their own checks below say so."""
    problem = await service.checks["database"].problem(max_age_s=VERDICT_AGE_S)
    body = {
        "status": "unhealthy" if problem else "healthy",
        "timestamp": datetime.now(UTC).isoformat(),
        "environment": service.settings.ENVIRONMENT,
        "version": VERSION,
    }
    return JSONResponse(body, 503 if problem else 200)


@router.get("/health/ping")
async def ping() -> dict[str, str]:
    """This process answers: E's name for what `/live` says (E-SMOKE-2)."""
    return {"status": "ok"}


@router.get("/health/detailed")
async def detailed(service: Service = Depends(service_of)) -> JSONResponse:
    """Every dependency at once, each asked anew, and the cache also used (E-SMOKE-3, E-SMOKE-7, E-SMOKE-8, E-SMOKE-9).
    Unhealthy like `/health`: when the database does not answer. Degraded: when another one does not."""
    problems = dict(
        zip(service.checks, await asyncio.gather(*(check.problem() for check in service.checks.values())), strict=True)
    )
    components = {
        name: {"status": "unhealthy", "reason": problem} if problem else {"status": "healthy"}
        for name, problem in problems.items()
    }
    if not problems["redis"]:
        components["redis"].update(await run_in_threadpool(_exercise, service))
    database_away = problems["database"] is not None
    others = all(component["status"] == "healthy" for component in components.values())
    body = {
        "status": "unhealthy" if database_away else "healthy" if others else "degraded",
        "timestamp": datetime.now(UTC).isoformat(),
        "environment": service.settings.ENVIRONMENT,
        "version": VERSION,
        "components": components,
    }
    return JSONResponse(body, 503 if database_away else 200)


def _exercise(service: Service) -> dict[str, Any]:
    try:
        return service.cache.exercise()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return {"status": "unhealthy", "reason": reason(error)}


async def _verdict(service: Service, name: str) -> JSONResponse:
    problem = await service.checks[name].problem()
    body: dict[str, Any] = {"status": "unhealthy", "reason": problem} if problem else {"status": "healthy"}
    return JSONResponse({"component": name, **body}, 503 if problem else 200)


@router.get("/api/v1/health/database")
async def database(service: Service = Depends(service_of)) -> JSONResponse:
    return await _verdict(service, "database")


@router.get("/api/v1/health/redis")
async def redis(service: Service = Depends(service_of)) -> JSONResponse:
    return await _verdict(service, "redis")


@router.get("/api/v1/health/minio")
async def minio(service: Service = Depends(service_of)) -> JSONResponse:
    return await _verdict(service, "minio")


@router.get("/live")
async def live() -> dict[str, str]:
    """This process answers. A restart would mend nothing that lies elsewhere, so nothing else is asked."""
    return {"status": "alive"}


@router.get("/ready")
async def ready(service: Service = Depends(service_of)) -> JSONResponse:
    """Requests can be served: the database answers and has at least this release's schema."""
    if service.faults.FAULT_NEVER_READY:
        return JSONResponse({"status": "not ready", "reason": "FAULT_NEVER_READY is set"}, 503)
    problem = await service.checks["database"].problem() or await run_in_threadpool(_schema_problem, service)
    if problem:
        return JSONResponse({"status": "not ready", "reason": problem}, 503)
    return JSONResponse({"status": "ready"})


def _schema_problem(service: Service) -> str | None:
    try:
        found = service.database.revision()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return reason(error)
    if found is None or found < service.schema_head:
        return f"the schema is at {found or 'nothing'}, this release needs {service.schema_head}"
    return None


@router.get("/metrics")
def metrics() -> Response:
    figures.sample()
    return Response(figures.text(), media_type=CONTENT_TYPE_LATEST)
