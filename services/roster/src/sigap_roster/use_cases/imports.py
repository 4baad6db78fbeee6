"""The use cases of importing staff and days off from files: all of a file, or nothing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault
from sigap_roster.domain import Absence, StaffMember
from sigap_roster.domain.leaving import StillPlanned
from sigap_roster.files import absences, staff
from sigap_roster.files.lines import ReadFile, Refused
from sigap_roster.files.staff import Entry
from sigap_roster.models import AbsenceRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.use_cases.leaving import shifts_of_those_who_left
from sigap_roster.use_cases.staff import has_agency, number_hash


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows of a file added something, changed something, and said what was known. `still_planned`: if a row
    makes a person inactive, the shifts that the person still has.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    still_planned: Sequence[StillPlanned] = ()


async def import_staff(tx: RosterTransaction, access: Access, regency: str, file: ReadFile) -> Imported:
    """Adds the people of a list whose numbers nobody has, and replaces the fields that the list has of those who have
    them. Raises Refused.
    """
    tx.require_known(access, regency)
    tx.packs.in_service(regency)
    entries, faults = staff.resolve(file.lines, regency)
    hashes = {entry.key: number_hash(tx, entry.told["number"]) for entry in entries}
    subjects = {str(entry.told["subject"]) for entry in entries if entry.told.get("subject")}
    numbers = {hashed for hashed in hashes.values() if hashed}
    known = list((await tx.staff.with_any(regency, numbers, subjects)).values())
    by_number = {one.number_hash: one for one in known if one.number_hash}
    by_subject = {one.subject: one for one in known if one.subject}
    listed = [(entry, by_number.get(hashes[entry.key] or "")) for entry in entries]
    faults += [fault for entry, before in listed for fault in _faults(tx, regency, entry, before, by_subject)]
    if faults:
        raise Refused(faults)
    kept = []
    for entry, before in listed:
        begun: Aggregate = before or Aggregate(id=tx.new_id(), regency=regency)
        told = {**entry.told, "number_hash": hashes[entry.key]}
        kept.append((begun, _member(begun, told)))
    versions = [(begun.version, tx.staff.keep(begun, member).version) for begun, member in kept]
    left = {member.id for _, member in kept if not member.active}
    return Imported(
        added=sum(before == 0 for before, _ in versions),
        changed=sum(0 < before < after for before, after in versions),
        unchanged=sum(before == after for before, after in versions),
        still_planned=await shifts_of_those_who_left(tx, regency, left),
    )


def _member(begun: Aggregate, told: Mapping[str, object]) -> StaffMember:
    if isinstance(begun, StaffMember):
        return begun.model_copy(update=dict(told))
    return StaffMember.model_validate({"id": begun.id, "regency": begun.regency, **told})


def _faults(
    tx: RosterTransaction,
    regency: str,
    entry: Entry,
    before: StaffMember | None,
    by_subject: Mapping[str, StaffMember],
) -> list[Fault]:
    """What is wrong with an entry beside others. A person may keep an agency that the pack retired."""
    found = []
    agency, subject = entry.told.get("agency"), entry.told.get("subject")
    if agency and not (before and before.agency == agency) and not has_agency(tx, regency, agency):
        found.append(entry.line.fault("agency", "agency_unknown"))
    other = by_subject.get(subject) if subject else None
    if other and (before is None or other.id != before.id):
        found.append(entry.line.fault("subject", "csv_subject_taken", who=other.name_and_number))
    return found


async def import_absences(tx: RosterTransaction, access: Access, regency: str, file: ReadFile) -> Imported:
    """Adds the days off of a list that are not there yet. Raises Refused."""
    tx.require_known(access, regency)
    people = await tx.staff.of_regency(regency)
    listed, faults = absences.resolve(file.lines, people, tx.packs.get(regency).shifts)
    if faults:
        raise Refused(faults)
    await tx.staff.locked(regency, {one.staff_id for one in listed})
    days = (min(one.first_day for one in listed), max(one.last_day for one in listed))
    there = set(await tx.absences.between(regency, *days))
    new = [one for one in listed if one not in there]
    await tx.absences.add_all([_row(tx.new_id(), regency, one) for one in new])
    return Imported(added=len(new), unchanged=len(listed) - len(new))


def _row(absence_id: UUID, regency: str, one: Absence) -> AbsenceRow:
    return AbsenceRow(id=absence_id, regency=regency, **asdict(one))
