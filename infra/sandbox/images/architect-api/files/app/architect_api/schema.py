"""The schema, one step at a time. Steps only add, so that a release goes on working on the schema of the next one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

#: Name, what brings it, what takes it back.
STEPS: tuple[tuple[str, str, str], ...] = (
    (
        "0001_users",
        "CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL UNIQUE,"
        " password text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())",
        "DROP TABLE users",
    ),
    (
        "0002_events",
        "CREATE TABLE events (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), type text NOT NULL, source text NOT NULL,"
        " payload jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL DEFAULT clock_timestamp());"
        " CREATE INDEX events_by_source ON events (source, created_at DESC)",
        "DROP TABLE events",
    ),
    (
        "0003_errors",
        "CREATE TABLE errors (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), message text NOT NULL,"
        " source text NOT NULL, severity text NOT NULL, fingerprint text NOT NULL, status text NOT NULL DEFAULT 'open',"
        " created_at timestamptz NOT NULL DEFAULT clock_timestamp());"
        " CREATE INDEX errors_by_fingerprint ON errors (source, fingerprint)",
        "DROP TABLE errors",
    ),
    (
        "0004_notifications",
        "CREATE TABLE notifications (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),"
        " owner uuid NOT NULL REFERENCES users ON DELETE CASCADE, title text NOT NULL, body text NOT NULL,"
        " read boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL DEFAULT clock_timestamp())",
        "DROP TABLE notifications",
    ),
)

#: Tables in an order in which each refers only to those before it.
TABLES = ("users", "events", "errors", "notifications")

#: One migration at a time, whoever starts it.
LOCK = "SELECT pg_advisory_xact_lock(3202)"


def applied(connection: Connection) -> list[str]:
    """The steps that the database has, whether this release knows them or not."""
    if not sa.inspect(connection).has_table("schema_migrations"):
        return []
    return list(connection.execute(sa.text("SELECT name FROM schema_migrations ORDER BY name")).scalars())


def up(connection: Connection) -> list[str]:
    connection.execute(sa.text(LOCK))
    connection.execute(
        sa.text(
            "CREATE TABLE IF NOT EXISTS schema_migrations"
            " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
    )
    there = set(applied(connection))
    missing = [(name, bring) for name, bring, _ in STEPS if name not in there]
    for name, bring in missing:
        connection.exec_driver_sql(bring)
        connection.execute(sa.text("INSERT INTO schema_migrations (name) VALUES (:name)"), {"name": name})
    return [name for name, _ in missing]


def down(connection: Connection) -> list[str]:
    """Takes the last step back."""
    connection.execute(sa.text(LOCK))
    there = applied(connection)
    last = next(((name, back) for name, _, back in reversed(STEPS) if name in there), None)
    if last is None:
        return []
    connection.exec_driver_sql(last[1])
    connection.execute(sa.text("DELETE FROM schema_migrations WHERE name = :name"), {"name": last[0]})
    return [last[0]]


def pending(connection: Connection) -> list[str]:
    there = set(applied(connection))
    return [name for name, _, _ in STEPS if name not in there]
