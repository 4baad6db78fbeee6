"""Intake's own copy of open incidents. It fills with the events that come from now on."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "open_incidents",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("incident_type", sa.String),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("protected", sa.Boolean, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("opened_at", Utc, nullable=False),
        sa.Column("cell", sa.String),
        sa.Column("coordinates", sa.Text),
    )
    op.create_index("open_incidents_near", "open_incidents", ["regency", "cell"])
    op.create_index("open_incidents_opened", "open_incidents", ["opened_at"])
    op.create_table(
        "open_incident_calls",
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("call_id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("caller_hash", sa.String, nullable=False),
    )
    op.create_index("open_incident_calls_number", "open_incident_calls", ["regency", "caller_hash"])
    op.create_table(
        "protected_callers",
        sa.Column("regency", sa.String, primary_key=True),
        sa.Column("caller_hash", sa.String, primary_key=True),
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("since", Utc, nullable=False),
    )
    op.create_index("protected_callers_since", "protected_callers", ["regency", "since"])
