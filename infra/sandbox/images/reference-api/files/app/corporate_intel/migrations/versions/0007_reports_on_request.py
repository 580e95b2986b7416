"""Reports that a user asks for, and a worker writes: who asked, what about, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Whoever lists reports already goes on seeing whole ones: what is new has a default or may be empty.
    op.add_column("reports", sa.Column("ticker", sa.Text))
    op.add_column("reports", sa.Column("requested_by", sa.Text))
    op.add_column("reports", sa.Column("status", sa.Text, nullable=False, server_default="done"))
    op.add_column("reports", sa.Column("finished_at", sa.DateTime(timezone=True)))
    # A report that is still to be written has neither.
    op.alter_column("reports", "size", nullable=True)
    op.alter_column("reports", "sha256", nullable=True)
    op.create_check_constraint("ck_reports_status", "reports", "status IN ('queued', 'done', 'failed')")


def downgrade() -> None:
    op.execute("DELETE FROM reports WHERE size IS NULL OR sha256 IS NULL")
    op.drop_constraint("ck_reports_status", "reports")
    op.alter_column("reports", "sha256", nullable=False)
    op.alter_column("reports", "size", nullable=False)
    for column in ("finished_at", "status", "requested_by", "ticker"):
        op.drop_column("reports", column)
