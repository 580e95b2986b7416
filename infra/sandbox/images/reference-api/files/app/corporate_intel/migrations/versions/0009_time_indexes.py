"""What is newest of all that was measured. TimescaleDB made these indexes, so named, with the hypertables."""

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = ("market_data", "financial_metrics")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"CREATE INDEX IF NOT EXISTS {table}_observed_at_idx ON {table} (observed_at DESC)")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP INDEX {table}_observed_at_idx")
