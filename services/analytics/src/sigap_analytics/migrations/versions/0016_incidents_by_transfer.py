"""Which incidents were taken over from another regency. Of those from before nobody told it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("by_transfer", sa.Boolean, nullable=False, server_default=sa.false()))
