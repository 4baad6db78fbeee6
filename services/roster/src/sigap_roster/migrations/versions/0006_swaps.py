"""Swaps of duties between staff."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "swaps",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("roster_id", sa.Uuid, nullable=False),
        sa.Column("duty_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("shift", sa.String, nullable=False),
        sa.Column("to_staff_id", sa.Uuid),
        sa.Column("return_duty_id", sa.Uuid),
        sa.Column("return_day", sa.Date),
        sa.Column("return_shift", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("asked_at", Utc, nullable=False),
        sa.Column("decided_by", sa.String),
        sa.Column("decided_at", Utc),
    )
    op.create_index("swaps_of_regency", "swaps", ["regency", "id"])
    op.create_index("swaps_of_duty", "swaps", ["duty_id"])
    op.create_index("swaps_for_duty", "swaps", ["return_duty_id"])
    op.create_index("swaps_by_day", "swaps", ["day"])
