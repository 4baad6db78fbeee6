"""Which callbacks a number and a place had, so that a dropped call is found among those that are not open any more."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
_NUMBER = sa.text("state != 'open' AND caller_hash IS NOT NULL")
_PLACE = sa.text("state != 'open' AND caller_hash IS NULL AND cell IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "callbacks_settled_of_number",
        "callbacks",
        ["regency", "drill", "caller_hash", "last_dropped_at"],
        postgresql_where=_NUMBER,
        sqlite_where=_NUMBER,
    )
    op.create_index(
        "callbacks_settled_of_place",
        "callbacks",
        ["regency", "drill", "cell", "last_dropped_at"],
        postgresql_where=_PLACE,
        sqlite_where=_PLACE,
    )
