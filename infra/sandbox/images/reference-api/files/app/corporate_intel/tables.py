"""The tables that the service itself reads and writes, as far as it does. Migrations make them."""

from __future__ import annotations

import sqlalchemy as sa

from .database import meta

companies = sa.Table(
    "companies",
    meta,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("ticker", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("website", sa.Text),  # since 1.1.0; read only by releases that have its migration
)
market_data = sa.Table(
    "market_data",
    meta,
    sa.Column("company_id", sa.BigInteger, primary_key=True),
    sa.Column("observed_at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("open", sa.Numeric),
    sa.Column("close", sa.Numeric),
    sa.Column("volume", sa.BigInteger),
)
financial_metrics = sa.Table(
    "financial_metrics",
    meta,
    sa.Column("company_id", sa.BigInteger, primary_key=True),
    sa.Column("metric", sa.Text, primary_key=True),
    sa.Column("observed_at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("value", sa.Numeric),
    sa.Column("unit", sa.Text),
)
users = sa.Table(
    "users",
    meta,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("username", sa.Text),
    sa.Column("role", sa.Text),
    sa.Column("password_hash", sa.Text),
)
documents = sa.Table(
    "documents",
    meta,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("size", sa.BigInteger),
    sa.Column("sha256", sa.Text),
    sa.Column("uploaded_by", sa.Text),
)
reports = sa.Table(
    "reports",
    meta,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("ticker", sa.Text),
    sa.Column("period", sa.Text),
    sa.Column("requested_by", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("size", sa.BigInteger),
    sa.Column("sha256", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
)
