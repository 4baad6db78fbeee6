"""Adds what says who sees a protected incident. An incident that was protected before has no people: supervisors see
it, dispatchers while it waits for one, and others can break the glass.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name in ("protected", "for_dispatchers"):
        op.add_column("incidents", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "incident_people",
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("until", Utc),
    )
    kinds = {"id": sa.Uuid, "document": sa.Text, "protected": sa.Boolean, "for_dispatchers": sa.Boolean}
    rows = sa.table("incidents", *(sa.column(name, kind) for name, kind in kinds.items()))
    named = rows.c.document.contains('"protected":true')
    for row in op.get_bind().execute(sa.select(rows.c.id, rows.c.document).where(named)).all():
        incident = json.loads(row.document)
        if incident["protected"]:
            new = {"protected": True, "for_dispatchers": _waits(incident)}
            op.execute(rows.update().where(rows.c.id == row.id).values(**new))


def _waits(incident: dict[str, Any]) -> bool:
    troubled = incident.get("alarms") or incident.get("without_agency_since")
    return bool(troubled) and incident.get("closed_at") is None
