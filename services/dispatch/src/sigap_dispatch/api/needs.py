"""Roles that nobody fills, and stand-downs that nobody confirms: a dispatcher settles them."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Dispatcher, Tx
from sigap_dispatch.domain.escalation import EndWaiver, NoteStandDown, WaiveRole
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.needs import NamedRole, NoteStandingDown, WaiveARole
from sigap_dispatch.use_cases import incidents

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.post(
    "/v1/incidents/{incident_id}/waivers", summary="Waive a role that nobody fills", responses=problems(404, 409)
)
async def waive_role(
    incident_id: UUID, body: WaiveARole, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """Its alarm ends, and so do its proposals. If an agency is told for the role again, the waiver ends."""
    command = WaiveRole(body.role, body.reason.clear)
    return await shown(tx, access, await incidents.order(tx, access, incident_id, command), response)


@router.post(
    "/v1/incidents/{incident_id}/waivers/take-back", summary="Take a waiver back", responses=problems(404, 409)
)
async def end_waiver(incident_id: UUID, body: NamedRole, tx: Tx, access: Dispatcher, response: Response) -> IncidentOut:
    """If still nobody fills the role, it is an alarm again."""
    incident = await incidents.order(tx, access, incident_id, EndWaiver(body.role))
    return await shown(tx, access, incident, response)


@router.post(
    "/v1/incidents/{incident_id}/forwardings/{forwarding_id}/note-stand-down",
    summary="Settle a stand-down that the agency did not confirm",
    responses=problems(404, 409),
)
async def note_stand_down(
    incident_id: UUID, forwarding_id: UUID, body: NoteStandingDown, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """This is possible in a closed incident too. If the agency has confirmed a moment before, nothing changes."""
    command = NoteStandDown(forwarding_id, body.reason.clear)
    return await shown(tx, access, await incidents.order(tx, access, incident_id, command), response)
