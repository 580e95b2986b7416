"""All of the service's settings: the 35 variables of the deployment plan, under their own names, and what it may be
told beside them.

None of the 35 has a default: one that is not set is a mistake of the deployment. Every mistake is reported at once, by
name and with what was wanted. Values are never printed, since some of them are secrets.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, Field, Json, SecretStr, ValidationError, constr, root_validator, validator

BUCKET = r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
Port = Field(..., ge=1, le=65535)
Text = Field(..., min_length=1)
Kind = TypeVar("Kind", bound=BaseModel)


class InvalidSettings(Exception):
    """One line for each variable that is missing or malformed."""


class DatabaseSettings(BaseModel):
    """What a migration needs, and no more. Field names are the variables' names."""

    POSTGRES_HOST: str = Text
    POSTGRES_PORT: int = Port
    POSTGRES_USER: str = Text
    POSTGRES_PASSWORD: SecretStr = Text
    POSTGRES_DB: str = Text
    DATABASE_URL: SecretStr

    class Config:
        allow_mutation = False

    @root_validator
    def _database_url_agrees(cls, values: dict[str, Any]) -> dict[str, Any]:
        return _agree(
            values, "DATABASE_URL", ("postgresql",), "POSTGRES", values.get("POSTGRES_USER"), values.get("POSTGRES_DB")
        )


class CacheSettings(BaseModel):
    REDIS_HOST: str = Text
    REDIS_PORT: int = Port
    REDIS_PASSWORD: SecretStr = Text
    REDIS_DB: int = Field(..., ge=0, le=15)
    REDIS_URL: SecretStr

    class Config:
        allow_mutation = False

    @root_validator
    def _redis_url_agrees(cls, values: dict[str, Any]) -> dict[str, Any]:
        return _agree(values, "REDIS_URL", ("redis", "rediss"), "REDIS", "", str(values.get("REDIS_DB")))


