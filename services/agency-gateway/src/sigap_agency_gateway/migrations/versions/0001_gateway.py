"""Creates the frame's tables, and the gateway's: forwardings, endpoints, deliveries and their attempts."""

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import create_mechanism_tables
from sigap_common.database import Utc

revision = "0001"
down_revision = None

PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    create_mechanism_tables()
    _forwardings()
    _endpoints()
    _deliveries()
    _attempts()


def _forwardings() -> None:
    op.create_table(
        "forwardings",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
    )
    op.create_index("ix_forwardings_incident_id", "forwardings", ["incident_id"])
    op.create_index("forwardings_of_agency", "forwardings", ["agency", "id"])
    op.create_index("forwardings_of_regency", "forwardings", ["regency", "id"])


def _endpoints() -> None:
    op.create_table(
        "endpoints",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("url", sa.String),
        sa.Column("secret_ref", sa.String),
        sa.Column("secret", sa.Text),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("disabled_reason", sa.String),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("changed_at", Utc, nullable=False),
    )
    op.create_index("endpoints_of_agency", "endpoints", ["agency", "name"], unique=True)
    op.create_index("endpoints_of_regency", "endpoints", ["regency", "id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("forwarding_id", sa.Uuid, sa.ForeignKey("forwardings.id"), nullable=False),
        sa.Column("endpoint_id", sa.Uuid, nullable=False),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("agency", sa.String, nullable=False),
        sa.Column("endpoint", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("urgent_by", Utc, nullable=False),
        sa.Column("acknowledge_by", Utc),
        sa.Column("due_at", Utc),
        sa.Column("share_until", Utc),
        sa.Column("failure_said", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("ended_at", Utc),
        sa.Column("error", sa.String),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("parcel", sa.Text),
        sa.Column("body", sa.LargeBinary),
    )
    once = ["forwarding_id", "endpoint_id", "revision", "kind"]
    op.create_index("deliveries_once", "deliveries", once, unique=True)
    op.create_index("deliveries_of_endpoint", "deliveries", ["endpoint_id", "id"])
    op.create_index("deliveries_of_agency", "deliveries", ["agency", "id"])
    op.create_index("deliveries_of_regency", "deliveries", ["regency", "id"])
    for name, columns in (
        ("deliveries_due", ["due_at"]),
        ("deliveries_share", ["share_until"]),
        ("deliveries_urgency", ["priority", "urgent_by", "id"]),
    ):
        op.create_index(name, "deliveries", columns, sqlite_where=PENDING, postgresql_where=PENDING)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("delivery_id", sa.Uuid, sa.ForeignKey("deliveries.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("started_at", Utc, nullable=False),
        sa.Column("ended_at", Utc, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.String),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("excerpt", sa.LargeBinary),
    )
