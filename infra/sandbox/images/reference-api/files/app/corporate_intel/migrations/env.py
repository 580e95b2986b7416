"""How Alembic runs the migrations: one process at a time, and upwards all in one transaction."""

import sqlalchemy as sa
from alembic import context
from corporate_intel.migrations.history import History, Undone

#: Any number will do, as long as nothing else in the database takes a lock of the same one.
LOCK = 7_461_820

config = context.config

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()
else:
    with config.attributes["engine"].connect() as connection:
        # TimescaleDB 2.13 takes the server down when one transaction deletes rows of a table that has a continuous
        # aggregate and then drops both. So a way back is one transaction a step; the way up is one for all.
        back = config.attributes["back"]
        history = History(connection, context.script, config.attributes["tell"])
        context.configure(connection=connection, transaction_per_migration=back, on_version_apply=history.applied)
        # Held until the connection ends.
        connection.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        if back:
            with connection.begin():
                history.begin()
        with context.begin_transaction():
            if not back:
                history.begin()
            context.run_migrations()
            if config.attributes["fail"]:
                raise RuntimeError("FAULT_MIGRATION is set: this migration fails after its last step")
            if config.attributes["dry_run"]:
                raise Undone
