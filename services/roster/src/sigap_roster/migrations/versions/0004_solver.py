"""Days off, and the solver's searches for plans."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Json, Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
    )
    op.create_index("absences_of_regency", "absences", ["regency", "id"])
    op.create_index("absences_of_staff", "absences", ["staff_id", "last_day"])
    op.create_index("absences_by_end", "absences", ["last_day"])
    _create_solves()


def _create_solves() -> None:
    op.create_table(
        "solves",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("roster_id", sa.Uuid, nullable=False),
        sa.Column("roster_version", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("existing", sa.String, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("asked_at", Utc, nullable=False),
        sa.Column("started_at", Utc),
        sa.Column("ended_at", Utc),
        sa.Column("progress", Json, nullable=False),
        sa.Column("assignments", Json, nullable=False),
        sa.Column("failure", sa.String),
    )
    op.create_index("solves_of_roster", "solves", ["roster_id", "id"])
    op.create_index("solves_by_end", "solves", ["ended_at"])
    under_way = sa.text("state IN ('queued', 'running')")
    op.create_index("solves_open", "solves", ["id"], sqlite_where=under_way, postgresql_where=under_way)
