"""Callbacks of dropped calls."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Json

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("hour", sa.SmallInteger),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("cut_off", sa.Boolean, nullable=False),
        sa.Column("sampled", sa.Boolean, nullable=False),
    )
    op.create_index("callbacks_of_regency", "callbacks", ["regency", "day", "drill"])
    op.create_index("callbacks_by_day", "callbacks", ["day", "drill"])
