"""Adds the units of agencies, with what each does."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "units",
        sa.Column("agency", sa.String, primary_key=True),
        sa.Column("callsign", sa.String, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("since", Utc, nullable=False),
        sa.Column("incident_id", sa.Uuid),
        sa.Column("forwarding_id", sa.Uuid),
    )
    op.create_index("units_of_regency", "units", ["regency", "agency", "callsign"])
