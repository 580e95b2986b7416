"""A little data to look at: ten companies with a month of invented prices, and five users who cannot sign in yet."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        """
        INSERT INTO companies (ticker, name, category) VALUES
          ('AAPL', 'Apple Inc.', 'Technology'), ('AMZN', 'Amazon.com, Inc.', 'Consumer'),
          ('CAT', 'Caterpillar Inc.', 'Industry'), ('GOOGL', 'Alphabet Inc.', 'Technology'),
          ('JNJ', 'Johnson & Johnson', 'Health'), ('JPM', 'JPMorgan Chase & Co.', 'Finance'),
          ('MSFT', 'Microsoft Corporation', 'Technology'), ('NVDA', 'NVIDIA Corporation', 'Technology'),
          ('TSLA', 'Tesla, Inc.', 'Consumer'), ('XOM', 'Exxon Mobil Corporation', 'Energy')
        """
    )
    op.execute(
        """
        INSERT INTO market_data (company_id, observed_at, open, close, volume)
        SELECT id, day, 100 + 10 * id + sin(id + n), 100 + 10 * id + sin(id + n + 1), 1000000 + 1000 * n
        FROM companies, generate_series(0, 29) AS n,
          LATERAL (SELECT date_trunc('day', now()) - n * interval '1 day' AS day) AS past
        """
    )
    op.execute(
        """
        INSERT INTO users (username, role) VALUES
          ('admin', 'admin'), ('analyst', 'analyst'), ('auditor', 'viewer'), ('ingest', 'service'), ('viewer', 'viewer')
        """
    )


def downgrade() -> None:
    op.execute("DELETE FROM users WHERE username IN ('admin', 'analyst', 'auditor', 'ingest', 'viewer')")
    op.execute(
        "DELETE FROM companies WHERE ticker IN ('AAPL','AMZN','CAT','GOOGL','JNJ','JPM','MSFT','NVDA','TSLA','XOM')"
    )
