"""Whose matter an alarm is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("alarms", sa.Column("agency", sa.String))
