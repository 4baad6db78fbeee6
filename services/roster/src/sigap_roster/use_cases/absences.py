"""The use cases of days off."""

from dataclasses import asdict
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Invalid, NotAllowed, RoleMissing
from sigap_common.core.workers import PLANS
from sigap_roster.domain import OWN_KINDS, Absence, AbsenceKind, as_published
from sigap_roster.domain.staff import refused_absence
from sigap_roster.domain.stand_ins import MOST_UNCOVERED, Uncovered, uncovered
from sigap_roster.listings import ABSENCES
from sigap_roster.models import AbsenceRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.use_cases.circumstances import circumstances
from sigap_roster.visibility import PLANNERS, sees_drafts


async def add_absence(tx: RosterTransaction, access: Access, told: Absence) -> AbsenceRow:
    """Staff enter wishes and ask for leave, for themselves. Raises NotFound, RoleMissing, Invalid."""
    person = await tx.staff.visible(told.staff_id, access, lock=False)
    if not access.may(*PLANNERS) and (told.kind not in OWN_KINDS or person.subject != access.subject):
        raise RoleMissing(PLANNERS)
    shifts = [shift.code for shift in tx.packs.get(person.regency).shifts.shifts]
    if faults := [Fault(("body", field), kind, params) for field, kind, params in refused_absence(told, shifts)]:
        raise Invalid(errors=faults)
    row = AbsenceRow(id=tx.new_id(), regency=person.regency, **asdict(told))
    await tx.absences.add(row)
    return row


async def remove_absence(tx: RosterTransaction, access: Access, absence_id: UUID) -> AbsenceRow:
    """Staff remove what they entered, unless it was granted. Raises NotFound, RoleMissing."""
    await ABSENCES.one(tx, access, absence_id)
    row = await tx.absences.visible(absence_id, access)
    if row.kind == AbsenceKind.LEAVE and not access.may(*PLANNERS):
        raise RoleMissing(PLANNERS)
    await tx.absences.remove(row)
    return row


async def decide_leave(tx: RosterTransaction, access: Access, absence_id: UUID, kind: AbsenceKind) -> AbsenceRow:
    """Grants or refuses leave that somebody asked for. A refusal may be taken back. Raises NotFound, NotAllowed."""
    row = await tx.absences.visible(absence_id, access)
    if row.kind == kind:
        return row
    granted = kind is AbsenceKind.LEAVE and row.kind == AbsenceKind.REFUSED
    if row.kind != AbsenceKind.ASKED and not granted:
        raise NotAllowed("leave-not-asked", state=AbsenceKind(row.kind))
    return await tx.absences.change(row, kind)


async def effect_of_leave(view: RosterTransaction, access: Access, absence_id: UUID) -> list[Uncovered]:
    """What the days off would do to the rosters of those days, as the token sees them. Raises NotFound."""
    row = await ABSENCES.one(view, access, absence_id)
    people = await view.staff.of_regency(row.regency)
    away = Absence(row.staff_id, AbsenceKind(row.kind), row.first_day, row.last_day)
    found: list[Uncovered] = []
    rosters, leader = await view.rosters.of_days(row.regency, row.first_day, row.last_day), sees_drafts(access)
    if not leader:
        rosters = [as_published(roster) for roster in rosters if roster.published_version]
    for roster in rosters:
        around = await circumstances(view, roster, people, everybody=True, locks=None if leader else ())
        found += await PLANS.run(uncovered, roster, around, view.now(), away)
        if len(found) >= MOST_UNCOVERED:
            break
    return found[:MOST_UNCOVERED]
