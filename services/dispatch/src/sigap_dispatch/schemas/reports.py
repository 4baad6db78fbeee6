"""The HTTP schemas of an incident's reports."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.incidents import IncidentCreated, IncidentReportAdded
from sigap_common.http.schemas import Body, NoteOut, PlaceOut, Where, in_clear, like
from sigap_common.http.types import Code
from sigap_dispatch import examples
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.reports import metres_away
from sigap_dispatch.schemas.shared import Priority

NOTES_SHOWN = 3


class OwnIncident(Body):
    """For a field that is left out, the incident gets the value that the call gave."""

    model_config = like(examples.OWN_INCIDENT)

    incident_type: Code | None = Field(
        default=None, description="Null: the call's type, or that of the incident which it reported"
    )
    priority: Priority | None = Field(default=None, description="Null: the call's, or that of the incident type")
    place: Where | None = Field(default=None, description="Null: the call's place")


class ReportOut(BaseModel):
    model_config = like(examples.REPORT)

    report: int = Field(description="The n-th report")
    call_id: UUID | None = Field(description="Null: a merged incident that was opened without a call")
    received_at: datetime
    unread: bool
    stands_out: bool = Field(description="People in danger elsewhere: farther than 200 m away, of priority 1 or 2")
    metres: float | None = Field(description="How far from the incident's place; null: unknown, or not to be seen")
    incident_type: str | None
    priority: int | None
    caller_number: str | None
    caller_name: str | None
    place: PlaceOut | None
    notes: list[NoteOut] = Field(description="The newest 3 that the call had when it was classified")
    of_merged: UUID | None = Field(description="The merged incident with which it came")

    @classmethod
    def of(cls, row: Any, told: IncidentCreated | IncidentReportAdded, incident: Incident, *, opened: bool) -> Self:
        metres = metres_away(incident, told.place) if opened else None
        return cls(
            report=row.report,
            call_id=told.call_id,
            received_at=told.received_at if isinstance(told, IncidentReportAdded) else told.started_at,
            unread=row.report > incident.read_report,
            stands_out=row.stands_out,
            metres=None if metres is None else round(metres),
            incident_type=told.incident_type,
            priority=told.priority,
            caller_number=in_clear(told.caller_number) if opened else None,
            caller_name=in_clear(told.caller_name) if opened else None,
            place=PlaceOut.of(told.place) if opened else None,
            notes=_newest(told) if opened else [],
            of_merged=row.came_with,
        )


def _newest(told: IncidentCreated | IncidentReportAdded) -> list[NoteOut]:
    return [NoteOut(at=note.at, by=note.by, text=note.text.clear) for note in told.notes[-NOTES_SHOWN:]]


class ReportList(BaseModel):
    items: list[ReportOut]
    next: str | None
