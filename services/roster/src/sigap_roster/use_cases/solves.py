"""The use cases of searches for plans."""

from collections.abc import Mapping
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.core.workers import PLANS
from sigap_common.http.etags import Expected
from sigap_roster.domain import Planned, Roster, SolveState, plan
from sigap_roster.domain.program import Existing, size
from sigap_roster.domain.roster import plan_of
from sigap_roster.domain.rules import departures
from sigap_roster.domain.swaps import undone
from sigap_roster.models import SolveRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.use_cases.circumstances import circumstances

MOST_CHOICES = 50_000
"""People by days by shifts of one search: a program of more takes too much memory."""
WITH_PLAN = (SolveState.RUNNING, SolveState.DONE)


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
    """Puts what was found into the draft, unless the planner has locked something else since, or it would undo what
    staff have swapped or taken since. Raises NotFound, PreconditionFailed, NotAllowed, Invalid.
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
    if lost := await _undone(tx, roster, found, planned):
        faults = [
            Fault(("body",), kind, {"who": around.name(one.staff_id), "day": one.day, "shift": one.shift})
            for kind, one in lost
        ]
        raise Invalid("plan-undoes-swaps", errors=faults, count=len(faults))
    return tx.rosters.keep(roster, planned)


async def _undone(tx: RosterTransaction, roster: Roster, found: SolveRow, planned: Roster) -> list[tuple[str, Planned]]:
    """What the plan that was found would undo of swaps and open shifts since the search read the roster."""
    if found.roster_version == roster.version:
        return []
    read = await tx.publications.as_of(roster, found.roster_version)
    got, gave = await _exchanged(tx, roster.id)
    return undone(roster, planned, got, gave, plan_of(read.assignments) if read else None)


async def _exchanged(tx: RosterTransaction, roster_id: UUID) -> tuple[list[Planned], list[Planned]]:
    """What people ever got by swaps and as open shifts of the roster, and what they gave away by swaps."""
    got: list[Planned] = []
    gave: list[Planned] = []
    for swap in await tx.swaps.done(roster_id):
        there = (swap.roster_id, swap.day, swap.shift, swap.staff_id, swap.to_staff_id)
        back = (swap.return_roster_id or swap.roster_id, swap.return_day, swap.return_shift, swap.to_staff_id)
        for of_roster, day, shift, giver, taker in (there, (*back, swap.staff_id)):
            if of_roster == roster_id and day and shift and giver and taker:
                gave.append(Planned(staff_id=giver, day=day, shift=shift))
                got.append(Planned(staff_id=taker, day=day, shift=shift))
    got += [Planned(staff_id=one.staff_id, day=one.day, shift=one.shift) for one in await tx.pickups.done(roster_id)]
    return got, gave


async def explain_search(
    view: RosterTransaction, access: Access, roster_id: UUID, solve_id: UUID
) -> tuple[SolveRow, Mapping[str, str]]:
    """The search with its explanation, and the names of the regency's staff by id. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    found = await view.solves.of_roster(roster_id, solve_id)
    people = await view.staff.of_regency(roster.regency) if found.explanation else {}
    return found, {str(person.id): person.name_and_number for person in people.values()}
