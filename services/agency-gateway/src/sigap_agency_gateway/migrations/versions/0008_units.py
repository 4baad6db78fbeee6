"""Adds the units of agencies, with the forwarding that each works for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "units",
        sa.Column("agency", sa.String, primary_key=True),
        sa.Column("callsign", sa.String, primary_key=True),
        sa.Column("forwarding_id", sa.Uuid),
        sa.Column("incident_number", sa.String),
    )
    op.create_index("units_of_forwarding", "units", ["forwarding_id"])
