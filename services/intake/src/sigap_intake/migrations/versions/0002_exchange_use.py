"""Adds `exchange_use`: how many earlier calls had the same id of an exchange."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("calls", sa.Column("exchange_use", sa.Integer, nullable=False, server_default="0"))
    op.drop_index("calls_exchange", "calls")
    where = sa.text("exchange_id IS NOT NULL")
    columns = ["regency", "exchange_id", "exchange_use"]
    op.create_index("calls_exchange_use", "calls", columns, unique=True, postgresql_where=where, sqlite_where=where)
