"""The mechanisms' tables, and doors."""

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import create_mechanism_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_mechanism_tables()
    op.create_table(
        "doors",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("knocks", sa.Integer, nullable=False),
    )
