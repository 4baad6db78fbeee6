"""Which alarms stand, so that the duty telephones ring if the last person signs off meanwhile."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "standing_alarms",
        sa.Column("group_id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.Column("label", sa.String),
        sa.Column("since", Utc, nullable=False),
        sa.Column("rings_from", Utc, nullable=False),
        sa.Column("ringing", sa.Uuid, nullable=False),
        sa.Column("rung", sa.Boolean, nullable=False),
        sa.Column("heard_at", Utc, nullable=False, index=True),
    )
    unrung = sa.text("stands AND NOT rung")
    op.create_index(
        "standing_alarms_unrung", "standing_alarms", ["regency"], postgresql_where=unrung, sqlite_where=unrung
    )
