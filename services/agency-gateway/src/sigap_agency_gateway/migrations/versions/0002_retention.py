"""Adds the table of jobs, and the columns with the times at which forwardings and deliveries are erased."""

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import add_erase_at, create_jobs_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_jobs_table()
    add_erase_at("forwardings")
    where = sa.text("body IS NOT NULL OR parcel IS NOT NULL")
    columns = ["regency", "created_at"]
    op.create_index("deliveries_kept", "deliveries", columns, sqlite_where=where, postgresql_where=where)
