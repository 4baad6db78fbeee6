"""`/v1/duties`: who is on duty when, and who was."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.listing import Filters, PageOf100
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_roster.api.parameters import InRoom, Reader, Tx, View
from sigap_roster.listings import DUTIES, DutyFilters
from sigap_roster.schemas.duties import Attendance, DutyList, DutyOut
from sigap_roster.use_cases import duties

router = APIRouter(prefix="/v1/duties", tags=["duties"], route_class=UseCaseRoute)


@router.get("", summary="Who is on duty: now, at a moment, or in some days", responses=problems(404))
async def list_duties(view: View, access: InRoom, filters: Filters[DutyFilters], page: PageOf100) -> DutyList:
    """Duties that have not started are in it too (`planned`). Operators and dispatchers may read the list."""
    if filters.asks_for_now:
        filters = replace(filters, at=view.now())
    return DutyList.of((await DUTIES.page(view, access, filters, page)).map(view.duties.named))


@router.post(
    "/{duty_id}/start",
    summary="A duty starts",
    responses=problems(404, 409),
)
async def start_duty(duty_id: UUID, tx: Tx, access: Reader, body: Attendance = Attendance()) -> DutyOut:
    return DutyOut.of(await duties.attend(tx, access, duty_id, body.start(access.subject)))


@router.post("/{duty_id}/end", summary="A duty ends", responses=problems(404, 409))
async def end_duty(duty_id: UUID, tx: Tx, access: Reader, body: Attendance = Attendance()) -> DutyOut:
    return DutyOut.of(await duties.attend(tx, access, duty_id, body.end(access.subject)))
