"""Adds the table of referrals of non-emergency reports."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("number", sa.String, nullable=False, unique=True),
        sa.Column("call_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("receiver", sa.String),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("opened_at", Utc, nullable=False),
        sa.Column("erase_at", Utc),
    )
    op.create_index("referrals_newest", "referrals", ["regency", "opened_at", "id"])
    _partial("referrals_open", ["regency", "opened_at", "id"], "state <> 'closed'")
    _partial("referrals_erase", ["erase_at"], "erase_at IS NOT NULL")


def _partial(name: str, columns: list[str], only: str) -> None:
    where = sa.text(only)
    op.create_index(name, "referrals", columns, sqlite_where=where, postgresql_where=where)
