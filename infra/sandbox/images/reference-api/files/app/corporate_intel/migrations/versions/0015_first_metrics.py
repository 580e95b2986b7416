"""A year of invented metrics for each company, so that there is something to ask for."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute(
        """
        INSERT INTO financial_metrics (company_id, metric, observed_at, value, unit)
        SELECT id, metric, quarter, (1000000 + 1000 * id) * share * (1 + n * 0.02), 'USD'
        FROM companies, generate_series(0, 3) AS n,
          (VALUES ('revenue', 1.0), ('net_income', 0.12), ('free_cash_flow', 0.1)) AS known (metric, share),
          LATERAL (SELECT date_trunc('quarter', now()) - n * interval '3 months' AS quarter) AS past
        ON CONFLICT DO NOTHING
        """
    )


def downgrade() -> None:
    op.execute("DELETE FROM financial_metrics WHERE metric IN ('revenue', 'net_income', 'free_cash_flow')")
