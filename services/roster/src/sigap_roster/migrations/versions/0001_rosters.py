"""Creates the frame's tables, and those of staff, rosters and duties."""

import sqlalchemy as sa
from alembic import op

from sigap_common.app.migrations import create_mechanism_tables
from sigap_common.database import Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_mechanism_tables()
    _create_staff()
    op.create_table(
        "rosters",
        *_aggregate(),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("changed", sa.Boolean, nullable=False),
        sa.Column("published_version", sa.Integer, nullable=False),
        sa.Column("published_at", Utc),
    )
    op.create_index("rosters_of_regency", "rosters", ["regency", "id"])
    op.create_table(
        "duties",
        *_aggregate(),
        sa.Column("roster_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("starts_at", Utc, nullable=False),
        sa.Column("ends_at", Utc, nullable=False),
    )
    op.create_index("ix_duties_roster_id", "duties", ["roster_id"])
    op.create_index("duties_by_start", "duties", ["starts_at", "id"])
    op.create_index("duties_of_regency", "duties", ["regency", "starts_at", "id"])
    op.create_index("duties_of_staff", "duties", ["staff_id", "starts_at", "id"])


def _create_staff() -> None:
    op.create_table(
        "staff",
        *_aggregate(),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("subject", sa.String),
        sa.Column("number_hash", sa.String),
    )
    op.create_index("staff_of_regency", "staff", ["regency", "id"])
    for name, column in (("staff_subject", "subject"), ("staff_number", "number_hash")):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "staff", ["regency", column], unique=True, postgresql_where=where, sqlite_where=where)


def _aggregate() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    ]
