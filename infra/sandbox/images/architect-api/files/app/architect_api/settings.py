"""The 29 variables of the deployment guide. None has a default: all that is missing or malformed is told at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: A word that a variable has to match.
WHOLE = r"\d{1,7}"
FLAG = r"true|false"
TEXT = r"[\s\S]+"

VARIABLES: Mapping[str, str] = {
    "HOST": r"[\d.]+",
    "PORT": WHOLE,
    "ENV": r"[a-z]+",
    "DEBUG": FLAG,
    "DATABASE_URL": r"postgres://\S+\?sslmode=(require|disable)",
    "DATABASE_MAX_CONNS": WHOLE,
    "DATABASE_IDLE_CONNS": WHOLE,
    "REDIS_URL": r"redis://\S+",
    "REDIS_DB": r"0",
    "CACHE_TTL": WHOLE,
    "JWT_SECRET": r"\S{16,}",
    "ENCRYPTION_KEY": r"\S{16,}",
    "SESSION_TIMEOUT": WHOLE,
    "SESSION_COOKIE_SECURE": FLAG,
    "SESSION_COOKIE_HTTPONLY": FLAG,
    "PROMETHEUS_ENABLED": FLAG,
    "JAEGER_ENABLED": FLAG,
    "JAEGER_ENDPOINT": r"https?://\S+",
    "LOG_LEVEL": r"debug|info|warn|error",
    "LOG_FORMAT": r"json|text",
    "SMTP_HOST": r"[a-z0-9.-]+",
    "SMTP_PORT": WHOLE,
    "SMTP_USER": TEXT,
    "SMTP_PASSWORD": TEXT,
    "SLACK_WEBHOOK_URL": TEXT,
    "GITHUB_TOKEN": TEXT,
    "FEATURE_WEBHOOKS_ENABLED": FLAG,
    "FEATURE_INTEGRATIONS_ENABLED": FLAG,
    "FEATURE_AUTOPILOT_ENABLED": FLAG,
}


class Refused(Exception):
    """Says what is wrong with the settings, without a value."""


def read(names: Callable[[str], bool] = lambda name: True) -> dict[str, str]:
    """The variables that are asked for.

    Raises Refused with every one that is missing or malformed.
    """
    wanted = {name: pattern for name, pattern in VARIABLES.items() if names(name)}
    problems = [
        f"{name}: {'not set' if name not in os.environ else 'not as wanted'}"
        for name, pattern in wanted.items()
        if re.fullmatch(pattern, os.environ.get(name, "")) is None
    ]
    if problems:
        raise Refused("\n".join(problems))
    return {name: os.environ[name] for name in wanted}


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    database_url: str
    max_connections: int
    idle_connections: int
    redis_url: str
    cache_ttl: int
    session_timeout: int
    cookie_secure: bool
    cookie_httponly: bool
    metrics: bool
    log_level: str

    @classmethod
    def from_environment(cls) -> Settings:
        values = read()
        return cls(
            host=values["HOST"],
            port=int(values["PORT"]),
            database_url=values["DATABASE_URL"],
            max_connections=int(values["DATABASE_MAX_CONNS"]),
            idle_connections=max(1, int(values["DATABASE_IDLE_CONNS"])),
            redis_url=values["REDIS_URL"],
            cache_ttl=int(values["CACHE_TTL"]),
            session_timeout=int(values["SESSION_TIMEOUT"]),
            cookie_secure=values["SESSION_COOKIE_SECURE"] == "true",
            cookie_httponly=values["SESSION_COOKIE_HTTPONLY"] == "true",
            metrics=values["PROMETHEUS_ENABLED"] == "true",
            log_level=values["LOG_LEVEL"],
        )
