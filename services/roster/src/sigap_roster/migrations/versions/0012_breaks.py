"""Unpaid breaks of duties, which do not count as working hours."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("duties", sa.Column("break_minutes", sa.Integer, nullable=False, server_default="0"))
