"""Dropped calls as callbacks, and how numbers may be called back."""

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import add_erase_at, add_list_entry
from sigap_common.database import Utc

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "callbacks",
        *_aggregate(),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("position", sa.Integer),
        sa.Column("last_dropped_at", Utc, nullable=False),
        sa.Column("caller_hash", sa.String),
        sa.Column("cell", sa.String),
        sa.Column("first_call", sa.Uuid, nullable=False),
        sa.Column("claimed_by", sa.String),
        sa.Column("due_at", Utc),
    )
    add_erase_at("callbacks")
    add_list_entry("callbacks")
    op.create_table("caller_contacts", *_aggregate(), sa.Column("caller_hash", sa.String))
    add_erase_at("caller_contacts")

    work, place = ["position", "last_dropped_at", "id"], ["regency", "drill", "cell"]
    _partial("callbacks", "work", work, "position IS NOT NULL")
    _partial("callbacks", "of_regency", ["regency", *work], "position IS NOT NULL")
    number = ["regency", "drill", "caller_hash"]
    _partial("callbacks", "number", number, "state = 'open' AND caller_hash IS NOT NULL", unique=True)
    nameless = "state = 'open' AND caller_hash IS NULL AND cell IS NOT NULL"
    _partial("callbacks", "place", place, nameless, unique=True)
    _partial("callbacks", "cell", place, "state = 'open' AND cell IS NOT NULL")
    _partial("callbacks", "claimed", ["claimed_by"], "claimed_by IS NOT NULL AND position IS NOT NULL")
    _partial("callbacks", "due", ["due_at"], "due_at IS NOT NULL")
    op.create_index("callbacks_first_call", "callbacks", ["first_call", "id"])
    _partial("caller_contacts", "number", number, "caller_hash IS NOT NULL", unique=True)


def _aggregate() -> "list[sa.Column[object]]":
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
    ]


def _partial(table: str, name: str, columns: list[str], only: str, *, unique: bool = False) -> None:
    where = sa.text(only)
    op.create_index(f"{table}_{name}", table, columns, unique=unique, postgresql_where=where, sqlite_where=where)
