"""Adds the column that says which forwardings are of protected incidents, and fills it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("forwardings", sa.Column("protected", sa.Boolean, nullable=False, server_default=sa.false()))
    kinds = {"id": sa.Uuid, "document": sa.Text, "protected": sa.Boolean}
    rows = sa.table("forwardings", *(sa.column(name, kind) for name, kind in kinds.items()))
    named = sa.select(rows.c.id, rows.c.document).where(rows.c.document.contains('"protected":true'))
    for row in op.get_bind().execute(named).all():
        if json.loads(row.document)["content"]["protected"]:
            op.execute(rows.update().where(rows.c.id == row.id).values(protected=True))
