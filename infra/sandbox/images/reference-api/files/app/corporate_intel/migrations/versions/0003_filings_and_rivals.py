"""What companies file, and what is known of their rivals."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _company(name: str = "company_id") -> sa.Column:
    return sa.Column(name, sa.BigInteger, sa.ForeignKey("companies.id", ondelete="CASCADE"), nullable=False, index=True)


def upgrade() -> None:
    op.create_table(
        "sec_filings",
        sa.Column("accession_number", sa.Text, primary_key=True),
        _company(),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("filed_on", sa.Date, nullable=False),
        sa.Column("object_name", sa.Text, comment="in the bucket of documents"),
    )
    op.create_index("ix_sec_filings_form_filed_on", "sec_filings", ["form", "filed_on"])
    op.create_table(
        "competitive_intelligence",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _company(),
        _company("rival_id"),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("finding", sa.Text, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("company_id <> rival_id", name="ck_competitive_intelligence_two_companies"),
    )


def downgrade() -> None:
    op.drop_table("competitive_intelligence")
    op.drop_table("sec_filings")
