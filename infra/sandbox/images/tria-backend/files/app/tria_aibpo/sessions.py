"""PostgreSQL: the sessions, and what was said in them."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

SCHEMA = """
CREATE TABLE IF NOT EXISTS chat_sessions (
  id text PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS chat_messages (
  id bigserial PRIMARY KEY,
  session_id text NOT NULL REFERENCES chat_sessions (id),
  question text NOT NULL,
  answer text NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS orders (
  number text PRIMARY KEY,
  status text NOT NULL,
  net numeric(12, 2) NOT NULL
);
"""

#: Two processes that make the tables at once wait for each other by this number.
LOCK = 7_320_001

#: libpq's own limits: a server that is gone without a word is given up.
CONNECT = {"connect_timeout": 2, "tcp_user_timeout": 2000, "keepalives_idle": 5}

SAMPLES = (("TR-1001", "shipped", "120.00"), ("TR-1002", "packed", "49.90"), ("TR-1003", "delivered", "310.50"))


class Sessions:
    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(
            url,
            pool_size=5,
            max_overflow=5,
            pool_timeout=2,
            pool_pre_ping=True,
            hide_parameters=True,  # errors are logged
            use_native_hstore=False,
            connect_args=CONNECT,
        )

    def prepare(self, patience_s: float = 0) -> None:
        """Makes what is missing. Waits so long for a database that is still starting."""
        until = time.monotonic() + patience_s
        while True:
            try:
                with self._engine.begin() as connection:
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                    connection.exec_driver_sql(SCHEMA)
                return
            except sa.exc.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.25)

    def ask(self) -> None:
        """Raises what is wrong, if the database does not answer."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 2000; SELECT 1")

    def remember(self, session: str, question: str, answer: str) -> int:
        """Keeps a message; how many the session has now."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 5000")
            connection.execute(
                sa.text("INSERT INTO chat_sessions (id) VALUES (:id) ON CONFLICT DO NOTHING"), {"id": session}
            )
            row = {"session": session, "question": question, "answer": answer}
            connection.execute(
                sa.text(
                    "INSERT INTO chat_messages (session_id, question, answer) VALUES (:session, :question, :answer)"
                ),
                row,
            )
            counted = sa.text("SELECT count(*) FROM chat_messages WHERE session_id = :id")
            return int(connection.execute(counted, {"id": session}).scalar_one())

    def load_samples(self) -> int:
        """Sample orders, for trying out; how many there are."""
        self.prepare()
        with self._engine.begin() as connection:
            for number, status, net in SAMPLES:
                connection.execute(
                    sa.text("INSERT INTO orders VALUES (:number, :status, :net) ON CONFLICT DO NOTHING"),
                    {"number": number, "status": status, "net": net},
                )
            return int(connection.execute(sa.text("SELECT count(*) FROM orders")).scalar_one())

    def order(self, number: str) -> dict[str, Any] | None:
        with self._engine.begin() as connection:
            found = connection.execute(sa.text("SELECT * FROM orders WHERE number = :n"), {"n": number}).mappings()
            row = found.one_or_none()
            return None if row is None else {**row, "net": float(row["net"])}

    def close(self) -> None:
        self._engine.dispose()
