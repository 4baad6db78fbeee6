"""Adds when a unit's agency named it last. Of those that were named before it is not known."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("units", sa.Column("claimed_at", Utc))
