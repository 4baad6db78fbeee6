"""`/v1/incidents/{incident_id}/reports`: further calls about an incident."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.http.listing import PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Reader, Speaker, Tx, View
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.reports import OwnIncident, ReportList, ReportOut
from sigap_dispatch.use_cases import reports
from sigap_dispatch.visibility import POLICY

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.get(
    "/v1/incidents/{incident_id}/reports",
    summary="List the further reports of an incident: people in danger elsewhere first, then the newest",
    responses=problems(404),
)
async def list_reports(incident_id: UUID, view: View, access: Reader, page: PageOf50) -> ReportList:
    """The first report opened the incident and is not listed."""
    incident, found = await reports.page(view, access, incident_id, page)
    opened = POLICY.opens(access)
    items = [ReportOut.of(row, told, incident, opened=opened) for row, told in found.items]
    return ReportList(items=items, next=found.next)


@router.post(
    "/v1/incidents/{incident_id}/reports/{call_id}/own-incident",
    summary="Open an incident of its own from a report, linked to the one that it leaves",
    responses=problems(404),
)
async def open_own_incident(
    incident_id: UUID, call_id: UUID, body: OwnIncident, tx: Tx, access: Speaker, response: Response
) -> IncidentOut:
    """It has the call's place, type and caller, and its plan forwards it at once. If the call has one already, that one
    is the answer.
    """
    place = body.place.place if body.place else None
    own, _ = await reports.open_own(tx, access, incident_id, call_id, body.incident_type, body.priority, place)
    return await shown(tx, access, own, response)
