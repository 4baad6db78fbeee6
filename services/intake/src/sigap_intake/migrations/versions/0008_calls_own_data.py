"""Drafts; what calls are found by: who answered, what has no class, the words of the caller's name."""

import json

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0008"
down_revision = "0006"

A_STEP = 1000


def upgrade() -> None:
    op.add_column("calls", sa.Column("answered_by", sa.String))
    _fill_answered_by()
    answered = ["answered_by", "received_at", "id"]
    _partial("calls_operator", answered, "answered_by IS NOT NULL")
    unclassified = "call_class IS NULL AND state IN ('answered', 'ended')"
    _partial("calls_unclassified", ["regency", "received_at", "id"], unclassified)
    # Names of calls that are there have no terms: no key is at hand here. They are found by all else.
    op.create_table(
        "caller_terms",
        sa.Column("term", sa.String, primary_key=True),
        sa.Column("call_id", sa.Uuid, primary_key=True),
    )
    op.create_index("caller_terms_call", "caller_terms", ["call_id"])
    op.create_table(
        "drafts",
        sa.Column("call_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("field", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
    )
    op.create_table(
        "incident_numbers",
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.String, nullable=False, index=True),
    )
    op.create_table(
        "incident_calls",
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("call_id", sa.Uuid, primary_key=True),
    )
    op.create_index("incident_calls_call", "incident_calls", ["call_id"])


def _fill_answered_by() -> None:
    kinds = {"id": sa.Uuid, "state": sa.String, "answered_by": sa.String, "document": sa.Text}
    rows = sa.table("calls", *(sa.column(name, kind) for name, kind in kinds.items()))
    answered = sa.select(rows.c.id, rows.c.document).where(rows.c.state.in_(("answered", "ended")))
    found = op.get_bind().execute(answered.order_by(rows.c.id).limit(A_STEP)).all()
    while found:
        for row in found:
            by = json.loads(row.document).get("answered_by")
            if by is not None:
                op.execute(rows.update().where(rows.c.id == row.id).values(answered_by=by))
        found = op.get_bind().execute(answered.where(rows.c.id > found[-1].id).order_by(rows.c.id).limit(A_STEP)).all()


def _partial(name: str, columns: list[str], only: str) -> None:
    where = sa.text(only)
    op.create_index(name, "calls", columns, postgresql_where=where, sqlite_where=where)
