"""Where a company is found. Only adds: releases before this one go on working on the schema it leaves."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("companies", sa.Column("website", sa.Text))
    op.execute("UPDATE companies SET website = 'https://www.' || lower(ticker) || '.example' WHERE website IS NULL")


def downgrade() -> None:
    op.drop_column("companies", "website")
