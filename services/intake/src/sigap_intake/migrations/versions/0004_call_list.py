"""Adds the columns from which lists show a call, and an index for the queue. Rows without a list entry are shown from
their documents.
"""

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import add_list_entry

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    add_list_entry("calls")
    where = sa.text("state = 'waiting'")
    columns = ["regency", "drill", "received_at", "id"]
    op.create_index("calls_queue", "calls", columns, postgresql_where=where, sqlite_where=where)
