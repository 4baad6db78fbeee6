"""Use cases of single cells of a plan: why a person is on a shift, who else could be, and what the planner locks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Literal
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Forbidden, Invalid, NotFound
from sigap_common.core.workers import PLANS
from sigap_roster.domain import Breach, Circumstances, Planned, Roster, StaffMember, StandIn, as_published, stand_ins
from sigap_roster.domain.comparing import newly_broken
from sigap_roster.domain.locking import broken_by, refusals
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.roster import MOST_ASSIGNMENTS
from sigap_roster.domain.why import Why, why
from sigap_roster.models import LockRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.repository.locks import lock_of
from sigap_roster.use_cases.circumstances import circumstances, with_history
from sigap_roster.use_cases.teams import team_of
from sigap_roster.visibility import PLANNERS, sees_drafts


async def find_stand_ins(
    view: RosterTransaction, access: Access, roster_id: UUID, day: date, shift: str, *, published: bool
) -> tuple[list[StandIn], Mapping[UUID, StaffMember]]:
    """Who else could take a shift of the draft, or of the published plan, with the staff by id. Raises NotFound,
    Invalid.
    """
    roster = await view.rosters.visible(roster_id, access, lock=False)
    roster = as_published(roster) if published else roster
    people = await view.staff.of_regency(roster.regency)
    around = await circumstances(view, roster, people, everybody=True, numbers=True)
    if faults := [*wrong_place(roster, around, day, shift, "query")]:
        raise Invalid(errors=faults)
    return await PLANS.run(stand_ins, roster, around, view.now(), day, shift), people


def wrong_place(
    roster: Roster, around: Circumstances, day: date, shift: str | None, part: Literal["query", "body"]
) -> Iterator[Fault]:
    """What keeps a day and a shift from being the roster's. `shift`: None, if only the day is named."""
    if not roster.first_day <= day <= roster.last_day:
        yield Fault((part, "day"), "not_in_plan", {"first_day": roster.first_day, "last_day": roster.last_day})
    if shift is not None and around.shift(shift) is None:
        known = ", ".join(one.code for one in around.pattern.shifts) or "-"
        yield Fault((part, "shift"), "shift_unknown", {"known": known})


async def explain_assignment(
    view: RosterTransaction, access: Access, roster_id: UUID, cell: Planned, *, published: bool
) -> tuple[Why, Mapping[UUID, StaffMember]]:
    """Why the person is on the shift, with the staff by id. Staff ask about their own published assignments, and are
    told nothing of locks: these are part of the draft.

    Raises NotFound, Forbidden, Invalid.
    """
    roster = await view.rosters.visible(roster_id, access, lock=False)
    people = await view.staff.of_regency(roster.regency)
    person = people.get(cell.staff_id)
    if person is None:
        raise NotFound
    leader = sees_drafts(access)
    if not leader and person.subject != access.subject:
        raise Forbidden("assignment-of-another")
    asked = roster if leader and not published else as_published(roster)
    locks = None if leader else ()
    around = await circumstances(view, asked, people, everybody=True, locks=locks, numbers=leader)
    around = await with_history(view, asked, around)
    faults = [*wrong_place(asked, around, cell.day, cell.shift, "query")]
    if not faults and cell not in asked.planned:
        faults = [Fault(("query", "shift"), "not_on_shift", {"who": around.name(person.id), "day": cell.day})]
    if faults:
        raise Invalid(errors=faults)
    teams = [team_of(row) for row in await view.teams.of_regency(roster.regency)]
    explained = partial(why, planner=access.may(*PLANNERS))
    return await PLANS.run(explained, asked, around, view.now(), cell, teams), people


async def lock_cell(
    tx: RosterTransaction, access: Access, roster_id: UUID, lock: Lock
) -> tuple[LockRow, Circumstances, Sequence[Breach]]:
    """Locks a cell of the draft. What is locked already stays as it is. Returns also what the lock is judged by, and
    the hard rules that it breaks. Raises NotFound, Invalid.
    """
    roster = await tx.rosters.visible(roster_id, access)
    rows = {lock_of(row): row for row in await tx.locks.of_roster(roster.id)}
    people = await tx.staff.of_regency(roster.regency)
    around = await circumstances(tx, roster, people, everybody=True, locks=rows.keys(), numbers=True)
    known = rows.get(lock)
    if known is None and (faults := _faults(roster, around, tx.now(), lock)):
        raise Invalid(errors=faults)
    own = {one for one in around.locks if one.staff_id == lock.staff_id}
    before = await PLANS.run(broken_by, roster, around, tx.now(), own - {lock})
    after = await PLANS.run(broken_by, roster, around, tx.now(), own | {lock})
    return known or await _add(tx, access, roster, lock), around, newly_broken(before, after)


async def _add(tx: RosterTransaction, access: Access, roster: Roster, lock: Lock) -> LockRow:
    row = LockRow(
        id=tx.new_id(),
        regency=roster.regency,
        roster_id=roster.id,
        staff_id=lock.staff_id,
        day=lock.day,
        shift=lock.shift,
        locked_by=access.subject,
        locked_at=tx.now(),
    )
    await tx.locks.add(row)
    return row


def _faults(roster: Roster, around: Circumstances, now: datetime, lock: Lock) -> list[Fault]:
    if len(around.locks) >= MOST_ASSIGNMENTS:
        return [Fault(("body",), "too_many_locks", {"most": MOST_ASSIGNMENTS})]
    found = [*wrong_place(roster, around, lock.day, lock.shift, "body")]
    return found + [Fault(("body", name), kind, told) for name, kind, told in refusals(lock, around, now)]


async def free_cell(
    tx: RosterTransaction, access: Access, roster_id: UUID, lock_id: UUID
) -> tuple[LockRow, Circumstances]:
    """Frees a cell. The draft stays as it is. Raises NotFound."""
    roster = await tx.rosters.visible(roster_id, access)
    row = await tx.locks.one(roster.id, lock_id)
    around = await circumstances(tx, roster, await tx.staff.of_regency(roster.regency))
    await tx.locks.remove(row)
    return row, around


async def list_locks(
    view: RosterTransaction, access: Access, roster_id: UUID
) -> tuple[list[LockRow], Circumstances, Sequence[Breach]]:
    """The locked cells, and the hard rules that they break together. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    rows = await view.locks.of_roster(roster.id)
    people = await view.staff.of_regency(roster.regency)
    locks = [lock_of(row) for row in rows]
    around = await circumstances(view, roster, people, everybody=True, locks=locks, numbers=True)
    found = await PLANS.run(broken_by, roster, around, view.now(), around.locks)
    return rows, around, found
