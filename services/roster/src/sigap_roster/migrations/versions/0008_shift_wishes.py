"""Wishes for single shifts, with a weight."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("absences", sa.Column("shift", sa.String))
    op.add_column("absences", sa.Column("weight", sa.Integer, nullable=False, server_default="1"))
