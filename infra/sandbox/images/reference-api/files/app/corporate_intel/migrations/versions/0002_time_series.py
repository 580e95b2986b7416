"""What is measured over time: prices, financial metrics, earnings.

Where TimescaleDB is loaded, the first two become hypertables with a retention policy, and prices get a continuous
aggregate. Elsewhere they are plain tables, with the same columns and the same answers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Decided by the database itself, so that the SQL of a dry run decides the same way.
TIMESCALE = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
     OR NOT 'timescaledb' = ANY (string_to_array(replace(current_setting('shared_preload_libraries'), ' ', ''), ','))
  THEN
    RAISE NOTICE 'TimescaleDB is not loaded: market_data and financial_metrics stay plain tables';
    RETURN;
  END IF;
  CREATE EXTENSION IF NOT EXISTS timescaledb;
  PERFORM create_hypertable('market_data', 'observed_at', chunk_time_interval => interval '7 days');
  PERFORM create_hypertable('financial_metrics', 'observed_at', chunk_time_interval => interval '90 days');
  PERFORM add_retention_policy('market_data', interval '2 years');
  PERFORM add_retention_policy('financial_metrics', interval '10 years');
  EXECUTE $view$
    CREATE MATERIALIZED VIEW market_data_weekly WITH (timescaledb.continuous) AS
    SELECT company_id, time_bucket(interval '7 days', observed_at) AS week,
           min(close) AS lowest, max(close) AS highest, sum(volume) AS volume
    FROM market_data GROUP BY company_id, week WITH NO DATA
  $view$;
  PERFORM add_continuous_aggregate_policy('market_data_weekly',
    start_offset => interval '28 days', end_offset => interval '1 hour', schedule_interval => interval '1 hour');
END
$$
"""


def _company() -> sa.Column:
    return sa.Column(
        "company_id", sa.BigInteger, sa.ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True, nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "market_data",
        _company(),
        sa.Column("observed_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("open", sa.Numeric(18, 4), nullable=False),
        sa.Column("close", sa.Numeric(18, 4), nullable=False),
        sa.Column("volume", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "financial_metrics",
        _company(),
        sa.Column("metric", sa.Text, primary_key=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("value", sa.Numeric(24, 6), nullable=False),
    )
    op.create_table(
        "earnings",
        _company(),
        sa.Column("fiscal_quarter", sa.Text, primary_key=True),
        sa.Column("reported_on", sa.Date, nullable=False, index=True),
        sa.Column("eps", sa.Numeric(12, 4)),
        sa.Column("revenue", sa.Numeric(24, 2)),
    )
    op.execute(TIMESCALE)


def downgrade() -> None:
    op.execute("DROP MATERIALIZED VIEW IF EXISTS market_data_weekly")
    op.drop_table("earnings")
    op.drop_table("financial_metrics")
    op.drop_table("market_data")
