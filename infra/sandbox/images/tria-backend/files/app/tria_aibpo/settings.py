"""The 30 variables of the deployment guide, under their own names.

None has a default: one that is not set is a mistake of the deployment. Every mistake is reported at once, by name and
with what was wanted. Values are never printed, since some of them are secrets. Those that are optional for staging are
set all the same, to nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, constr, root_validator, validator

Port = Field(..., ge=1, le=65535)
Text = Field(..., min_length=1)
MEMORY = r"^[1-9][0-9]*(kB|MB|GB)$"

#: What the guide's own text has where a value belongs (C-SEC-3).
PLACEHOLDERS = ("CHANGE_THIS", "YOUR_", "sk-...")
XERO = ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "XERO_REFRESH_TOKEN", "XERO_TENANT_ID")


class InvalidSettings(Exception):
    """One line for each variable that is missing or malformed."""


class Settings(BaseModel):
    ENVIRONMENT: constr(regex=r"^[a-z][a-z0-9-]*$")

    DATABASE_URL: SecretStr
    POSTGRES_USER: str = Text
    POSTGRES_PASSWORD: SecretStr = Text
    POSTGRES_DB: str = Text
    #: Where the host publishes the database. Inside, the address says where it is.
    POSTGRES_PORT: int = Port
    POSTGRES_SHARED_BUFFERS: constr(regex=MEMORY)
    POSTGRES_EFFECTIVE_CACHE_SIZE: constr(regex=MEMORY)
    POSTGRES_WORK_MEM: constr(regex=MEMORY)
    POSTGRES_MAINTENANCE_WORK_MEM: constr(regex=MEMORY)

    REDIS_HOST: str = Text
    REDIS_PORT: int = Port
    REDIS_PASSWORD: SecretStr = Text
    REDIS_DB: int = Field(..., ge=0, le=15)
    REDIS_MAX_MEMORY: constr(regex=r"^[1-9][0-9]*(kb|mb|gb)$")

    OPENAI_API_KEY: SecretStr
    OPENAI_MODEL: str = Text
    OPENAI_TEMPERATURE: float = Field(..., ge=0, le=2)
    OPENAI_MAX_TOKENS: int = Field(..., ge=1)

    XERO_CLIENT_ID: SecretStr
    XERO_CLIENT_SECRET: SecretStr
    XERO_REFRESH_TOKEN: SecretStr
    XERO_TENANT_ID: SecretStr
    XERO_SALES_ACCOUNT_CODE: constr(regex=r"^[0-9]{1,10}$")
    XERO_TAX_TYPE: constr(regex=r"^[A-Z0-9]+$")

    TAX_RATE: float = Field(..., ge=0, le=1)
    CUTOFF_TIME: constr(regex=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    ENABLE_METRICS: bool
    SENTRY_DSN: SecretStr
    DEPLOYMENT_SIZE: Literal["small", "medium", "large"]

    class Config:
        allow_mutation = False

    @validator("POSTGRES_PASSWORD", "REDIS_PASSWORD", "OPENAI_API_KEY", *XERO)
    def _is_no_placeholder(cls, value: SecretStr) -> SecretStr:
        if any(text in value.get_secret_value() for text in PLACEHOLDERS):
            raise ValueError("want a value of its own in place of the guide's placeholder")
        return value

    @validator("OPENAI_API_KEY")
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith("sk-") or len(value.get_secret_value()) < 8:
            raise ValueError("want a key that begins with sk-")
        return value

    @validator("SENTRY_DSN")
    def _is_empty_or_an_address(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and urlsplit(value.get_secret_value()).scheme not in ("http", "https"):
            raise ValueError("want an http(s) address, or nothing to leave error reports off")
        return value

    @root_validator
    def _xero_is_whole(cls, values: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in XERO if name in values and values[name].get_secret_value()]
        if given and len(given) < len(XERO):
            raise ValueError(f"{', '.join(name for name in XERO if name not in given)}: empty; want all four or none")
        return values

    @root_validator
    def _database_url_agrees(cls, values: dict[str, Any]) -> dict[str, Any]:
        parts = [values.get(name) for name in ("DATABASE_URL", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB")]
        if None in parts:
            return values  # one of them is wrong by itself, which is said already
        url = urlsplit(parts[0].get_secret_value())
        expected = ("postgresql", parts[1], parts[2].get_secret_value(), f"/{parts[3]}")
        found = (url.scheme, unquote(url.username or ""), unquote(url.password or ""), url.path)
        if found != expected:
            raise ValueError("DATABASE_URL: does not agree with POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB")
        return values


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings, or InvalidSettings with every missing or malformed variable."""
    given = {name: environ[name] for name in Settings.__fields__ if name in environ}
    try:
        return Settings.parse_obj(given)
    except ValidationError as error:
        raise InvalidSettings("\n".join(dict.fromkeys(map(_line, error.errors())))) from None


def _line(problem: dict[str, Any]) -> str:
    name = str(problem["loc"][0])
    if name == "__root__":
        return str(problem["msg"])
    return f"{name}: {'not set' if problem['type'] == 'value_error.missing' else problem['msg']}"
