"""What Prometheus reads at /metrics."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("http_requests_total", "Requests answered", ["path", "status"])
SECONDS = Histogram(
    "http_request_duration_seconds", "Time to the end of an answer", ["path"], buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10)
)
CACHE = Counter("cache_requests_total", "Answers looked up in the cache", ["result"])
INFO = Gauge("app_info", "Always 1", ["version", "environment"])
for result in ("hit", "miss"):
    CACHE.labels(result)
