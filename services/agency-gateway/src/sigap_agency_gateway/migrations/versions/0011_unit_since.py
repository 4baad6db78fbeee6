"""Adds since when a unit works for its forwarding. Of those that work now it is not known."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("units", sa.Column("since", Utc))
