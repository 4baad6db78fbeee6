"""Adds the offers of incidents to other regencies, and which forwardings complete a transfer."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("to_regency", sa.String, nullable=False),
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("offered_at", Utc, nullable=False),
    )
    op.create_index("ix_transfers_incident_id", "transfers", ["incident_id"])
    op.create_index("transfers_from", "transfers", ["regency", "offered_at", "id"])
    op.create_index("transfers_to", "transfers", ["to_regency", "offered_at", "id"])
    op.add_column("forwardings", sa.Column("transfer_of", sa.Uuid))
