"""The incident into which an incident was merged. No incident that was heard of before was merged."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("merged_into", sa.Uuid))
    op.create_index("ix_incidents_merged_into", "incidents", ["merged_into"])
