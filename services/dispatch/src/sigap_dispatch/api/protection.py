"""`/v1/incidents/{incident_id}/break-glass` and `.../lift-protection`: who sees a protected incident."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Speaker, Supervisor, Tx
from sigap_dispatch.domain.protection import BreakGlass, LiftProtection, SeeGlass
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.protection import BreakGlassBody, LiftProtectionBody
from sigap_dispatch.use_cases import protection
from sigap_dispatch.use_cases.incidents import order

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.post(
    "/v1/incidents/{incident_id}/break-glass",
    summary="Open a protected incident for a limited time, with a reason",
    responses=problems(404, 409),
)
async def break_glass(
    incident_id: UUID, body: BreakGlassBody, tx: Tx, access: Speaker, response: Response
) -> IncidentOut:
    """Its calls are opened too. An alarm tells the supervisor. If you see the incident anyway, nothing happens."""
    incident = await protection.break_glass(tx, access, incident_id, BreakGlass(body.reason.clear))
    return await shown(tx, access, incident, response)


@router.post(
    "/v1/incidents/{incident_id}/break-glass/seen",
    summary="Note that you have seen who broke the glass",
    responses=problems(404),
)
async def see_glass(incident_id: UUID, tx: Tx, access: Supervisor, response: Response) -> IncidentOut:
    """Ends the alarm `glass_broken`."""
    return await shown(tx, access, await order(tx, access, incident_id, SeeGlass()), response)


@router.post(
    "/v1/incidents/{incident_id}/lift-protection",
    summary="Decide that an incident need not be protected",
    responses=problems(404, 409),
)
async def lift_protection(
    incident_id: UUID, body: LiftProtectionBody, tx: Tx, access: Supervisor, response: Response
) -> IncidentOut:
    """Nothing else lifts protection: neither another type nor closing the incident."""
    incident = await order(tx, access, incident_id, LiftProtection(body.reason.clear))
    return await shown(tx, access, incident, response)
