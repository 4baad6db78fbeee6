"""Adds the column with the agency that an alarm is about."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("alarms", sa.Column("agency", sa.String))
