"""Records of what lies in the object store, and of where the data came from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _stored(*more: sa.Column) -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        *more,
    )


def upgrade() -> None:
    op.create_table("documents", *_stored(sa.Column("uploaded_by", sa.Text, nullable=False, index=True)))
    op.create_table("reports", *_stored(sa.Column("period", sa.Text, index=True)))
    op.create_table(
        "ingestion_runs",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("rows", sa.BigInteger),
    )
    op.create_index("ix_ingestion_runs_source_started_at", "ingestion_runs", ["source", "started_at"])


def downgrade() -> None:
    op.drop_table("ingestion_runs")
    op.drop_table("reports")
    op.drop_table("documents")
