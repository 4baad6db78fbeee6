"""Creates the frame's tables, and those of incidents, regencies, alarms and accounts."""

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import create_mechanism_tables
from sigap_common.database import Json, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_mechanism_tables()
    _incidents()
    _regencies()
    op.create_table(
        "alarms",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.Column("label", sa.String),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("raised_at", Utc, nullable=False),
        sa.Column("cleared_at", Utc),
    )
    _partial("alarms_standing", "alarms", ["raised_at", "id"], "cleared_at IS NULL")
    op.create_table(
        "accounts",
        sa.Column("username", sa.String, primary_key=True),
        sa.Column("password_hash", sa.String, nullable=False),
        sa.Column("name", sa.String),
        sa.Column("roles", Json, nullable=False),
        sa.Column("regencies", Json, nullable=False),
        sa.Column("agency", sa.String),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
    )


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("number", sa.String, nullable=False, unique=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("backfilled", sa.Boolean, nullable=False),
        sa.Column("incident_type", sa.String),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("due_at", Utc),
    )
    op.create_index("incidents_newest", "incidents", ["created_at", "id"])
    op.create_index("incidents_of_regency", "incidents", ["regency", "created_at", "id"])
    op.create_index("incidents_state", "incidents", ["state", "regency", "created_at", "id"])
    _partial("incidents_open", "incidents", ["regency", "created_at", "id"], "is_open")
    _partial("incidents_due", "incidents", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "incident_calls",
        sa.Column("call_id", sa.Uuid, primary_key=True),
        sa.Column("incident_id", sa.Uuid, primary_key=True, index=True),
        sa.Column("report", sa.Integer, nullable=False),
        sa.Column("leads", sa.Boolean, nullable=False),
    )
    _partial("incident_calls_lead", "incident_calls", ["call_id"], "leads", unique=True)
    op.create_table(
        "forwardings",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("incident_id", sa.Uuid, nullable=False, index=True),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("delivered_at", Utc),
        sa.Column("delivered_by", sa.String),
        sa.Column("delivered_revision", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", Utc),
        sa.Column("failure", sa.String),
    )
    op.create_table(
        "counters",
        sa.Column("regency", sa.String, primary_key=True),
        sa.Column("series", sa.String, primary_key=True),
        sa.Column("day", sa.String, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _regencies() -> None:
    op.create_table(
        "configurations",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("prefix", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("time_zone", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("configured_at", Utc, nullable=False),
    )
    op.create_table(
        "packs",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("pack", sa.Text, nullable=False),
        sa.Column("configured_at", Utc, nullable=False),
        sa.Column("configured_by", sa.String),
    )
    op.create_table(
        "regency_answers",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("service", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("applied", sa.Boolean, nullable=False),
        sa.Column("complaints", Json, nullable=False),
        sa.Column("answered_at", Utc, nullable=False),
    )


def _partial(name: str, table: str, columns: list[str], only: str, *, unique: bool = False) -> None:
    where = sa.text(only)
    op.create_index(name, table, columns, unique=unique, postgresql_where=where, sqlite_where=where)
