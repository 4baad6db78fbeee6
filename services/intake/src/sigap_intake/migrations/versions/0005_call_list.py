"""What lists show of a call is kept in its row; older rows are shown from their documents. The queue has an index."""

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import add_list_entry

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    add_list_entry("calls")
    where = sa.text("state = 'waiting'")
    columns = ["regency", "drill", "received_at", "id"]
    op.create_index("calls_queue", "calls", columns, postgresql_where=where, sqlite_where=where)
