"""The other 490 companies of E-DATA-1, with a month of invented prices each, like the first ten have."""

from alembic import op
from corporate_intel.migrations.companies import COMPANIES
from sqlalchemy import BigInteger, Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import insert

revision = "0014"
down_revision = "0013"

#: As this migration sees it; the service's own table goes on changing.
companies = Table(
    "companies",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("ticker", Text),
    Column("name", Text),
    Column("category", Text),
)


def upgrade() -> None:
    # A company that somebody has entered already stays as it is.
    op.execute(insert(companies).values(COMPANIES).on_conflict_do_nothing(index_elements=["ticker"]))
    op.execute(
        """
        INSERT INTO market_data (company_id, observed_at, open, close, volume)
        SELECT id, day, 20 + id % 400 + sin(id + n), 20 + id % 400 + sin(id + n + 1), 1000000 + 1000 * n
        FROM companies, generate_series(0, 29) AS n,
          LATERAL (SELECT date_trunc('day', now()) - n * interval '1 day' AS day) AS past
        WHERE NOT EXISTS (SELECT FROM market_data WHERE company_id = companies.id)
        """
    )


def downgrade() -> None:
    op.execute(companies.delete().where(companies.c.ticker.in_([company["ticker"] for company in COMPANIES])))
