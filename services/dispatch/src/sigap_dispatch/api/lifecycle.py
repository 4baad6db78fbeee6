"""Cancelling and reopening an incident: `/v1/incidents/{incident_id}/cancel` and `.../reopen`."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.auth import Role
from sigap_common.http.etags import IfMatchIfAny
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Dispatcher, Speaker, Tx
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.lifecycle import CancelIncident, ReopenIncident
from sigap_dispatch.use_cases import incidents, reopening

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.post(
    "/v1/incidents/{incident_id}/cancel",
    summary="Cancel an incident: the call was false",
    responses=problems(404, 409, 412),
)
async def cancel_incident(
    incident_id: UUID, body: CancelIncident, tx: Tx, access: Dispatcher, expected: IfMatchIfAny, response: Response
) -> IncidentOut:
    """It is closed with the disposition `cancelled`. Agencies that had acknowledged must stand down."""
    incident = await incidents.order(tx, access, incident_id, body.command(), expected)
    return await shown(tx, access, incident, response)


@router.post(
    "/v1/incidents/{incident_id}/reopen", summary="Reopen a closed incident", responses=problems(404, 409, 412)
)
async def reopen_incident(
    incident_id: UUID, body: ReopenIncident, tx: Tx, access: Speaker, expected: IfMatchIfAny, response: Response
) -> IncidentOut:
    """Until `reopen_until` it takes one step, and agencies whose part ended with the closing are told at once. After
    that a supervisor gives a reason, and agencies are only proposed. With `other`, that incident is merged into it.
    """
    command = body.command(by_supervisor=access.may(Role.supervisor))
    reopened = await reopening.reopen(tx, access, incident_id, command, body.other, expected)
    return await shown(tx, access, reopened, response)
