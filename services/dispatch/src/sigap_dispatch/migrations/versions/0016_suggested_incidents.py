"""Adds which incidents were suggested to which, with the suggestions of open incidents."""

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
