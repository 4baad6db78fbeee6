"""Referrals of non-emergency reports."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Json

revision = "0011"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("hour", sa.SmallInteger),
        sa.Column("outcome", sa.String, nullable=False),
    )
    op.create_index("referrals_of_regency", "referrals", ["regency", "day", "drill"])
    op.create_index("referrals_by_day", "referrals", ["day", "drill"])
