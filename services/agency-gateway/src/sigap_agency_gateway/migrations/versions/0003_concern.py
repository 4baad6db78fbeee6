"""Adds the column that says whether a forwarding still asks something of its agency; the desk's list filters by it."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

AT_WORK = ("received", "acknowledged", "en_route", "on_scene")


def upgrade() -> None:
    # During an update a process of the earlier release still inserts rows. With this default they are shown longer
    # than needed; with the other one they would never be shown.
    op.add_column("forwardings", sa.Column("concern", sa.String, nullable=False, server_default="open"))
    kinds = {"id": sa.Uuid, "state": sa.String, "concern": sa.String, "document": sa.Text}
    rows = sa.table("forwardings", *(sa.column(name, kind) for name, kind in kinds.items()))
    op.execute(rows.update().where(rows.c.state.not_in((*AT_WORK, "withdrawn"))).values(concern="over"))
    withdrawn = sa.select(rows.c.id, rows.c.document).where(rows.c.state == "withdrawn")
    for row in op.get_bind().execute(withdrawn).all():
        if not _is_out(json.loads(row.document)):
            op.execute(rows.update().where(rows.c.id == row.id).values(concern="over"))
    where = sa.text("concern = 'open'")
    op.create_index("forwardings_open", "forwardings", ["agency", "id"], sqlite_where=where, postgresql_where=where)


def _is_out(forwarding: dict[str, Any]) -> bool:
    """Whether its unit has to stand down, and no answer says that it stood down, was done, or never came."""
    withdrawal, said = forwarding["withdrawal"], [answer["response"] for answer in forwarding["answers"]]
    over = withdrawal["confirmed_at"] is not None or "done" in said or said[-1:] == ["declined"]
    return withdrawal["stand_down"] and not over
