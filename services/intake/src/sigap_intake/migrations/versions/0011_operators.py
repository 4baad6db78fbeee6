"""Presence of operators; the order of the queue; who has which call."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0011"
down_revision = "0010"

# A process of the release before inserts no such moment. Until it stops, its calls come first.
LONG_AGO = sa.text("'1970-01-01T00:00:00.000000Z'")


def upgrade() -> None:
    op.add_column("calls", sa.Column("queue_at", Utc, nullable=False, server_default=LONG_AGO))
    op.add_column("calls", sa.Column("queued_at", Utc, nullable=False, server_default=LONG_AGO))
    op.add_column("calls", sa.Column("raised_by_seconds", sa.Integer, nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("rung", sa.Integer, nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("operator_gone", sa.Boolean, nullable=False, server_default=sa.false()))
    _fill()
    op.drop_index("calls_queue", "calls")
    _partial("calls_queue", ["regency", "drill", "queue_at", "id"], "state = 'waiting'")
    _partial("calls_of_operator", ["regency", "answered_by", "received_at"], "state = 'answered'")
    _partial("calls_operator_gone", ["regency", "answered_by"], "operator_gone")
    _presences()


def _fill() -> None:
    """A call that is over is asked for none of these."""
    op.execute("UPDATE calls SET queue_at = received_at, queued_at = received_at WHERE state = 'waiting'")


def _partial(name: str, columns: list[str], only: str) -> None:
    where = sa.text(only)
    op.create_index(name, "calls", columns, postgresql_where=where, sqlite_where=where)


def _presences() -> None:
    op.create_table(
        "presences",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("operator", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("state", sa.String),
        sa.Column("since", Utc, nullable=False),
        sa.Column("signed_on_at", Utc, nullable=False),
        sa.Column("heard_at", Utc, nullable=False),
        sa.Column("stale", sa.Boolean, nullable=False),
        sa.Column("due_at", Utc),
    )
    op.create_index("presences_room", "presences", ["regency", "operator"], unique=True)
    where = sa.text("due_at IS NOT NULL")
    op.create_index("presences_due", "presences", ["due_at"], postgresql_where=where, sqlite_where=where)
