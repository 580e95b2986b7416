"""E's smoke tests, by HTTP, from where a client is: through the Service or the edge, with a user's token.

They run inside the cluster, since a figure of some milliseconds means nothing through a port-forward. They write one
small document, always the same, and use up one user's minute.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, validator

from .browser import Answer, Browser

#: Requests whose median is held against a bar, after two that are not counted (ours: E gives one figure each).
SAMPLES = 20
DOCUMENT = "smoke-test.txt"


class SmokeSettings(BaseModel):
    SMOKE_URL: str
    #: The name that the certificate has to be for, and that is asked for, where it is not the URL's.
    SMOKE_HOST: str | None = None
    SMOKE_CA_FILE: str | None = None
    SMOKE_USER: str = Field(..., min_length=1)
    SMOKE_PASSWORD: SecretStr = Field(..., min_length=1)
    SMOKE_COMPANIES: int = Field(500, ge=1)
    #: RATE_LIMIT_PER_MINUTE of the service; 0 leaves the test of it out.
    SMOKE_RATE_LIMIT: int = Field(..., ge=0, le=5000)
    #: E-SMOKE-20..23, in milliseconds.
    SMOKE_HEALTH_MS: float = Field(10, gt=0)
    SMOKE_LIST_MS: float = Field(50, gt=0)
    SMOKE_TICKER_MS: float = Field(10, gt=0)
    SMOKE_CONCURRENT_MS: float = Field(100, gt=0)

    @validator("SMOKE_URL")
    def _is_http(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
            raise ValueError("want an address that begins with http:// or https://")
        return value


class Failed(Exception):
    """What was found instead of what was wanted."""


def want(found: Any, wanted: Any, what: str) -> None:
    if found != wanted:
        raise Failed(f"{what}: found {found!r}, wanted {wanted!r}")


class Smoke:
    def __init__(self, settings: SmokeSettings) -> None:
        self._settings = settings
        self._browser = Browser(settings.SMOKE_URL, settings.SMOKE_HOST, settings.SMOKE_CA_FILE)
        self._token: str | None = None

    def checks(self) -> Iterator[tuple[str, str, Callable[[], str]]]:
        """Requirement, what is tried, and the trial, which tells what it saw. The last one uses the minute up."""
        s = self._settings
        yield "E-SMOKE-1", "health", lambda: self._json("/health", status="healthy")
        yield "E-SMOKE-2", "ping", lambda: self._json("/health/ping", status="ok")
        yield "E-SMOKE-3", "every dependency is healthy", lambda: self._json("/health/detailed", status="healthy")
        yield "E-SMOKE-7, E-SMOKE-8, E-SMOKE-9", "the cache keeps, gives back, forgets", self._cache
        yield "E-SMOKE-5, E-SMOKE-10", "all companies", self._companies
        yield "E-SMOKE-11", "one company", lambda: self._json("/api/v1/companies/AAPL", ticker="AAPL")
        yield "E-SMOKE-12", "companies of a category", self._category
        yield "E-SMOKE-13", "financial metrics", self._metrics
        yield "E-SMOKE-14", "a token for a password", self._sign_in
        yield "E-SMOKE-15, E-SEC-1", "no answer without a token, or with a forged one", self._refused
        yield "E-SMOKE-16", "a token opens", self._let_in
        yield "E-SMOKE-4, E-SMOKE-6", "a document is written, and its record", self._write
        yield "E-SMOKE-17", "404 for what is not there", lambda: self._status("/api/v1/companies/NOSUCH", 404)
        yield "E-SMOKE-18", "422 for what is malformed", lambda: self._status("/api/v1/companies?limit=none", 422)
        yield "E-SMOKE-20", "time of health", lambda: self._median("/health", s.SMOKE_HEALTH_MS)
        yield "E-SMOKE-21", "time of all companies", lambda: self._median("/api/v1/companies", s.SMOKE_LIST_MS)
        yield "E-SMOKE-22", "time of one company", lambda: self._median("/api/v1/companies/AAPL", s.SMOKE_TICKER_MS)
        yield "E-SMOKE-23", "the slowest of ten at once", self._concurrent
        if s.SMOKE_RATE_LIMIT > 0:
            yield "E-SMOKE-19", "429 for too many requests of one user", self._limited

    def _ask(self, path: str, **options: Any) -> Answer:
        return self._browser.ask(path, **options)

    def _status(self, path: str, status: int, **options: Any) -> str:
        answer = self._ask(path, **options)
        want(answer.status, status, f"status of {path}")
        return str(answer.status)

    def _json(self, path: str, **wanted: Any) -> str:
        answer = self._ask(path, token=self._token)
        want(answer.status, 200, f"status of {path}")
        for name, value in wanted.items():
            want(answer.json().get(name), value, f"{name} of {path}")
        return json.dumps(wanted)

    def _cache(self) -> str:
        redis = self._ask("/health/detailed").json()["components"]["redis"]
        want(redis.get("reads_what_it_wrote"), True, "the cache reads what it wrote")
        left = redis.get("keeps_for_seconds", -1)
        if not 0 < left <= 30:
            raise Failed(f"the cache keeps for {left} s, wanted at most 30, and an end")
        return f"kept for {left} s"

    def _companies(self) -> str:
        return self._json("/api/v1/companies", count=self._settings.SMOKE_COMPANIES)

    def _category(self) -> str:
        found = self._ask("/api/v1/companies?category=Technology").json()["companies"]
        want({company["category"] for company in found}, {"Technology"}, "categories")
        return f"{len(found)} companies"

    def _metrics(self) -> str:
        answer = self._ask("/api/v1/financial/metrics")
        want(answer.status, 200, "status")
        return f"{answer.json()['count']} metrics"

    def _sign_in(self) -> str:
        credentials = {
            "username": self._settings.SMOKE_USER,
            "password": self._settings.SMOKE_PASSWORD.get_secret_value(),
        }
        answer = self._ask("/api/v1/auth/login", method="POST", body=json.dumps(credentials).encode())
        want(answer.status, 200, "status")
        self._token = answer.json()["access_token"]
        return f"good for {answer.json()['expires_in']} s"

    def _refused(self) -> str:
        self._status("/api/v1/documents", 401)
        return self._status("/api/v1/documents", 401, token="a.forged.token")

    def _let_in(self) -> str:
        return self._json("/api/v1/auth/me", username=self._settings.SMOKE_USER)

    def _write(self) -> str:
        path = f"/api/v1/documents/{DOCUMENT}"
        kind = "application/octet-stream"
        return self._status(path, 201, method="PUT", body=b"a smoke test wrote this\n", kind=kind, token=self._token)

    def _median(self, path: str, bar: float) -> str:
        times = [self._timed(self._browser, path) for _ in range(SAMPLES + 2)][2:]
        median = statistics.median(times)
        if median >= bar:
            raise Failed(f"{path} took {median:.1f} ms at the median of {SAMPLES}, wanted less than {bar:g} ms")
        return f"{median:.1f} ms at the median of {SAMPLES}, {max(times):.1f} ms at most"

    def _timed(self, browser: Browser, path: str) -> float:
        began = time.perf_counter()
        want(browser.ask(path, token=self._token).status, 200, f"status of {path}")
        return (time.perf_counter() - began) * 1000

    def _concurrent(self) -> str:
        browsers = [self._browser.another() for _ in range(10)]
        with ThreadPoolExecutor(len(browsers)) as pool:
            for _ in range(2):  # the first round opens the connections
                times = list(pool.map(lambda browser: self._timed(browser, "/health"), browsers))
        bar = self._settings.SMOKE_CONCURRENT_MS
        if max(times) >= bar:
            raise Failed(f"the slowest of ten at once took {max(times):.1f} ms, wanted less than {bar:g} ms")
        return f"{max(times):.1f} ms"

    def _limited(self) -> str:
        limit = self._settings.SMOKE_RATE_LIMIT
        # Twice the limit and two more: a new minute may begin on the way.
        for number in range(1, 2 * limit + 3):
            answer = self._ask("/api/v1/auth/me", token=self._token)
            if answer.status == 429:
                return f"after {number} more requests"
            want(answer.status, 200, "status")
        raise Failed(f"{2 * limit + 2} requests were all answered, wanted 429 after {limit} in a minute")


def run(settings: SmokeSettings, tell: Callable[[dict[str, str]], None]) -> list[str]:
    """Tries everything, also after a failure.

    :return: the requirements that do not hold
    """
    failed = []
    for requirement, what, trial in Smoke(settings).checks():
        try:
            tell({"requirement": requirement, "check": what, "verdict": "pass", "reading": trial()})
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the verdict
            failed.append(requirement)
            reading = str(error) or type(error).__name__
            tell({"requirement": requirement, "check": what, "verdict": "fail", "reading": reading})
    return failed
