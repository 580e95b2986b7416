"""Health, readiness, metrics. Never limited, never cached beyond what is said here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

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
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
