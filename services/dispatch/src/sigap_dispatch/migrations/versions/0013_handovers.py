"""Adds the table of handovers."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("giver", sa.String, nullable=False),
        sa.Column("receiver", sa.String, nullable=False),
        sa.Column("offered_at", Utc, nullable=False),
        sa.Column("due_at", Utc),
        sa.Column("erase_at", Utc),
    )
    op.create_index("handovers_newest", "handovers", ["regency", "offered_at", "id"])
    _partial("handovers_open", ["regency", "giver"], "state IN ('declined', 'offered')", unique=True)
    _partial("handovers_due", ["due_at"], "due_at IS NOT NULL")
    _partial("handovers_erase", ["erase_at"], "erase_at IS NOT NULL")


def _partial(name: str, columns: list[str], only: str, *, unique: bool = False) -> None:
    where = sa.text(only)
    op.create_index(name, "handovers", columns, unique=unique, sqlite_where=where, postgresql_where=where)
