"""Adds the rows of incidents' notes and reports, and fills them from the timelines.

Each row says which entry has the words.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from sigap_common.database import Utc

revision = "0018"
down_revision = "0016"

_BRING = ("IncidentCreated", "IncidentReportAdded", "IncidentUpdated", "IncidentAbsorbed")


def upgrade() -> None:
    op.create_table(
        "incident_notes",
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", Utc, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("internal", sa.Boolean, nullable=False),
    )
    op.create_index("incident_notes_order", "incident_notes", ["incident_id", "at", "number"])
    _create_reports()
    _fill()
    _fill_reports()


def _create_reports() -> None:
    op.create_table(
        "incident_reports",
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("report", sa.Integer, primary_key=True),
        sa.Column("call_id", sa.Uuid),
        sa.Column("told_in", sa.Uuid, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("received_at", Utc, nullable=False),
        sa.Column("stands_out", sa.Boolean, nullable=False),
        sa.Column("came_with", sa.Uuid),
        sa.Column("own_incident", sa.Uuid),
    )
    op.create_index("ix_incident_reports_call_id", "incident_reports", ["call_id"])
    where, columns = sa.text("own_incident IS NULL"), ["incident_id", "stands_out", "report"]
    op.create_index("incident_reports_order", "incident_reports", columns, sqlite_where=where, postgresql_where=where)


_REPORTS = sa.table(
    "incident_reports",
    *(sa.column(name, sa.Uuid) for name in ("incident_id", "call_id", "told_in")),
    *(sa.column(name, sa.Integer) for name in ("report", "sequence")),
    sa.column("received_at", Utc),
    sa.column("stands_out", sa.Boolean),
)


def _fill_reports() -> None:
    """A report of before does not stand out: the distance is sealed here. Those of merged incidents stay with these."""
    connection = op.get_bind()
    timeline = sa.table("timeline", *(sa.column(name) for name in ("subject", "sequence", "type", "data")))
    wanted = sa.select(timeline).where(timeline.c.type == "sigap.IncidentReportAdded.v1")
    for entry in connection.execute(wanted).all():
        told, incident_id = json.loads(entry.data), UUID(entry.subject)
        row = {"incident_id": incident_id, "report": told["report"], "call_id": UUID(told["call_id"])}
        row |= {"told_in": incident_id, "sequence": entry.sequence, "stands_out": False}
        row |= {"received_at": datetime.fromisoformat(told["received_at"])}
        connection.execute(_REPORTS.insert().values(row))


_NOTES = sa.table(
    "incident_notes",
    sa.column("incident_id", sa.Uuid),
    sa.column("number", sa.Integer),
    sa.column("at", Utc),
    sa.column("sequence", sa.Integer),
    sa.column("position", sa.Integer),
    sa.column("internal", sa.Boolean),
)


def _fill() -> None:
    connection, counts = op.get_bind(), dict[UUID, int]()
    timeline = sa.table("timeline", *(sa.column(name) for name in ("subject", "sequence", "type", "data")))
    wanted = sa.select(timeline).where(timeline.c.type.in_([f"sigap.{name}.v1" for name in _BRING]))
    for entry in connection.execute(wanted.order_by(timeline.c.subject, timeline.c.sequence)).all():
        incident_id = UUID(entry.subject)
        for position, at in enumerate(_moments(json.loads(entry.data))):
            counts[incident_id] = counts.get(incident_id, 0) + 1
            place = {"sequence": entry.sequence, "position": position, "internal": False}
            row = {"incident_id": incident_id, "number": counts[incident_id], "at": at, **place}
            connection.execute(_NOTES.insert().values(row))
    _count(connection, counts)


def _moments(event: dict[str, Any]) -> Iterator[datetime]:
    for note in [*(event.get("notes") or []), *([event["note"]] if event.get("note") else [])]:
        yield datetime.fromisoformat(note["at"])


def _count(connection: sa.Connection, counts: dict[UUID, int]) -> None:
    """Writes how many notes there are into the incidents' documents."""
    incidents = sa.table("incidents", sa.column("id", sa.Uuid), sa.column("document", sa.Text))
    for incident_id, count in counts.items():
        this = incidents.c.id == incident_id
        document = connection.execute(sa.select(incidents.c.document).where(this)).scalar()
        if document is not None:
            counted = json.dumps(json.loads(document) | {"note_count": count})
            connection.execute(incidents.update().where(this).values(document=counted))
