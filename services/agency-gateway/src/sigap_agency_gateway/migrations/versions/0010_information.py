"""Adds the column that says which copies are only information."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("forwardings", sa.Column("information", sa.Boolean, nullable=False, server_default=sa.false()))
