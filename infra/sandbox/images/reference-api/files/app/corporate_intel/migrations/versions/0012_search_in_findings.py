"""Search in what is known of rivals by any part of the text."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_competitive_intelligence_finding_trigrams "
        "ON competitive_intelligence USING gin (finding gin_trgm_ops)"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_competitive_intelligence_finding_trigrams")
