"""Puts the service together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from . import metrics
from .answers import Answers
from .knowledge import Knowledge, edition
from .release import VERSION
from .sessions import Sessions
from .settings import Settings
from .talk import Reply, order_number, reply, valid

log = logging.getLogger(__name__)

#: How long a health check waits for one of its three.
PATIENCE_S = 3.0


class Message(BaseModel):
    message: str = Field(..., min_length=1, max_length=4000)
    session_id: str = Field(..., regex=r"^[A-Za-z0-9._-]{1,100}$")


class Chatbot:
    def __init__(self, sessions: Sessions, answers: Answers, knowledge: Knowledge) -> None:
        self.sessions = sessions
        self.answers = answers
        self.knowledge = knowledge
        self._announced = ""

    def announce(self, chunks: list[tuple[str, str]]) -> None:
        """Says how much is known, once for each edition."""
        name = edition(chunks)
        if chunks and name != self._announced:
            self._announced = name
            log.info("%d total policy chunks indexed", len(chunks))

    def knows(self) -> None:
        self.announce(self.knowledge.chunks())

    def answer(self, message: str, session: str) -> dict[str, Any]:
        chunks = self.knowledge.chunks()
        if not chunks:
            raise HTTPException(503, "the knowledge base is empty")
        name = edition(chunks)
        known = self.answers.known(name, message)
        metrics.CACHE.labels("miss" if known is None else "hit").inc()
        body = known or self._think(message)
        if known is None:
            self.answers.keep(name, message, body)
        turn = self.sessions.remember(session, message, body["response"])
        return {**body, "session_id": session, "turn": turn, "cached": known is not None}

    def _think(self, message: str) -> dict[str, Any]:
        number = order_number(message)
        order = self.sessions.order(number) if number else None
        extra = f"Order {number} is {order['status']}." if order else ""
        found: Reply = reply(message, self.knowledge.nearest(message), extra)
        return {
            "response": found.text,
            "intent": found.intent,
            "tone": found.tone,
            "sources": found.sources,
            "validated": valid(found),
        }


async def connected(ask: Callable[[], None]) -> str:
    """One word about a dependency, asked now. Its reason goes to the log."""
    try:
        await asyncio.wait_for(run_in_threadpool(ask), PATIENCE_S)
        return "connected"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        log.warning("health: %s", type(error).__name__)
        return "disconnected"


def make_app(settings: Settings, bot: Chatbot) -> FastAPI:
    app = FastAPI(title="Tria AI-BPO stand-in", version=VERSION, docs_url=None, redoc_url=None)
    metrics.INFO.labels(VERSION, settings.ENVIRONMENT).set(1)

    @app.middleware("http")
    async def measure(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        began = time.monotonic()
        response = await go_on(request)
        path = request.url.path if request.url.path in ("/health", "/api/chatbot", "/metrics") else "other"
        metrics.REQUESTS.labels(path, str(response.status_code)).inc()
        metrics.SECONDS.labels(path).observe(time.monotonic() - began)
        return response

    @app.get("/health")
    async def health() -> JSONResponse:
        names = ("database", "redis", "chromadb")
        asks = (bot.sessions.ask, bot.answers.ask, bot.knows)
        states = dict(zip(names, await asyncio.gather(*map(connected, asks)), strict=True))
        well = set(states.values()) == {"connected"}
        return JSONResponse({"status": "healthy" if well else "unhealthy", **states}, 200 if well else 503)

    @app.post("/api/chatbot")
    def chat(message: Message) -> dict[str, Any]:
        return bot.answer(message.message, message.session_id)

    @app.get("/version")
    def version() -> dict[str, str]:
        return {"version": VERSION}

    @app.get("/metrics")
    def figures() -> Response:
        if not settings.ENABLE_METRICS:
            raise HTTPException(404, "ENABLE_METRICS is off")
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.exception_handler(SQLAlchemyError)
    async def database_away(_: Request, error: Exception) -> JSONResponse:
        log.warning("the database did not answer: %s", type(error).__name__)
        return JSONResponse({"detail": "the database does not answer"}, 503)

    @app.exception_handler(RedisError)
    async def cache_away(_: Request, error: Exception) -> JSONResponse:
        log.warning("Redis did not answer: %s", type(error).__name__)
        return JSONResponse({"detail": "Redis does not answer"}, 503)

    return app


def make_chatbot(settings: Settings) -> Chatbot:
    url = settings.DATABASE_URL.get_secret_value()
    password = settings.REDIS_PASSWORD.get_secret_value()
    answers = Answers(settings.REDIS_HOST, settings.REDIS_PORT, password, settings.REDIS_DB)
    return Chatbot(Sessions(url), answers, Knowledge())
