"""Which numbers reported incidents that were closed lately. It fills with the events that come from now on."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0020"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "lately_closed",
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("call_id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("caller_hash", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("incident_type", sa.String),
        sa.Column("protected", sa.Boolean, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("closed_at", Utc, nullable=False),
        sa.Column("reopen_until", Utc, nullable=False),
    )
    op.create_index("lately_closed_number", "lately_closed", ["regency", "caller_hash"])
    op.create_index("lately_closed_over", "lately_closed", ["reopen_until"])
