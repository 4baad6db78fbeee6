"""Cells of a draft that the planner locked."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "locks",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("roster_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("shift", sa.String),
        sa.Column("locked_by", sa.String, nullable=False),
        sa.Column("locked_at", Utc, nullable=False),
    )
    op.create_index("locks_of_roster", "locks", ["roster_id", "id"])
    op.create_index("locks_by_day", "locks", ["day"])
