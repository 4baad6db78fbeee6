"""The list of callbacks that are over has an index."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"
_OVER = sa.text("position IS NULL")


def upgrade() -> None:
    for name, columns in (
        ("callbacks_ended", ["regency", "last_dropped_at", "id"]),
        ("callbacks_all_ended", ["last_dropped_at", "id"]),
    ):
        op.create_index(name, "callbacks", columns, postgresql_where=_OVER, sqlite_where=_OVER)
