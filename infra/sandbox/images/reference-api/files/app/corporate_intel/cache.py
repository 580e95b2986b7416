"""Redis: answers kept for a short while, and the counters of the rate limit.

The service goes on without it, slower and unlimited. After a failure it is left alone for a moment, so that a Redis
that does not answer costs one wait a second and not one a request.
"""

from __future__ import annotations

import json
import os
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
    """:param url: `redis://` or `rediss://`; with `?ssl_ca_certs=FILE` for an authority of one's own"""

    def __init__(self, url: str) -> None:
        # The certificate has to be the one of the name that was asked for, which redis-py would let pass.
        secure = {"ssl_check_hostname": True} if url.startswith("rediss:") else {}
        self._redis = Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, **secure)
        self._away_until = 0.0

    def _try(self, what: Callable[[Redis], Any]) -> Any:
        """The result, or None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return what(self._redis)
        except RedisError:
            self._away_until = time.monotonic() + LEAVE_ALONE_S
            # A master that was demoted still answers, but takes no writes: the others may lead to it as well.
            self._redis.connection_pool.disconnect(inuse_connections=False)
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

    def exercise(self) -> dict[str, Any]:
        """Keeps something as an answer is kept, and looks at it (E-SMOKE-8, E-SMOKE-9)."""
        key, value = f"exercise:{os.getpid()}", os.urandom(8).hex()
        pipeline = self._redis.pipeline()
        pipeline.set(key, value, ex=KEEP_S)
        pipeline.get(key)
        pipeline.ttl(key)
        pipeline.delete(key)
        _, read, left, _ = pipeline.execute()
        return {"reads_what_it_wrote": read == value.encode(), "keeps_for_seconds": left}

    def close(self) -> None:
        self._redis.close()
