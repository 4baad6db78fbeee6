"""`/v1/staff`: the people who can be planned for shifts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from sigap_common.auth import Access
from sigap_common.http.etags import IF_MATCH, IfMatch, etag
from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import RegencyCode
from sigap_roster import examples
from sigap_roster.api.parameters import Planner, Reader, Tx, View
from sigap_roster.api.upload import StaffFile, documented
from sigap_roster.domain import StaffMember
from sigap_roster.listings import STAFF, StaffFilters
from sigap_roster.schemas.leaving import ImportedStaffOut, ReplacedStaffOut
from sigap_roster.schemas.staff import CreateStaff, StaffEntry, StaffList, StaffOut
from sigap_roster.use_cases import imports, staff
from sigap_roster.visibility import PLANNERS

router = APIRouter(prefix="/v1/staff", tags=["staff"], route_class=UseCaseRoute)


@router.post("", status_code=201, summary="Enter a person", responses=problems(404, 409))
async def create_staff(body: CreateStaff, tx: Tx, access: Planner, response: Response) -> StaffOut:
    return _tagged(response, await staff.create_staff(tx, access, body.regency, body.told()), access)


@router.post(
    "/import",
    summary="Import a list of staff (CSV), all of it or nothing",
    responses=problems(404, 415),
    openapi_extra=documented("staff_number; name; and fields of a person's entry", examples.STAFF_FILE),
)
async def import_staff(
    access: Planner, file: StaffFile, regency: Annotated[RegencyCode, Query()], tx: Tx
) -> ImportedStaffOut:
    """A person whose number is known keeps the fields that the file does not have."""
    return ImportedStaffOut.of(await imports.import_staff(tx, access, regency, file))


@router.get("", summary="List staff; a token with only the role staff sees its own entry", responses=problems(404))
async def list_staff(view: View, access: Reader, filters: Filters[StaffFilters], page: PageOf50) -> StaffList:
    found = (await STAFF.page(view, access, filters, page)).map(view.staff.of_row)
    return StaffList(items=[_seen(member, access) for member in found.items], next=found.next)


@router.get("/{staff_id}", summary="Read a person's entry", responses=problems(404))
async def read_staff(staff_id: UUID, view: View, access: Reader, response: Response) -> StaffOut:
    return _tagged(response, await view.staff.visible(staff_id, access, lock=False), access)


@router.put("/{staff_id}", summary="Replace a person's entry", responses=problems(404, 409, *IF_MATCH))
async def replace_staff(
    staff_id: UUID, body: StaffEntry, tx: Tx, access: Planner, expected: IfMatch, response: Response
) -> ReplacedStaffOut:
    """No plan loses somebody who is made inactive: the answer names the shifts that the person still has."""
    member, left = await staff.replace_staff(tx, access, staff_id, expected, body.told())
    return ReplacedStaffOut.leaving(_tagged(response, member, access), left)


def _tagged(response: Response, member: StaffMember, access: Access) -> StaffOut:
    response.headers.update(etag(member.version))
    return _seen(member, access)


def _seen(member: StaffMember, access: Access) -> StaffOut:
    own = member.subject is not None and member.subject == access.subject
    return StaffOut.of(member, restrictions=own or access.may(*PLANNERS))
