"""Redis: answers kept for a short while, and the counters of the rate limit.

The service goes on without it, slower and unlimited. After a failure it is left alone for a moment, so that a Redis
that does not answer costs one wait a second and not one a request.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from . import metrics

KEEP_S = 30
LEAVE_ALONE_S = 1
TIMEOUT_S = 1


class Cache:
    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
        self._away_until = 0.0

    def _try(self, what: Callable[[Redis], Any]) -> Any:
        """The result, or None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return what(self._redis)
        except RedisError:
            self._away_until = time.monotonic() + LEAVE_ALONE_S
            return None

    def through(self, key: str, find: Callable[[], Any]) -> Any:
        """The kept answer, or the found one, which is then kept."""
        kept = self._try(lambda redis: redis.get(key))
        if kept is not None:
            metrics.CACHE.labels("hit").inc()
            return json.loads(kept)
        metrics.CACHE.labels("miss").inc()
        found = find()
        self._try(lambda redis: redis.set(key, json.dumps(found), ex=KEEP_S))
        return found

    def count(self, identity: str) -> int:
        """How many requests this identity has made in this minute. 0 while Redis is away."""

        def increment(redis: Redis) -> int:
            key = f"rate:{identity}:{int(time.time() // 60)}"
            pipeline = redis.pipeline()
            pipeline.incr(key)
            pipeline.expire(key, 60)
            return int(pipeline.execute()[0])

        return self._try(increment) or 0

    def ask(self) -> None:
        """Raises what is wrong, if Redis does not answer."""
        self._redis.ping()

    def close(self) -> None:
        self._redis.close()
