"""Adds the groups in which people see alarms. Alarms that stand get theirs here, each by itself."""

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("alarms", sa.Column("group_id", sa.Uuid))
    op.add_column("alarms", sa.Column("rank", sa.Integer, nullable=False, server_default="1"))
    op.add_column("alarms", sa.Column("role", sa.String))
    op.create_table(
        "alarm_groups",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("regency", sa.String, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("agency", sa.String),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("since", Utc, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("leader", sa.Uuid),
        sa.Column("cleared_at", Utc),
        sa.Column("version", sa.Integer, nullable=False),
    )
    _standing("alarm_groups_standing", "alarm_groups", ["rank", "since", "id"])
    _standing("alarms_of_group", "alarms", ["group_id", "rank", "raised_at", "id"])
    op.drop_index("alarms_standing", "alarms")
    op.execute("UPDATE alarms SET group_id = id WHERE cleared_at IS NULL")
    op.execute(
        "INSERT INTO alarm_groups (id, regency, drill, agency, rank, since, count, leader, version)"
        " SELECT id, regency, drill, agency, rank, raised_at, 1, id, 0 FROM alarms WHERE cleared_at IS NULL"
    )


def _standing(name: str, table: str, columns: list[str]) -> None:
    only = sa.text("cleared_at IS NULL")
    op.create_index(name, table, columns, postgresql_where=only, sqlite_where=only)
