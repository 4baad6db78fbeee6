"""`/v1/absences`: when staff are on leave, or wish to be free."""

from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_roster import planning
from sigap_roster.api.parameters import Leader, Planner, Tx, View
from sigap_roster.listings import ABSENCES, AbsenceFilters
from sigap_roster.planning_schemas import AbsenceList, AbsenceOut, AddAbsence

router = APIRouter(prefix="/v1/absences", tags=["staff"], route_class=UseCaseRoute)


@router.post("", status_code=201, summary="Enter days off: leave, or a wish", responses=problems(404))
async def add_absence(body: AddAbsence, tx: Tx, access: Planner) -> AbsenceOut:
    row = await planning.add_absence(tx, access, body.staff_id, body.kind, body.first_day, body.last_day)
    return AbsenceOut.model_validate(row, from_attributes=True)


@router.get("", summary="List days off", responses=problems(404))
async def list_absences(view: View, access: Leader, filters: Filters[AbsenceFilters], page: PageOf50) -> AbsenceList:
    return AbsenceList.model_validate(await ABSENCES.page(view, access, filters, page), from_attributes=True)


@router.delete("/{absence_id}", summary="Remove days off", responses=problems(404))
async def remove_absence(absence_id: UUID, tx: Tx, access: Planner) -> AbsenceOut:
    """Answers what was removed."""
    return AbsenceOut.model_validate(await planning.remove_absence(tx, access, absence_id), from_attributes=True)
