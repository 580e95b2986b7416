"""Who may come in: users in the database, their sessions in Redis, each known by a cookie."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable

import sqlalchemy as sa
from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel, Field

from .cache import Cache
from .database import Database
from .settings import Settings

COOKIE = "architect_session"

#: Failed logins of one name within a minute, above which no more are tried.
MOST_FAILURES = 20

#: Cost, block size, parallelism of scrypt: some milliseconds.
COST = {"n": 2**12, "r": 8, "p": 1}


class Credentials(BaseModel):
    email: str = Field(regex=r"^[^@\s]+@[^@\s]+$", max_length=200)
    password: str = Field(min_length=8, max_length=200)


def hashed(password: str, salt: str) -> str:
    return f"{salt}${hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **COST).hex()}"


def routes(
    app: FastAPI, database: Database, cache: Cache, settings: Settings, token: Callable[[int], str]
) -> Callable[[Request], str]:
    """Adds what signs people in and out. Returns who tells whose request it is, or answers 401."""

    def signed_in(request: Request) -> str:
        session = request.cookies.get(COOKIE)
        user = cache.remembered(session) if session else None
        if user is None:
            raise HTTPException(401, "sign in first")
        return user

    @app.post("/api/v1/auth/register", status_code=201)
    def register(given: Credentials) -> dict[str, str]:
        password = hashed(given.password, secrets.token_hex(16))
        query = sa.text(
            "INSERT INTO users (email, password) VALUES (:email, :password) ON CONFLICT DO NOTHING RETURNING id"
        )
        with database.begin() as connection:
            made = connection.execute(query, {"email": given.email, "password": password}).scalar_one_or_none()
        if made is None:
            raise HTTPException(409, "that user is there already")
        return {"id": str(made), "email": given.email}

    @app.post("/api/v1/auth/login")
    def login(given: Credentials, response: Response) -> dict[str, str]:
        with database.begin() as connection:
            query = sa.text("SELECT id, password FROM users WHERE email = :email")
            found = connection.execute(query, {"email": given.email}).one_or_none()
        known = found is not None and hmac.compare_digest(
            found.password, hashed(given.password, found.password.split("$")[0])
        )
        if not known:
            often = cache.failed(given.email)
            raise HTTPException(429 if often > MOST_FAILURES else 401, "no such user, or another password")
        session = token(32)
        cache.remember(session, str(found.id), settings.session_timeout)
        response.set_cookie(
            COOKIE,
            session,
            max_age=settings.session_timeout,
            secure=settings.cookie_secure,
            httponly=settings.cookie_httponly,
            samesite="lax",
        )
        return {"id": str(found.id), "email": given.email}

    @app.post("/api/v1/auth/logout", status_code=204, response_class=Response, response_model=None)
    def logout(request: Request) -> None:
        signed_in(request)
        cache.forget(request.cookies[COOKIE])

    @app.get("/api/v1/auth/me")
    def me(request: Request) -> dict[str, str]:
        user = signed_in(request)
        with database.begin() as connection:
            query = sa.text("SELECT email FROM users WHERE id = :id")
            email = connection.execute(query, {"id": user}).scalar_one_or_none()
        if email is None:
            raise HTTPException(401, "that user is gone")
        return {"id": user, "email": email}

    @app.delete("/api/v1/auth/me", status_code=204, response_class=Response, response_model=None)
    def leave(request: Request) -> None:
        user = signed_in(request)
        with database.begin() as connection:
            connection.execute(sa.text("DELETE FROM users WHERE id = :id"), {"id": user})
        cache.forget(request.cookies[COOKIE])

    return signed_in
