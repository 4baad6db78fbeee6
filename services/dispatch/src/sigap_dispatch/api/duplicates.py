"""`/v1/incidents/{id}/merge` and the other decisions about incidents that may be one event."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Speaker, Tx
from sigap_dispatch.schemas.duplicates import OtherIncident, ReadUpTo
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.use_cases import duplicates

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.post(
    "/v1/incidents/{incident_id}/merge",
    summary="Say that an incident is the same event as another",
    responses=problems(404, 409),
)
async def merge_incident(
    incident_id: UUID, body: OtherIncident, tx: Tx, access: Speaker, response: Response
) -> IncidentOut:
    """The other one is worked on from now on. Its agencies stay, and those that only this one had are told of it."""
    return await shown(tx, access, await duplicates.merge(tx, access, incident_id, body.other), response)


@router.post(
    "/v1/incidents/{incident_id}/unmerge", summary="Take a merged incident out again", responses=problems(404, 409)
)
async def unmerge_incident(incident_id: UUID, tx: Tx, access: Speaker, response: Response) -> IncidentOut:
    """Its agencies are told anew. Those that the other one got by the merger are proposed for withdrawal there."""
    return await shown(tx, access, await duplicates.unmerge(tx, access, incident_id), response)


@router.post(
    "/v1/incidents/{incident_id}/rejected-duplicates",
    summary="Say that an incident is not the same event as another",
    responses=problems(404, 409),
)
async def reject_duplicate(
    incident_id: UUID, body: OtherIncident, tx: Tx, access: Speaker, response: Response
) -> IncidentOut:
    """Agencies that waited for the answer are told at once. The two are not suggested to each other again."""
    return await shown(tx, access, await duplicates.reject(tx, access, incident_id, body.other), response)


@router.post("/v1/incidents/{incident_id}/links", summary="Link an incident to another", responses=problems(404, 409))
async def link_incident(
    incident_id: UUID, body: OtherIncident, tx: Tx, access: Speaker, response: Response
) -> IncidentOut:
    """They belong together but are not the same event: both are worked on."""
    return await shown(tx, access, await duplicates.link(tx, access, incident_id, body.other), response)


@router.post(
    "/v1/incidents/{incident_id}/reports/read", summary="Say that the reports are read", responses=problems(404)
)
async def read_reports(incident_id: UUID, body: ReadUpTo, tx: Tx, access: Speaker, response: Response) -> IncidentOut:
    """One mark for the whole room. A report that came meanwhile stays unread."""
    return await shown(tx, access, await duplicates.read_reports(tx, access, incident_id, body.command()), response)
