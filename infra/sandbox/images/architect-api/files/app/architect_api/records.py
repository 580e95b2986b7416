"""Events, errors and notifications: rows of the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, Field

from .database import Database


class Event(BaseModel):
    type: str = Field(max_length=100)
    source: str = Field(max_length=200)
    payload: dict[str, Any] = {}


class Report(BaseModel):
    message: str = Field(max_length=2000)
    source: str = Field(max_length=200)
    severity: str = Field(regex="^(info|warning|critical)$")


class Notification(BaseModel):
    title: str = Field(max_length=200)
    body: str = Field(max_length=2000)


def routes(app: FastAPI, database: Database, signed_in: Callable[..., str]) -> None:
    def rows(query: str, **values: Any) -> list[dict[str, Any]]:
        with database.begin() as connection:
            return [dict(row._mapping) for row in connection.execute(sa.text(query), values)]

    def one(query: str, **values: Any) -> dict[str, Any]:
        found = rows(query, **values)
        if not found:
            raise HTTPException(404, "not there")
        return found[0]

    @app.post("/api/v1/events", status_code=201)
    def create_event(event: Event, _user: str = Depends(signed_in)) -> dict[str, Any]:
        query = (
            "INSERT INTO events (type, source, payload)"
            " VALUES (:type, :source, CAST(:payload AS jsonb)) RETURNING *"
        )
        return one(query, type=event.type, source=event.source, payload=json.dumps(event.payload))

    @app.get("/api/v1/events")
    def list_events(
        source: str | None = None,
        page: int = Query(1, ge=1),
        per_page: int = Query(20, ge=1, le=100),
        _user: str = Depends(signed_in),
    ) -> dict[str, Any]:
        # Cast, because a parameter that is null has no type of its own.
        where = "WHERE CAST(:source AS text) IS NULL OR source = :source"
        items = rows(
            f"SELECT * FROM events {where} ORDER BY created_at DESC, id LIMIT :most OFFSET :first",
            source=source,
            most=per_page,
            first=(page - 1) * per_page,
        )
        total = one(f"SELECT count(*) AS total FROM events {where}", source=source)["total"]
        return {"items": items, "page": page, "per_page": per_page, "total": total}

    @app.get("/api/v1/events/{number}")
    def get_event(number: UUID, _user: str = Depends(signed_in)) -> dict[str, Any]:
        return one("SELECT * FROM events WHERE id = :id", id=number)

    @app.delete("/api/v1/events/{number}", status_code=204, response_class=Response, response_model=None)
    def delete_event(number: UUID, _user: str = Depends(signed_in)) -> None:
        one("DELETE FROM events WHERE id = :id RETURNING id", id=number)

    @app.post("/api/v1/errors", status_code=201)
    def create_error(report: Report) -> dict[str, Any]:
        fingerprint = hashlib.sha256(f"{report.severity}\n{report.message}".encode()).hexdigest()[:16]
        query = (
            "INSERT INTO errors (message, source, severity, fingerprint)"
            " VALUES (:message, :source, :severity, :fingerprint) RETURNING *"
        )
        return one(query, **report.dict(), fingerprint=fingerprint)

    @app.get("/api/v1/errors/groups")
    def list_groups(source: str, _user: str = Depends(signed_in)) -> dict[str, Any]:
        query = (
            "SELECT fingerprint, min(message) AS message, count(*) AS count, max(created_at) AS last"
            " FROM errors WHERE source = :source GROUP BY fingerprint ORDER BY count DESC, fingerprint"
        )
        return {"items": rows(query, source=source)}

    @app.get("/api/v1/errors")
    def list_errors(source: str | None = None, _user: str = Depends(signed_in)) -> dict[str, Any]:
        query = (
            "SELECT * FROM errors WHERE CAST(:source AS text) IS NULL OR source = :source"
            " ORDER BY created_at DESC, id LIMIT 100"
        )
        return {"items": rows(query, source=source)}

    @app.post("/api/v1/errors/{number}/resolve")
    def resolve(number: UUID, _user: str = Depends(signed_in)) -> dict[str, Any]:
        return one("UPDATE errors SET status = 'resolved' WHERE id = :id RETURNING *", id=number)

    @app.post("/api/v1/notifications", status_code=201)
    def create_notification(given: Notification, user: str = Depends(signed_in)) -> dict[str, Any]:
        query = (
            "INSERT INTO notifications (owner, title, body)"
            " VALUES (CAST(:owner AS uuid), :title, :body) RETURNING *"
        )
        return one(query, owner=user, **given.dict())

    @app.get("/api/v1/notifications")
    def list_notifications(user: str = Depends(signed_in)) -> dict[str, Any]:
        query = "SELECT * FROM notifications WHERE owner = CAST(:owner AS uuid) ORDER BY created_at DESC, id LIMIT 100"
        return {"items": rows(query, owner=user)}

    @app.post("/api/v1/notifications/{number}/read")
    def mark(number: UUID, user: str = Depends(signed_in)) -> dict[str, Any]:
        query = "UPDATE notifications SET read = true WHERE id = :id AND owner = CAST(:owner AS uuid) RETURNING *"
        return one(query, id=number, owner=user)

    @app.delete("/api/v1/notifications/{number}", status_code=204, response_class=Response, response_model=None)
    def drop(number: UUID, user: str = Depends(signed_in)) -> None:
        query = "DELETE FROM notifications WHERE id = :id AND owner = CAST(:owner AS uuid) RETURNING id"
        one(query, id=number, owner=user)