class BrokerSettings(BaseModel):
    """RabbitMQ. Where no address is given, no report can be asked for."""

    CELERY_BROKER_URL: SecretStr | None = None
    CELERY_BROKER_CA_FILE: str | None = None
    CELERY_QUEUE: constr(regex=r"^[A-Za-z0-9._-]{1,100}$") = "reports"

    class Config:
        allow_mutation = False

    @validator("CELERY_BROKER_URL")
    def _is_rabbitmq(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and urlsplit(value.get_secret_value()).scheme not in ("amqp", "amqps"):
            raise ValueError("want an address that begins with amqp:// or amqps://")
        return value


class Settings(DatabaseSettings, CacheSettings, BrokerSettings):
    """All 35, and what a deployment may add."""

    ENVIRONMENT: constr(regex=r"^[a-z][a-z0-9-]*$")
    DEBUG: bool
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    SECRET_KEY: SecretStr = Field(..., min_length=32)

    MINIO_ENDPOINT: constr(regex=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$")
    MINIO_ACCESS_KEY: str = Field(..., min_length=3)
    MINIO_SECRET_KEY: SecretStr = Field(..., min_length=8)
    MINIO_USE_SSL: bool
    MINIO_BUCKET_DOCUMENTS: constr(regex=BUCKET)
    MINIO_BUCKET_REPORTS: constr(regex=BUCKET)

    ALPHA_VANTAGE_API_KEY: SecretStr = Text
    NEWSAPI_KEY: SecretStr = Text
    SEC_USER_AGENT: str

    OTEL_EXPORTER_OTLP_ENDPOINT: constr(regex=r"^https?://[^\s/]+")
    OTEL_SERVICE_NAME: str = Text
    OTEL_TRACES_ENABLED: bool
    SENTRY_DSN: SecretStr
    SENTRY_ENVIRONMENT: str = Text
    SENTRY_TRACES_SAMPLE_RATE: float = Field(..., ge=0, le=1)
    GRAFANA_PASSWORD: SecretStr = Text

    API_PORT: int = Port
    CORS_ORIGINS: Json[list[constr(regex=r"^https?://[^\s/*]+$")]]
    RATE_LIMIT_PER_MINUTE: int = Field(..., ge=1)
    SESSION_TIMEOUT_MINUTES: int = Field(..., ge=1)

    #: Of a pod, shared out among its processes.
    DB_POOL_SIZE: int = Field(10, ge=1)
    DB_MAX_OVERFLOW: int = Field(0, ge=0)
    DATABASE_READ_URL: SecretStr | None = None
    WEB_CONCURRENCY: int = Field(1, ge=1, le=64)
    WORKER_CONCURRENCY: int = Field(1, ge=1, le=64)
    WORKER_METRICS_PORT: int = Field(9808, ge=1, le=65535)

    @root_validator
    def _a_connection_for_each_process(cls, values: dict[str, Any]) -> dict[str, Any]:
        size, processes = values.get("DB_POOL_SIZE"), values.get("WEB_CONCURRENCY")
        if size is not None and processes is not None and size < processes:
            raise ValueError(f"DB_POOL_SIZE: want at least WEB_CONCURRENCY, {processes}: one for each process")
        return values

    @validator("SEC_USER_AGENT")
    def _names_a_contact(cls, value: str) -> str:
        if "@" not in value:
            raise ValueError("want a name and an e-mail address, which the SEC asks of every client")
        return value

    @validator("SENTRY_DSN")
    def _is_empty_or_an_address(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and urlsplit(value.get_secret_value()).scheme not in ("http", "https"):
            raise ValueError("want an http(s) address, or nothing to leave error reports off")
        return value

    @validator("DATABASE_READ_URL")
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and urlsplit(value.get_secret_value()).scheme.partition("+")[0] != "postgresql":
            raise ValueError("want an address that begins with postgresql://")
        return value


def _agree(
    values: dict[str, Any], name: str, schemes: tuple[str, ...], prefix: str, user: str | None, database: str | None
) -> dict[str, Any]:
    """An address that is given beside its parts must say the same as they do."""
    parts = {part: values.get(f"{prefix}_{part}") for part in ("HOST", "PORT", "PASSWORD")}
    if name not in values or None in (*parts.values(), user, database):
        return values  # one of them is wrong by itself, which is said already
    found = _parts(values[name].get_secret_value(), prefix)
    scheme = found.get("its scheme")
    expected = {
        "its scheme": scheme if scheme in schemes else schemes[0],
        f"{prefix}_HOST": parts["HOST"],
        f"{prefix}_PORT": parts["PORT"],
        f"{prefix}_PASSWORD": parts["PASSWORD"].get_secret_value(),
        f"{prefix}_USER": user,
        f"{prefix}_DB": database,
    }
    different = [part for part, value in expected.items() if found.get(part) != value]
    if different:
        raise ValueError(f"{name}: does not agree with {', '.join(different)}")
    return values


def _parts(address: str, prefix: str) -> dict[str, Any]:
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError:
        return {}
    return {
        "its scheme": url.scheme.partition("+")[0],
        f"{prefix}_HOST": url.hostname,
        f"{prefix}_PORT": port,
        f"{prefix}_PASSWORD": unquote(url.password or ""),
        f"{prefix}_USER": unquote(url.username or ""),
        f"{prefix}_DB": url.path.lstrip("/"),
    }


def read_settings(kind: type[Kind], environ: Mapping[str, str] = os.environ) -> Kind:
    """The settings, or InvalidSettings with every missing or malformed variable."""
    given = {name: environ[name] for name in kind.__fields__ if name in environ}
    try:
        return kind.parse_obj(given)
    except ValidationError as error:
        raise InvalidSettings("\n".join(dict.fromkeys(map(_line, error.errors())))) from None


def _line(problem: dict[str, Any]) -> str:
    name = str(problem["loc"][0])
    if name == "__root__":
        return str(problem["msg"])
    return f"{name}: {'not set' if problem['type'] == 'value_error.missing' else problem['msg']}"
