"""What surrounds every request: its metrics, and the faults that are switched on."""

from __future__ import annotations

import asyncio
import logging
import time

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import metrics
from .faults import FailingShare, Faults, Rate

log = logging.getLogger(__name__)


class Metrics:
    """Counts and times requests by the route that answered them, so that no address of a request becomes a label."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        metrics.ACTIVE.inc()
        try:
            await self._app(scope, receive, watch)
        finally:
            metrics.ACTIVE.dec()
            path = getattr(scope.get("route"), "path", "other")
            metrics.REQUESTS.labels(scope["method"], path, status).inc()
            seconds = time.perf_counter() - began
            metrics.SECONDS.labels(scope["method"], path).observe(seconds)
            log.debug("%s %s: %d in %.1f ms", scope["method"], path, status, seconds * 1000)


class FaultInjection:
    """Slows down or fails requests to the paths that FAULT_PATHS names. Only installed where a fault is on."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults
        self._share = FailingShare(faults.FAULT_ERROR_SHARE)
        self._rate = Rate()

    def _fails(self) -> bool:
        above = self._faults.FAULT_ERROR_ABOVE_RPS
        too_many = above > 0 and self._rate.next() > above
        return self._share.next() or too_many

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._faults.FAULT_PATHS):
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        await asyncio.sleep(self._faults.FAULT_LATENCY_MS / 1000)
        if self._fails():
            await JSONResponse({"detail": "a fault that a test switched on"}, 500)(scope, receive, send)
            return

        async def late(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep((time.perf_counter() - began) * (self._faults.FAULT_LATENCY_FACTOR - 1))
            await send(message)

        await self._app(scope, receive, late)
