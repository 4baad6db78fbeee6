"""Calendar links of staff."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "calendar_links",
        sa.Column("staff_id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("secret_hash", sa.String, nullable=False),
        sa.Column("made_at", Utc, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
    )
    op.create_index("calendar_links_by_secret", "calendar_links", ["secret_hash"], unique=True)
