"""The watch of the room finds waiting calls in an index of its own, and reads no rows of them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("calls", sa.Column("watched_rung", sa.Integer))
    op.execute("UPDATE calls SET watched_rung = rung WHERE state = 'waiting' AND NOT backfilled")
    columns = ["regency", "watched_rung", "queued_at", "id", "drill", "raised_by_seconds", "caller_hash"]
    where = sa.text("watched_rung IS NOT NULL")
    op.create_index("calls_watched", "calls", columns, postgresql_where=where, sqlite_where=where)
