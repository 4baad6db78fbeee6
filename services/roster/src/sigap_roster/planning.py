"""The use cases of days off, and of searches for plans."""

from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Invalid, NotAllowed, RoleMissing
from sigap_common.core.workers import PLANS
from sigap_common.http.etags import Expected
from sigap_roster.domain import (
    OWN_KINDS,
    Absence,
    AbsenceKind,
    Planned,
    Roster,
    SolveState,
    as_published,
    plan,
)
from sigap_roster.domain.program import Existing, size
from sigap_roster.domain.rules import departures
from sigap_roster.domain.staff import refused_absence
from sigap_roster.domain.stand_ins import MOST_UNCOVERED, Uncovered, uncovered
from sigap_roster.listings import ABSENCES
from sigap_roster.models import AbsenceRow, SolveRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.service import circumstances
from sigap_roster.visibility import PLANNERS, sees_drafts

MOST_CHOICES = 50_000
"""People by days by shifts of one search: a program of more takes too much memory."""
WITH_PLAN = (SolveState.RUNNING, SolveState.DONE)


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
        raise NotAllowed("leave-not-asked", state=row.kind)
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


async def ask_for_plan(
    tx: RosterTransaction, access: Access, roster_id: UUID, existing: Existing, seconds: int, seed: int
) -> SolveRow:
    """Queues a search. One of the same roster that is not over is cancelled. Raises NotFound, Invalid."""
    roster = await tx.rosters.visible(roster_id, access)
    people = await tx.staff.of_regency(roster.regency)
    choices = size(roster, people.values(), tx.packs.get(roster.regency).shifts)
    if choices > MOST_CHOICES:
        raise Invalid(errors=[Fault(("body",), "solve_too_large", {"choices": choices, "most": MOST_CHOICES})])
    await tx.solves.cancel(roster.id)
    row = SolveRow(
        id=tx.new_id(),
        regency=roster.regency,
        roster_id=roster.id,
        roster_version=roster.version,
        state=SolveState.QUEUED,
        existing=existing,
        seconds=seconds,
        seed=seed,
        asked_by=access.subject,
        asked_at=tx.now(),
        started_at=None,
        ended_at=None,
        progress={},
        assignments=[],
        failure=None,
        explanation={},
        turn=await tx.solves.next_turn(roster.regency),
    )
    await tx.solves.add(row)
    return row


async def cancel_search(tx: RosterTransaction, access: Access, roster_id: UUID, solve_id: UUID) -> SolveRow:
    """Nothing if it is over. Raises NotFound."""
    await tx.rosters.visible(roster_id, access)
    await tx.solves.of_roster(roster_id, solve_id)
    await tx.solves.cancel(roster_id, solve_id)
    return await tx.solves.of_roster(roster_id, solve_id)


async def take_plan(
    tx: RosterTransaction, access: Access, roster_id: UUID, solve_id: UUID, expected: Expected
) -> Roster:
    """Puts what was found into the draft, unless the planner has locked something else since. Raises NotFound,
    PreconditionFailed, NotAllowed, Invalid.
    """
    roster = await tx.rosters.visible(roster_id, access)
    found = await tx.solves.of_roster(roster_id, solve_id)
    expected.check(roster.version)
    if found.state not in WITH_PLAN or not found.assignments:
        raise NotAllowed("solve-without-plan", state=SolveState(found.state))
    planned = plan(roster, tuple(Planned.model_validate(one) for one in found.assignments))
    around = await circumstances(tx, planned, await tx.staff.of_regency(roster.regency), numbers=True)
    if around.locks and (not_kept := await PLANS.run(departures, planned, around, tx.now())):
        faults = [Fault(("body",), one.kind, one.params) for one in not_kept]
        raise Invalid("plan-departs-from-locks", errors=faults, count=len(faults))
    return tx.rosters.keep(roster, planned)


async def explain_search(
    view: RosterTransaction, access: Access, roster_id: UUID, solve_id: UUID
) -> tuple[SolveRow, Mapping[str, str]]:
    """The search with its explanation, and the names of the regency's staff by id. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    found = await view.solves.of_roster(roster_id, solve_id)
    people = await view.staff.of_regency(roster.regency) if found.explanation else {}
    return found, {str(person.id): person.name_and_number for person in people.values()}
