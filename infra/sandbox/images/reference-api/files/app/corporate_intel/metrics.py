"""What Prometheus reads at /metrics: requests, their times, connections, queries, cache and pool (A-MET-1, A-MET-2)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.pool import QueuePool

TIMES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "path", "status"])
SECONDS = Histogram("http_request_duration_seconds", "Time to the end of an answer", ["method", "path"], buckets=TIMES)
ACTIVE = Gauge("http_connections_active", "Requests being answered now")
QUERY_SECONDS = Histogram("db_transaction_duration_seconds", "Time of a database transaction", buckets=TIMES)
CACHE = Counter("cache_requests_total", "Answers looked up in the cache", ["result"])
LIMITED = Counter("rate_limited_requests_total", "Requests turned away by the rate limit")
INFO = Gauge("app_info", "Always 1", ["version", "environment"])
_POOL = Gauge("db_pool_connections", "Connections of the pool", ["state"])
_POOL_SIZE = Gauge("db_pool_size", "Connections the pool may hold")


def watch_pool(pool: QueuePool, size: int) -> None:
    _POOL_SIZE.set(size)
    _POOL.labels("used").set_function(pool.checkedout)
    _POOL.labels("idle").set_function(pool.checkedin)
