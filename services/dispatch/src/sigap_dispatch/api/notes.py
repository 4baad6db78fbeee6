"""`/v1/incidents/{incident_id}/notes`: what people note on an incident."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from sigap_common.http.listing import PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.parameters import LateSpeaker, Reader, Tx, View
from sigap_dispatch.schemas.notes import IncidentNoteList, IncidentNoteOut, NoteIncident
from sigap_dispatch.use_cases import notes
from sigap_dispatch.visibility import POLICY

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)

Order = Annotated[Literal["newest", "oldest"], Query(description="Which come first, by `at`")]


@router.get(
    "/v1/incidents/{incident_id}/notes", summary="List the notes on an incident by `at`", responses=problems(404)
)
async def list_incident_notes(
    incident_id: UUID, view: View, access: Reader, page: PageOf50, order: Order = "newest"
) -> IncidentNoteList:
    found = await notes.page(view, access, incident_id, page, newest_first=order == "newest")
    opened = POLICY.opens(access)
    items = [IncidentNoteOut.of(note, internal=internal, opened=opened) for note, internal in found.items]
    return IncidentNoteList(items=items, next=found.next)


@router.post(
    "/v1/incidents/{incident_id}/notes",
    status_code=201,
    summary="Note something on an incident, for its agencies or for the centre alone",
    responses=problems(404, 409),
)
async def note_incident(incident_id: UUID, body: NoteIncident, tx: Tx, access: LateSpeaker) -> IncidentNoteOut:
    """Agencies get it as a revision that needs no acknowledgement. A correction is a further note."""
    after = await notes.write(tx, access, incident_id, body.command())
    written = after.internal_notes if body.internal else after.notes
    return IncidentNoteOut.of(written[-1], internal=body.internal, opened=POLICY.opens(access))
