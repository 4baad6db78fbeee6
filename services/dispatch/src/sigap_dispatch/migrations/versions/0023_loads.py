"""Adds how busy agencies are: which forwardings wait for an acknowledgement, and each agency's last one.

The forwardings of open incidents are filled from their documents.
"""

import json
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("forwardings", sa.Column("waits_in", sa.String))
    where = sa.text("waits_in IS NOT NULL")
    op.create_index(
        "forwardings_waiting", "forwardings", ["waits_in", "agency"], sqlite_where=where, postgresql_where=where
    )
    op.create_table(
        "acknowledgements",
        sa.Column("agency", sa.String, primary_key=True),
        sa.Column("regency", sa.String, nullable=False, index=True),
        sa.Column("at", Utc, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
    )
    _fill()


def _fill() -> None:
    kinds = {"document": sa.Text, "regency": sa.String, "is_open": sa.Boolean, "drill": sa.Boolean}
    incidents = sa.table("incidents", *(sa.column(name, kind) for name, kind in kinds.items()))
    rows = sa.table("forwardings", sa.column("id", sa.Uuid), sa.column("waits_in", sa.String))
    wanted = sa.select(incidents.c.document, incidents.c.regency).where(incidents.c.is_open, ~incidents.c.drill)
    for incident in op.get_bind().execute(wanted).all():
        document = json.loads(incident.document)
        for one in document.get("forwardings", ()):
            if not document.get("closed_at") and _waits(one):
                op.execute(rows.update().where(rows.c.id == UUID(one["id"])).values(waits_in=incident.regency))


def _waits(forwarding: dict[str, object]) -> bool:
    answered = forwarding.get("withdrawn_at") or forwarding.get("acknowledged_at") or forwarding.get("words")
    return not answered and bool(forwarding.get("acknowledge_by"))
