"""Offers of calls to other regencies."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "call_transfers",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("to_regency", sa.String, nullable=False),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("offered_at", Utc, nullable=False),
    )
    for name, columns in (
        ("call", ["call_id"]),
        ("sent", ["regency", "offered_at", "id"]),
        ("received", ["to_regency", "offered_at", "id"]),
    ):
        op.create_index(f"call_transfers_{name}", "call_transfers", columns)
