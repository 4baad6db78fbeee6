"""For which alarms the duty telephones have rung."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "rung_alarms",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("rung_at", Utc, nullable=False),
    )
    op.create_index("ix_rung_alarms_rung_at", "rung_alarms", ["rung_at"])
