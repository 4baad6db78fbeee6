"""Adds which incidents were taken over from another regency. Of earlier ones this is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("by_transfer", sa.Boolean, nullable=False, server_default=sa.false()))
