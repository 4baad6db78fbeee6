"""Adds the times of each agency's steps, and of the incident's opening, from what the facts were told."""

import json
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0017"
down_revision = "0016"

PORTION = 1000
STEPS = {"en_route_at": "en_route_at", "on_scene_at": "on_scene_at", "done_at": "done_at"}
OPENING = {"opened_at": "created_at"}


def upgrade() -> None:
    for table, names in (("forwardings", STEPS), ("incidents", OPENING)):
        for name in names:
            op.add_column(table, sa.Column(name, Utc))
        _fill(table, names)


def _fill(table: str, names: dict[str, str]) -> None:
    """Fills the columns, each from the field that it names, in portions by the order of ids."""
    columns = [sa.column("id", sa.Uuid), sa.column("told", sa.Text), *(sa.column(name, Utc) for name in names)]
    rows, last, connection = sa.table(table, *columns), UUID(int=0), op.get_bind()
    values = {name: sa.bindparam(f"new_{name}", type_=Utc) for name in names}
    change = rows.update().where(rows.c.id == sa.bindparam("this_id", type_=sa.Uuid)).values(values)
    while found := connection.execute(
        sa.select(rows.c.id, rows.c.told).where(rows.c.id > last).order_by(rows.c.id).limit(PORTION)
    ).all():
        last = found[-1].id
        connection.execute(change, [{"this_id": row.id, **_moments(row.told, names)} for row in found])


def _moments(told: str, names: dict[str, str]) -> dict[str, datetime | None]:
    said = json.loads(told)
    moments = {name: said[field][1] if field in said else None for name, field in names.items()}
    return {f"new_{name}": datetime.fromisoformat(moment) if moment else None for name, moment in moments.items()}
