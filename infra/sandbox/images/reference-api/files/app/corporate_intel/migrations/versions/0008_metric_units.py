"""What a financial metric is counted in."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("financial_metrics", sa.Column("unit", sa.Text, nullable=False, server_default="USD"))


def downgrade() -> None:
    op.drop_column("financial_metrics", "unit")
