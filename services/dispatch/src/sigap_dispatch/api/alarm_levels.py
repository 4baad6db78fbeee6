"""`/v1/incidents/{incident_id}/alarm-level`: a dispatcher asks for more help, or for less."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.http.etags import IfMatchIfAny
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.incidents import shown
from sigap_dispatch.api.parameters import Dispatcher, Tx
from sigap_dispatch.schemas.alarm_levels import ChangeAlarmLevel
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.questions import DismissAlarmLevelBody
from sigap_dispatch.use_cases import incidents

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.post(
    "/v1/incidents/{incident_id}/alarm-level",
    summary="Raise or lower the alarm level",
    responses=problems(404, 409, 412),
)
async def change_alarm_level(
    incident_id: UUID, body: ChangeAlarmLevel, tx: Tx, access: Dispatcher, expected: IfMatchIfAny, response: Response
) -> IncidentOut:
    """A higher level tells the agencies that the plans want from it on, and no other again. A lower one only proposes
    withdrawals.
    """
    return await shown(tx, access, await incidents.order(tx, access, incident_id, body.command(), expected), response)


@router.post(
    "/v1/incidents/{incident_id}/alarm-level/dismiss",
    summary="Dismiss the alarm level that an agency asks for",
    responses=problems(404, 409),
)
async def dismiss_alarm_level(
    incident_id: UUID, body: DismissAlarmLevelBody, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """The level stays as it is. If an agency asks again, it is proposed again."""
    return await shown(tx, access, await incidents.order(tx, access, incident_id, body.command()), response)
