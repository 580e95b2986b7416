"""The Redis Cluster: sessions and failed logins. Whoever needs one of them gets nothing without it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException, RedisError

from . import metrics

Found = TypeVar("Found")

#: Seconds for one connection and for one answer.
LIMITS = {"socket_connect_timeout": 1, "socket_timeout": 1}

#: What is known under these keys goes to the node that their brace says.
SESSION = "session:{%s}"
FAILURES = "failures:{%s}"


class Away(Exception):
    """The cluster does not answer."""


class Cache:
    """One client, made when it is first needed, and made anew after a failure: nodes get other addresses."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._client: Any = None

    def _made(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = RedisCluster.from_url(
                    self._url, decode_responses=True, cluster_error_retry_attempts=1, **LIMITS
                )
            return self._client

    def ask(self, question: Callable[[Any], Found]) -> Found:
        """Raises Away."""
        try:
            return question(self._made())
        except (RedisError, RedisClusterException, OSError) as error:
            with self._lock:
                self._client = None
            raise Away(type(error).__name__) from error

    def answers(self) -> bool:
        """Every slot is served, and a value comes back as it was put."""
        try:
            state = self.ask(lambda client: client.cluster_info(target_nodes=client.get_random_node()))
            return state.get("cluster_state") == "ok" and bool(
                self.ask(lambda client: client.set("health", "1", ex=60))
            )
        except Away:
            return False

    def remembered(self, token: str) -> str | None:
        """Whose session it is."""
        found = self.ask(lambda client: client.get(SESSION % token))
        metrics.looked_up(found is not None)
        return found

    def remember(self, token: str, user: str, seconds: int) -> None:
        self.ask(lambda client: client.set(SESSION % token, user, ex=seconds))

    def forget(self, token: str) -> None:
        self.ask(lambda client: client.delete(SESSION % token))

    def failed(self, name: str) -> int:
        """Counts a failed login. Returns how many there were within the last minute."""
        key = FAILURES % name
        count = self.ask(lambda client: client.incr(key))
        self.ask(lambda client: client.expire(key, 60))
        return int(count)
