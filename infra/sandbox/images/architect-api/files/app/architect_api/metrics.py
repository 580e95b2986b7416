"""What Prometheus reads, by the names of the deployment guide."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from collections.abc import Iterator

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.pool import QueuePool

REQUESTS = Counter("http_requests", "Requests answered.", ["method", "path", "status"])
SECONDS = Histogram("http_request_duration_seconds", "Time to answer.", ["method", "path"])
DATABASE_SECONDS = Histogram("database_query_duration_seconds", "Time that a transaction takes.")
QUERY_SECONDS = Histogram("query_duration_seconds", "The same under its other name.")
HIT_RATIO = Gauge("cache_hit_ratio", "Share of looked up keys that were there.")
ERROR_RATE = Gauge("error_rate", "Share of requests answered with 500 and above.")
CONNECTIONS = Gauge("database_connections_in_use", "Connections that are in use.")
MOST_CONNECTIONS = Gauge("database_connections_max", "Connections that there may be.")

_lock = threading.Lock()
_seen = {"asked": 0, "found": 0, "requests": 0, "errors": 0}


def looked_up(found: bool) -> None:
    with _lock:
        _seen["asked"] += 1
        _seen["found"] += found
        HIT_RATIO.set(_seen["found"] / _seen["asked"])


def answered(method: str, path: str, status: int, seconds: float) -> None:
    REQUESTS.labels(method, path, str(status)).inc()
    SECONDS.labels(method, path).observe(seconds)
    with _lock:
        _seen["requests"] += 1
        _seen["errors"] += status >= 500
        ERROR_RATE.set(_seen["errors"] / _seen["requests"])


@contextmanager
def query_time() -> Iterator[None]:
    with DATABASE_SECONDS.time(), QUERY_SECONDS.time():
        yield


def watch_pool(pool: QueuePool, most: int) -> None:
    CONNECTIONS.set_function(pool.checkedout)
    MOST_CONNECTIONS.set(most)
