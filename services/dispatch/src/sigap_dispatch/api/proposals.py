"""`/v1/incidents/{incident_id}/proposals`: a dispatcher takes or dismisses a proposed agency."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Dispatcher, Tx
from sigap_dispatch.domain.proposals import DismissProposal, TakeProposal
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.proposals import ProposedAgency
from sigap_dispatch.use_cases import incidents

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.post(
    "/v1/incidents/{incident_id}/proposals/take", summary="Tell a proposed agency", responses=problems(404, 409)
)
async def take_proposal(
    incident_id: UUID, body: ProposedAgency, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """If a colleague took the proposal a moment before, the answer is the incident as it is."""
    incident = await incidents.order(tx, access, incident_id, TakeProposal(body.agency))
    return await shown(tx, access, incident, response)


@router.post(
    "/v1/incidents/{incident_id}/proposals/dismiss", summary="Dismiss a proposed agency", responses=problems(404, 409)
)
async def dismiss_proposal(
    incident_id: UUID, body: ProposedAgency, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """It is not proposed again unless the plan newly wants it."""
    incident = await incidents.order(tx, access, incident_id, DismissProposal(body.agency))
    return await shown(tx, access, incident, response)
