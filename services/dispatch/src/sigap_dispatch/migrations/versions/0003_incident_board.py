"""Adds the columns from which the board shows an incident. Rows without a list entry are shown from their documents."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("list_form", sa.Integer, nullable=False, server_default="0"))
    op.add_column("incidents", sa.Column("list_version", sa.Integer, nullable=False, server_default="0"))
    op.add_column("incidents", sa.Column("list_entry", sa.Text))
    op.add_column("incidents", sa.Column("list_personal", sa.Text))
