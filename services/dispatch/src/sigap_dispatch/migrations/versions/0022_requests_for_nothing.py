"""Requests for a share of an incident that does not exist are kept like all others: nobody finds out by asking."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0022"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("shares", sa.Column("number", sa.String))
    op.add_column("shares", sa.Column("document", sa.Text))
    op.add_column("shares", sa.Column("due_at", Utc))
    where = sa.text("due_at IS NOT NULL")
    op.create_index("shares_due", "shares", ["due_at"], postgresql_where=where, sqlite_where=where)
