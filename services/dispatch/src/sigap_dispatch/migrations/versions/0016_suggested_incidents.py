"""Adds which incidents were suggested to which, with the suggestions of open incidents, and which incident an accepted
transfer became.

`forwardings.transfer_of` stays for processes of the release before, which read it.
"""

import json
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    table = op.create_table(
        "suggested_incidents",
        sa.Column("other", sa.Uuid, primary_key=True),
        sa.Column("incident_id", sa.Uuid, primary_key=True),
    )
    incidents = sa.table("incidents", sa.column("id", sa.Uuid), sa.column("document"), sa.column("is_open"))
    connection = op.get_bind()
    rows = connection.execute(sa.select(incidents.c.id, incidents.c.document).where(incidents.c.is_open))
    known = [
        {"other": UUID(one["other"]), "incident_id": row.id}
        for row in rows
        for one in json.loads(row.document).get("suggestions", ())
    ]
    if known:
        op.bulk_insert(table, known)
    op.add_column("transfers", sa.Column("received_by", sa.Uuid))
    _note_receivers(connection)
    where = sa.text("state = 'accepted'")
    op.create_index("transfers_awaited", "transfers", ["received_by"], postgresql_where=where, sqlite_where=where)


def _note_receivers(connection: sa.Connection) -> None:
    transfers = sa.table(
        "transfers",
        sa.column("id", sa.Uuid),
        sa.column("incident_id", sa.Uuid),
        sa.column("state"),
        sa.column("received_by", sa.Uuid),
    )
    incidents = sa.table("incidents", sa.column("id", sa.Uuid), sa.column("document"))
    accepted = (
        sa.select(transfers.c.id, incidents.c.document)
        .join(incidents, incidents.c.id == transfers.c.incident_id)
        .where(transfers.c.state == "accepted")
    )
    for row in connection.execute(accepted).all():
        received_by = UUID(json.loads(row.document)["offer"]["incident_id"])
        connection.execute(sa.update(transfers).where(transfers.c.id == row.id).values(received_by=received_by))
