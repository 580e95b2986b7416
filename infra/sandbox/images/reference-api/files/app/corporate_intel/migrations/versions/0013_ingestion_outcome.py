"""How a run of the ingestion ended: nothing while it goes on, then whether it succeeded, and why not."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("ingestion_runs", sa.Column("succeeded", sa.Boolean))
    op.add_column("ingestion_runs", sa.Column("failure", sa.Text))


def downgrade() -> None:
    op.drop_column("ingestion_runs", "failure")
    op.drop_column("ingestion_runs", "succeeded")
