"""Adds the columns by which open incidents are found by place and caller, and merged ones by the incident they are now.

They stay empty for incidents from before: an open one gets them with its next change.
"""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("lat", sa.Float))
    op.add_column("incidents", sa.Column("lon", sa.Float))
    op.add_column("incidents", sa.Column("uncertainty_m", sa.Float))
    op.add_column("incidents", sa.Column("reported_at", Utc))
    op.add_column("incidents", sa.Column("caller_hash", sa.String))
    op.add_column("incidents", sa.Column("merged_into", sa.Uuid))
    for name, columns, only in (
        ("incidents_around", ["regency", "lat", "lon"], "is_open"),
        ("incidents_of_caller", ["caller_hash"], "is_open AND caller_hash IS NOT NULL"),
        ("incidents_merged", ["merged_into"], "merged_into IS NOT NULL"),
    ):
        where = sa.text(only)
        op.create_index(name, "incidents", columns, postgresql_where=where, sqlite_where=where)
