"""The units that agencies sent. Of those that were sent before, the times are not known here."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Json, Utc

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "units_sent",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.Column("forwarding_id", sa.Uuid),
        sa.Column("callsign", sa.String),
        sa.Column("en_route_at", Utc),
        sa.Column("on_scene_at", Utc),
        sa.Column("released_at", Utc),
        sa.Column("went_on", sa.Boolean, nullable=False),
    )
    op.create_index("ix_units_sent_forwarding_id", "units_sent", ["forwarding_id"])
