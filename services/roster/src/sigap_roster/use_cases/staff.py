"""The use cases of staff: people are entered, and their entries replaced."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Conflict, Fault, Invalid
from sigap_common.http.etags import Expected
from sigap_common.personal_data import Sealed
from sigap_roster.domain import StaffMember
from sigap_roster.domain.leaving import StillPlanned
from sigap_roster.files.plan import plain
from sigap_roster.repository import RosterTransaction
from sigap_roster.use_cases.leaving import shifts_of_those_who_left


async def create_staff(tx: RosterTransaction, access: Access, regency: str, told: Mapping[str, Any]) -> StaffMember:
    """Adds a person to the staff. `told`: the fields of a StaffMember. Raises Conflict if somebody else has the subject
    or the number.
    """
    tx.require_known(access, regency)
    tx.packs.in_service(regency)
    begun = Aggregate(id=tx.new_id(), regency=regency)
    member = StaffMember(id=begun.id, regency=regency, **told, number_hash=number_hash(tx, told["number"]))
    return await _keep_member(tx, begun, member)


async def replace_staff(
    tx: RosterTransaction, access: Access, staff_id: UUID, expected: Expected, told: Mapping[str, Any]
) -> tuple[StaffMember, list[StillPlanned]]:
    """Replaces all fields of a person's entry. Returns also the shifts that a person who is not active still has.
    Raises the same errors as `create_staff`, and PreconditionFailed.
    """
    before = await tx.staff.visible(staff_id, access)
    expected.check(before.version)
    changed = {**told, "number_hash": number_hash(tx, told["number"])}
    member = await _keep_member(tx, before, before.model_copy(update=changed))
    return member, await shifts_of_those_who_left(tx, member.regency, set() if member.active else {member.id})


async def _keep_member(tx: RosterTransaction, before: Aggregate, member: StaffMember) -> StaffMember:
    _check_agency(tx, before, member)
    if other := await tx.staff.same_as(member):
        same_token = member.subject is not None and other.subject == member.subject
        reason = "staff-subject-taken" if same_token else "staff-number-taken"
        raise Conflict(reason, staff_id=other.id, who=other.name_and_number)
    return tx.staff.keep(before, member)


def _check_agency(tx: RosterTransaction, before: Aggregate, member: StaffMember) -> None:
    """Checks a person's agency. Raises Invalid if the pack does not have it. A person may keep an agency that the pack
    retired.
    """
    if member.agency is None or (isinstance(before, StaffMember) and before.agency == member.agency):
        return
    if not has_agency(tx, member.regency, member.agency):
        raise Invalid(errors=[Fault(("body", "agency"), "agency_unknown", {})])


def has_agency(tx: RosterTransaction, regency: str, path: str) -> bool:
    """Whether the path names an agency of the regency's pack."""
    of, _, code = path.partition("/")
    return of == regency and tx.packs.get(regency).agency(code) is not None


def number_hash(tx: RosterTransaction, number: Sealed | None) -> str | None:
    """The keyed hash by which a person is found from the staff number; None without one."""
    return tx.ring.lookup(f"staff/{plain(number.clear)}") if number else None
