"""`/v1/duties`: who is on duty when, and who was."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import Utc
from sigap_roster import service
from sigap_roster.api.parameters import Cursor, Limit, Reader, Regency, Tx, View
from sigap_roster.repository import Period
from sigap_roster.schemas import Attendance, Day, DutyList, DutyOut

router = APIRouter(prefix="/v1/duties", tags=["duties"], route_class=UseCaseRoute)


@router.get("", summary="Who is on duty: now, at a moment, or in some days", responses=problems(404))
async def list_duties(
    view: View,
    access: Reader,
    regency: Regency = None,
    staff: Annotated[UUID | None, Query(description="Of this person alone")] = None,
    at: Annotated[Utc | None, Query(description="Rostered for this moment; none, and nothing else asked: now")] = None,
    first: Annotated[Day | None, Query(alias="from", description="From this day on")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Until this day, included")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> DutyList:
    view.require_known(access, regency)
    now = view.now() if staff is None and first is None and last is None else None
    period = Period(at=at or now, first=first, last=last)
    found = await view.duties.page(access, period, cursor, limit, regency=regency, staff_id=staff)
    return DutyList.of(*found)


@router.post(
    "/{duty_id}/start",
    summary="A duty starts",
    responses=problems(404, 409),
)
async def start_duty(duty_id: UUID, tx: Tx, access: Reader, body: Attendance = Attendance()) -> DutyOut:
    return DutyOut.of(await service.attend(tx, access, duty_id, body.start(access.subject)))


@router.post("/{duty_id}/end", summary="A duty ends", responses=problems(404, 409))
async def end_duty(duty_id: UUID, tx: Tx, access: Reader, body: Attendance = Attendance()) -> DutyOut:
    return DutyOut.of(await service.attend(tx, access, duty_id, body.end(access.subject)))
