"""Adds how often a unit was taken over by mergers since its agency named it. Of those that work now it is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("units", sa.Column("times_taken_over", sa.Integer))
