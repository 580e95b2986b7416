"""Search in companies' names by any part of them."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE INDEX ix_companies_name_trigrams ON companies USING gin (name gin_trgm_ops)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_companies_name_trigrams")
    op.execute("DROP EXTENSION pg_trgm")
