"""The use cases of days off, and of searches for plans."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.http.etags import Expected
from sigap_roster.domain import AbsenceKind, Planned, Roster, SolveState, StaffMember, plan
from sigap_roster.domain.program import Existing, size
from sigap_roster.models import AbsenceRow, SolveRow
from sigap_roster.repository import RosterTransaction

MOST_DAYS_OFF = 366
MOST_CHOICES = 50_000
"""People by days by shifts of one search: a program of more takes too much memory."""
WITH_PLAN = (SolveState.RUNNING, SolveState.DONE)


async def add_absence(
    tx: RosterTransaction, access: Access, staff_id: UUID, kind: AbsenceKind, first_day: date, last_day: date
) -> AbsenceRow:
    """Raises NotFound, Invalid."""
    person = await tx.staff.visible(staff_id, access, lock=False)
    if last_day < first_day:
        raise Invalid(errors=[Fault(("body", "last_day"), "before_first_day", {})])
    if (last_day - first_day).days >= MOST_DAYS_OFF:
        raise Invalid(errors=[Fault(("body", "last_day"), "absence_too_long", {"most": MOST_DAYS_OFF})])
    row = AbsenceRow(
        id=tx.new_id(),
        regency=person.regency,
        staff_id=staff_id,
        kind=kind,
        first_day=first_day,
        last_day=last_day,
    )
    await tx.absences.add(row)
    return row


async def remove_absence(tx: RosterTransaction, access: Access, absence_id: UUID) -> AbsenceRow:
    """Raises NotFound."""
    row = await tx.absences.visible(absence_id, access)
    await tx.absences.remove(row)
    return row


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
    """Puts what was found into the draft. Raises NotFound, PreconditionFailed, NotAllowed."""
    roster = await tx.rosters.visible(roster_id, access)
    found = await tx.solves.of_roster(roster_id, solve_id)
    expected.check(roster.version)
    if found.state not in WITH_PLAN or not found.assignments:
        raise NotAllowed("solve-without-plan", state=SolveState(found.state))
    planned = tuple(Planned.model_validate(one) for one in found.assignments)
    return tx.rosters.keep(roster, plan(roster, planned))


async def explain_search(
    view: RosterTransaction, access: Access, roster_id: UUID, solve_id: UUID
) -> tuple[SolveRow, Mapping[str, str]]:
    """The search with its explanation, and the names of the regency's staff by id. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    found = await view.solves.of_roster(roster_id, solve_id)
    people = await view.staff.of_regency(roster.regency) if found.explanation else {}
    return found, {str(person.id): _told(person) for person in people.values()}


def _told(person: StaffMember) -> str:
    """Name and number of a person."""
    return f"{person.name.clear} ({person.number.clear})" if person.number else person.name.clear
