"""What Prometheus reads at /metrics: requests, their times, connections, queries, cache and pool (A-MET-1, A-MET-2).

Where several processes serve one pod, each writes its figures into files of a folder they share, and whichever is asked
adds them all up. The library decides on loading which way it goes, so `share` comes before this is loaded.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.pool import QueuePool

from .sharing import FOLDER

TIMES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "path", "status"])
SECONDS = Histogram("http_request_duration_seconds", "Time to the end of an answer", ["method", "path"], buckets=TIMES)
ACTIVE = Gauge("http_connections_active", "Requests being answered now", multiprocess_mode="livesum")
QUERY_SECONDS = Histogram("db_transaction_duration_seconds", "Time of a database transaction", buckets=TIMES)
CACHE = Counter("cache_requests_total", "Answers looked up in the cache", ["result"])
LIMITED = Counter("rate_limited_requests_total", "Requests turned away by the rate limit")
REPORTS = Counter("reports_total", "Reports asked for, and what became of them", ["status"])
INFO = Gauge("app_info", "Always 1", ["version", "environment"], multiprocess_mode="max")
_POOL = Gauge("db_pool_connections", "Connections of the pool", ["state"], multiprocess_mode="livesum")
_POOL_SIZE = Gauge("db_pool_size", "Connections the pool may hold", multiprocess_mode="livesum")

_pools: list[QueuePool] = []


def watch_pool(pool: QueuePool, size: int) -> None:
    """Adds a pool to the figures. Those of servers that only read are counted with the others."""
    _pools.append(pool)
    _POOL_SIZE.inc(size)


def sample() -> None:
    """Notes what this process holds now. Each process does so for itself, every second."""
    _POOL.labels("used").set(sum(pool.checkedout() for pool in _pools))
    _POOL.labels("idle").set(sum(pool.checkedin() for pool in _pools))


def text() -> bytes:
    """All figures, of all processes."""
    if FOLDER not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry)
