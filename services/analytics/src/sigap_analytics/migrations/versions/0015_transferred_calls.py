"""Calls that another regency handed over."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Json

revision = "0015"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "transferred_calls",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("hour", sa.SmallInteger),
        sa.Column("outcome", sa.String, nullable=False),
    )
    op.create_index("transferred_calls_of_regency", "transferred_calls", ["regency", "day", "drill"])
    op.create_index("transferred_calls_by_day", "transferred_calls", ["day", "drill"])
