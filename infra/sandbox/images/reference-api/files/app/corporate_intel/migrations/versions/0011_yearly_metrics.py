"""Metrics by year, added up ahead of being asked. Only where TimescaleDB has made a hypertable of them."""

from alembic import op

revision = "0011"
down_revision = "0010"

YEARLY = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    RAISE NOTICE 'TimescaleDB is not loaded: no yearly metrics are kept';
    RETURN;
  END IF;
  EXECUTE $view$
    CREATE MATERIALIZED VIEW financial_metrics_yearly WITH (timescaledb.continuous) AS
    SELECT company_id, metric, time_bucket(interval '365 days', observed_at) AS year,
           avg(value) AS mean, min(value) AS lowest, max(value) AS highest
    FROM financial_metrics GROUP BY company_id, metric, year WITH NO DATA
  $view$;
  PERFORM add_continuous_aggregate_policy('financial_metrics_yearly',
    start_offset => interval '1095 days', end_offset => interval '1 day', schedule_interval => interval '1 day');
END
$$
"""


def upgrade() -> None:
    op.execute(YEARLY)


def downgrade() -> None:
    op.execute("DROP MATERIALIZED VIEW IF EXISTS financial_metrics_yearly")
