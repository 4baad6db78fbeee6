"""Adds the shares of incidents with other regencies."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("to_regency", sa.String, nullable=False),
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("until", Utc, nullable=False),
        sa.Column("began_at", Utc, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
    )
    op.create_index("shares_from", "shares", ["regency", "began_at", "id"])
    op.create_index("shares_to", "shares", ["to_regency", "began_at", "id"])
    where = sa.text("state = 'shared'")
    columns = ["to_regency", "began_at", "id"]
    op.create_index("shares_shown", "shares", columns, postgresql_where=where, sqlite_where=where)
