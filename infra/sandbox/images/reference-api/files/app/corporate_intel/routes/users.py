"""Signing in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field, SecretStr

from ..auth import password_matches
from ..service import Service, service_of, signed_in, within_limit
from ..tables import users

router = APIRouter(prefix="/api/v1/auth", dependencies=[Depends(within_limit)])


class Credentials(BaseModel):
    username: str = Field(..., min_length=1, max_length=100)
    password: SecretStr = Field(..., min_length=1, max_length=200)


@router.post("/login")
def login(credentials: Credentials, service: Service = Depends(service_of)) -> dict[str, Any]:
    statement = sa.select(users.c.password_hash).where(users.c.username == credentials.username)
    with service.database.begin() as connection:
        stored = connection.execute(statement).scalar_one_or_none()
    if not password_matches(credentials.password.get_secret_value(), stored):
        raise HTTPException(401, "wrong user name or password", headers={"WWW-Authenticate": "Bearer"})
    token = service.tokens.issue(credentials.username)
    return {"access_token": token, "token_type": "bearer", "expires_in": service.tokens.seconds}


@router.get("/me")
def me(username: str = Depends(signed_in), service: Service = Depends(service_of)) -> dict[str, Any]:
    with service.database.begin() as connection:
        row = connection.execute(sa.select(users.c.role).where(users.c.username == username)).one_or_none()
    if row is None:
        raise HTTPException(401, "this user is gone")
    return {"username": username, "role": row.role}
