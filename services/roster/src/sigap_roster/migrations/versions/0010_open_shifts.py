"""Open seats that staff take, and swaps between two rosters."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("swaps", sa.Column("return_roster_id", sa.Uuid))
    op.create_table(
        "pickups",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("roster_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("shift", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("asked_at", Utc, nullable=False),
        sa.Column("decided_by", sa.String),
        sa.Column("decided_at", Utc),
    )
    op.create_index("pickups_of_regency", "pickups", ["regency", "id"])
    op.create_index("pickups_of_roster", "pickups", ["roster_id"])
    op.create_index("pickups_by_day", "pickups", ["day"])
