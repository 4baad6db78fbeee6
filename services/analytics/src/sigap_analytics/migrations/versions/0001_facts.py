"""Creates the frame's tables, and one table for each kind of fact."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import create_mechanism_tables
from sigap_common.database import Json, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_mechanism_tables()
    _dated(
        "calls",
        sa.Column("channel", sa.String),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("backfilled", sa.Boolean, nullable=False),
        sa.Column("waited_ms", sa.BigInteger),
    )
    _dated(
        "incidents",
        sa.Column("kind", sa.String),
        sa.Column("protected", sa.Boolean, nullable=False),
        sa.Column("backfilled", sa.Boolean, nullable=False),
        sa.Column("answered_at", Utc),
        sa.Column("corrected_at", Utc),
    )
    _create_forwardings()
    _dated(
        "duties",
        sa.Column("roster_id", sa.Uuid),
        sa.Column("published", sa.Integer),
        sa.Column("starts_at", Utc),
    )
    _dated("attendances", sa.Column("started_at", Utc))
    _facts("rosters", sa.Column("published", sa.Integer))


def _create_forwardings() -> None:
    _dated(
        "forwardings",
        sa.Column("incident_id", sa.Uuid),
        sa.Column("agency", sa.String),
        sa.Column("alarm_level", sa.SmallInteger),
        sa.Column("protected", sa.Boolean, nullable=False),
        sa.Column("backfilled", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("missed", sa.Boolean, nullable=False),
        sa.Column("forwarded_at", Utc),
        sa.Column("withdrawn_at", Utc),
        sa.Column("acknowledged_ms", sa.BigInteger),
    )
    op.create_index("ix_forwardings_incident_id", "forwardings", ["incident_id"])
    _dated(
        "deliveries",
        sa.Column("forwarding_id", sa.Uuid),
        sa.Column("channel", sa.String),
        sa.Column("delivered_at", Utc),
    )
    op.create_index("deliveries_of_forwarding", "deliveries", ["forwarding_id", "delivered_at"])


def _facts(name: str, *columns: "sa.Column[Any]") -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("told", Json, nullable=False),
        *columns,
    )


def _dated(name: str, *columns: "sa.Column[Any]") -> None:
    _facts(name, sa.Column("day", sa.Date), sa.Column("hour", sa.SmallInteger), *columns)
    op.create_index(f"{name}_of_regency", name, ["regency", "day", "drill"])
    op.create_index(f"{name}_by_day", name, ["day", "drill"])
