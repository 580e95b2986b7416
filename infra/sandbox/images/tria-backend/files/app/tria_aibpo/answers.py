"""Redis: answers that were given already."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from redis import Redis

KEEP_S = 600
TIMEOUT_S = 2


class Answers:
    def __init__(self, host: str, port: int, password: str, database: int) -> None:
        self._redis = Redis(
            host=host,
            port=port,
            password=password,
            db=database,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
        )

    def ask(self) -> None:
        """Raises what is wrong, if Redis does not answer."""
        self._redis.ping()

    def known(self, edition: str, question: str) -> dict[str, Any] | None:
        """What was answered before, on the same knowledge."""
        found = self._redis.get(_key(edition, question))
        return None if found is None else json.loads(found)

    def keep(self, edition: str, question: str, answer: dict[str, Any]) -> None:
        self._redis.set(_key(edition, question), json.dumps(answer), ex=KEEP_S)


def _key(edition: str, question: str) -> str:
    plain = " ".join(question.lower().split())
    return f"answer:{edition}:{hashlib.sha256(plain.encode()).hexdigest()}"
