"""Swaps: whether a duty was offered to everybody, also once somebody has taken it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    # Of offers that are over nobody asks any more; of those that are open `to_staff_id` still tells it.
    op.add_column("swaps", sa.Column("for_anybody", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE swaps SET for_anybody = true WHERE state = 'offered' AND to_staff_id IS NULL")
