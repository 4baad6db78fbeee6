"""Adds the columns by which the board is sorted, filtered and counted, and the terms by which incidents are found.

Rows of open incidents get a place from their documents. It is the one that the domain gives, except that deadlines and
failed deliveries are left out: these incidents stand as under way until something happens to them.
"""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ALARM, NO_AGENCY, PROPOSAL, DOUBTED, UNDER_WAY, BACKFILLED = 0, 1, 3, 4, 7, 9
AT_ONCE = 500
LONGEST_COUNTER = 9


def upgrade() -> None:
    for name, kind in (
        ("attention", sa.String),
        ("counter", sa.Integer),
        ("responsible", sa.String),
        ("unacknowledged", sa.Integer),
        ("standing_alarms", sa.Integer),
    ):
        op.add_column("incidents", sa.Column(name, kind))
    _fill()
    where = sa.text("attention IS NOT NULL")
    first = ["regency", "attention", "id", "drill", "state", "incident_type", "priority"]
    also = ["responsible", "unacknowledged", "standing_alarms", "protected", "for_dispatchers"]
    op.create_index("incidents_board", "incidents", [*first, *also], sqlite_where=where, postgresql_where=where)
    op.create_index("incidents_counter", "incidents", ["counter", "regency", "created_at", "id"])
    op.create_table(
        "incident_terms",
        sa.Column("term", sa.String, primary_key=True),
        sa.Column("incident_id", sa.Uuid, primary_key=True, index=True),
    )


def _fill() -> None:
    kinds = {"id": sa.Uuid, "number": sa.String, "is_open": sa.Boolean, "document": sa.Text, "counter": sa.Integer}
    new = {"attention": sa.String, "priority": sa.Integer, "unacknowledged": sa.Integer, "standing_alarms": sa.Integer}
    rows = sa.table("incidents", *(sa.column(name, kind) for name, kind in (kinds | new).items()))
    connection, last = op.get_bind(), None
    while True:
        some = sa.select(rows.c.id, rows.c.number, rows.c.is_open).order_by(rows.c.id).limit(AT_ONCE)
        found = connection.execute(some if last is None else some.where(rows.c.id > last)).all()
        if not found:
            return
        for row in found:
            values: dict[str, Any] = {"counter": _counter(row.number)}
            if row.is_open:
                document = connection.execute(sa.select(rows.c.document).where(rows.c.id == row.id)).scalar_one()
                values |= _of_board(json.loads(document))
            connection.execute(rows.update().where(rows.c.id == row.id).values(values))
        last = found[-1].id


def _counter(number: str) -> int | None:
    last = number.rpartition("-")[2]
    return int(last) if last.isdecimal() and len(last) <= LONGEST_COUNTER else None


def _of_board(incident: dict[str, Any]) -> dict[str, Any]:
    alarms = incident.get("alarms", ())
    created = int(datetime.fromisoformat(incident["created_at"]).timestamp() * 1000)
    order = f"{incident.get('drill', False):d}{_rank(incident)}{0:013}{incident['priority']}{created:013}"
    open_ones = [f for f in incident.get("forwardings", ()) if _waits(f)]
    return {
        "attention": order,
        "priority": incident["priority"],
        "unacknowledged": len(open_ones),
        "standing_alarms": len(alarms),
    }


def _rank(incident: dict[str, Any]) -> int:
    if incident.get("alarms"):
        return ALARM
    if incident.get("backfilled"):
        return BACKFILLED
    if incident.get("without_agency_since"):
        return NO_AGENCY
    if incident.get("proposals") or incident.get("proposed_withdrawals"):
        return PROPOSAL
    return DOUBTED if incident.get("doubted") else UNDER_WAY


def _waits(forwarding: dict[str, Any]) -> bool:
    if forwarding.get("withdrawn_at"):
        declined = forwarding.get("standing") == "declined"
        return bool(forwarding.get("stand_down") and not forwarding.get("stood_down_at") and not declined)
    over = forwarding.get("standing") in ("declined", "done")
    return not over and forwarding.get("acknowledged_revision", 0) < forwarding["needed_revision"]
