"""Creates the frame's tables, and the table of calls."""

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import create_mechanism_tables
from sigap_common.database import Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_mechanism_tables()
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("backfilled", sa.Boolean, nullable=False),
        sa.Column("received_at", Utc, nullable=False),
        sa.Column("caller_hash", sa.String),
        sa.Column("exchange_id", sa.String),
        sa.Column("call_class", sa.String),
        sa.Column("due_at", Utc),
    )
    op.create_index("calls_received", "calls", ["received_at", "id"])
    op.create_index("calls_of_regency", "calls", ["regency", "received_at", "id"])
    op.create_index("calls_state", "calls", ["state", "regency", "received_at", "id"])
    _partial("calls_exchange", ["regency", "exchange_id"], "exchange_id IS NOT NULL", unique=True)
    _partial("calls_caller", ["regency", "caller_hash", "received_at"], "caller_hash IS NOT NULL")
    _partial("calls_class", ["call_class", "regency", "received_at", "id"], "call_class IS NOT NULL")
    _partial("calls_due", ["due_at"], "due_at IS NOT NULL")


def _partial(name: str, columns: list[str], only: str, *, unique: bool = False) -> None:
    where = sa.text(only)
    op.create_index(name, "calls", columns, unique=unique, postgresql_where=where, sqlite_where=where)
