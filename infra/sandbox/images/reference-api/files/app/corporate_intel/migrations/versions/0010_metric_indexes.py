"""Metrics by company over time (space and time), and by metric over all companies.

Prices need no such index: their primary key is company and time.
"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_financial_metrics_company_observed_at ON financial_metrics (company_id, observed_at DESC)"
    )
    op.execute("CREATE INDEX ix_financial_metrics_metric_observed_at ON financial_metrics (metric, observed_at DESC)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_financial_metrics_metric_observed_at")
    op.execute("DROP INDEX ix_financial_metrics_company_observed_at")
