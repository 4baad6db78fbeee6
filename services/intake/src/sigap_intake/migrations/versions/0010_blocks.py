"""Blocks of numbers, and prank scores. Scores of numbers begin with the next prank."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "blocks",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("caller_hash", sa.String),
        sa.Column("review_due", sa.Boolean, nullable=False),
        sa.Column("proposed_at", Utc, nullable=False),
        sa.Column("due_at", Utc),
        sa.Column("erase_at", Utc),
    )
    op.create_index("blocks_proposed", "blocks", ["proposed_at", "id"])
    op.create_index("blocks_of_regency", "blocks", ["regency", "proposed_at", "id"])
    op.create_index("blocks_state", "blocks", ["state", "regency", "proposed_at", "id"])
    _partial("blocks_open", "blocks", ["regency", "caller_hash"], "state IN ('proposed', 'active')", unique=True)
    _partial("blocks_caller", "blocks", ["regency", "caller_hash", "proposed_at"], "caller_hash IS NOT NULL")
    _partial("blocks_due", "blocks", ["due_at"], "due_at IS NOT NULL")
    _partial("blocks_erase", "blocks", ["erase_at"], "erase_at IS NOT NULL")
    op.create_table(
        "prank_scores",
        sa.Column("regency", sa.String, primary_key=True),
        sa.Column("caller_hash", sa.String, primary_key=True),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("scored_at", Utc, nullable=False),
        sa.Column("lowers_until", Utc),
        sa.Column("forget_at", Utc, nullable=False),
    )
    op.create_index("prank_scores_changed", "prank_scores", ["scored_at", "regency", "caller_hash"])
    op.create_index("prank_scores_forget", "prank_scores", ["forget_at"])
    _partial("calls_screening", "calls", ["regency", "caller_hash"], "state = 'screening'")


def _partial(name: str, table: str, columns: list[str], only: str, *, unique: bool = False) -> None:
    where = sa.text(only)
    op.create_index(name, table, columns, unique=unique, postgresql_where=where, sqlite_where=where)
