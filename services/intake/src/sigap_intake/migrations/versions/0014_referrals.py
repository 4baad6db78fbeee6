"""Intake's own copy of referrals. It fills with the events that come from now on."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("caller_hash", sa.String, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("receiver", sa.String),
        sa.Column("opened_at", Utc, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("answered_at", Utc),
    )
    op.create_index("referrals_number", "referrals", ["regency", "caller_hash", "opened_at"])
    op.create_index("referrals_opened", "referrals", ["opened_at"])
