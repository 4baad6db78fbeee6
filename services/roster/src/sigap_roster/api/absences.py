"""`/v1/absences`: when staff are on leave, or wish to be free."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import RegencyCode
from sigap_roster import examples
from sigap_roster.api.parameters import Planner, Reader, Tx, View
from sigap_roster.api.upload import AbsenceFile, documented
from sigap_roster.domain import Absence, AbsenceKind
from sigap_roster.listings import ABSENCES, AbsenceFilters
from sigap_roster.schemas.absences import AbsenceList, AbsenceOut, AddAbsence, EffectOut
from sigap_roster.schemas.imports import ImportedOut
from sigap_roster.use_cases import absences, imports
from sigap_roster.visibility import LEADERS

router = APIRouter(prefix="/v1/absences", tags=["staff"], route_class=UseCaseRoute)


@router.post("", status_code=201, summary="Enter days off: leave, a wish, or ask for leave", responses=problems(404))
async def add_absence(body: AddAbsence, tx: Tx, access: Reader) -> AbsenceOut:
    """Staff enter wishes and ask for leave, for themselves. What they ask for binds nobody until it is granted."""
    row = await absences.add_absence(tx, access, Absence(**body.model_dump()))
    return AbsenceOut.model_validate(row, from_attributes=True)


@router.post(
    "/import",
    summary="Import days off (CSV), all of them or nothing",
    responses=problems(404, 415),
    openapi_extra=documented(
        "staff_id, staff_number or name; kind (leave, wish, wish_to_work or asked); first_day; last_day; shift; weight",
        examples.ABSENCE_FILE,
    ),
)
async def import_absences(
    access: Planner, file: AbsenceFile, regency: Annotated[RegencyCode, Query()], tx: Tx
) -> ImportedOut:
    """Rows that are there already change nothing, so the same file may come again."""
    return ImportedOut.model_validate(await imports.import_absences(tx, access, regency, file), from_attributes=True)


@router.get("", summary="List days off", responses=problems(404))
async def list_absences(view: View, access: Reader, filters: Filters[AbsenceFilters], page: PageOf50) -> AbsenceList:
    """A token with only the role staff sees its own."""
    return AbsenceList.model_validate(await ABSENCES.page(view, access, filters, page), from_attributes=True)


@router.delete("/{absence_id}", summary="Remove days off", responses=problems(404))
async def remove_absence(absence_id: UUID, tx: Tx, access: Reader) -> AbsenceOut:
    """Answers what was removed. Staff remove what is theirs, but no leave that was granted."""
    return AbsenceOut.model_validate(await absences.remove_absence(tx, access, absence_id), from_attributes=True)


@router.get("/{absence_id}/effect", summary="What days off would do to the rosters", responses=problems(404))
async def effect_of_absence(absence_id: UUID, view: View, access: Reader) -> EffectOut:
    """The person's shifts to come on those days, the seats that would stay open, and how many could take them."""
    found = await absences.effect_of_leave(view, access, absence_id)
    return EffectOut.of(found, named=access.may(*LEADERS))


@router.post("/{absence_id}/grant", summary="Grant the leave that is asked for", responses=problems(404, 409))
async def grant_leave(absence_id: UUID, tx: Tx, access: Planner) -> AbsenceOut:
    """From then on nobody may plan the person; what is planned already breaks the rule `available`."""
    row = await absences.decide_leave(tx, access, absence_id, AbsenceKind.LEAVE)
    return AbsenceOut.model_validate(row, from_attributes=True)


@router.post("/{absence_id}/refuse", summary="Refuse the leave that is asked for", responses=problems(404, 409))
async def refuse_leave(absence_id: UUID, tx: Tx, access: Planner) -> AbsenceOut:
    row = await absences.decide_leave(tx, access, absence_id, AbsenceKind.REFUSED)
    return AbsenceOut.model_validate(row, from_attributes=True)
