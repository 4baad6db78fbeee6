"""The use cases of swaps: staff give duties away, or swap them, and the rules are asked before the plan changes.

Each locks the roster first and then the swap, so that of two swaps of one duty the later one sees the earlier.
"""

from uuid import UUID

from sigap_common.auth import Access
from sigap_common.contracts.decision import Decision
from sigap_common.core.errors import Fault, Forbidden, Invalid, NotAllowed
from sigap_common.core.workers import PLANS
from sigap_roster.domain import (
    STILL_OPEN,
    Duty,
    DutyState,
    Planned,
    Reassign,
    Roster,
    StaffMember,
    SwapState,
    as_published,
    decide_swap,
    followed,
)
from sigap_roster.listings import SWAPS
from sigap_roster.models import SwapRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.service import circumstances
from sigap_roster.visibility import PLANNERS


async def offer_swap(
    tx: RosterTransaction, access: Access, duty_id: UUID, to_staff_id: UUID | None, return_duty_id: UUID | None
) -> SwapRow:
    """Raises NotFound, Forbidden, NotAllowed, Invalid."""
    duty = await tx.duties.visible(duty_id, access, lock=False)
    await _require_own(tx, access, duty.staff_id)
    _require_ahead(tx, duty)
    wanted = await _wanted_in_return(tx, access, duty, return_duty_id)
    asked = await _asked(tx, duty, to_staff_id or (wanted.staff_id if wanted else None))
    if wanted and asked and wanted.staff_id != asked.id:
        raise Invalid(errors=[Fault(("body", "return_duty_id"), "duty_of_somebody_else", {"who": asked.name.clear})])
    row = SwapRow(
        id=tx.new_id(),
        regency=duty.regency,
        roster_id=duty.roster_id,
        duty_id=duty.id,
        staff_id=duty.staff_id,
        day=duty.day,
        shift=duty.shift,
        to_staff_id=asked.id if asked else None,
        return_duty_id=wanted.id if wanted else None,
        return_day=wanted.day if wanted else None,
        return_shift=wanted.shift if wanted else None,
        state=SwapState.OFFERED,
        asked_by=access.subject,
        asked_at=tx.now(),
        decided_by=None,
        decided_at=None,
    )
    await tx.swaps.add(row)
    return row


async def accept_swap(tx: RosterTransaction, access: Access, swap_id: UUID, staff_id: UUID | None) -> SwapRow:
    """`staff_id`: who takes it; None: the token's person. If the pack leaves it to the rules, the plan changes at once.

    Raises NotFound, Forbidden, NotAllowed, Invalid.
    """
    roster, swap = await _locked(tx, access, swap_id, SwapState.OFFERED)
    taker_id = staff_id or (await _own(tx, access, roster.regency)).id
    await _require_own(tx, access, taker_id)
    if swap.to_staff_id not in (None, taker_id):
        raise Forbidden("swap-of-others")
    if taker_id == swap.staff_id:
        raise Invalid(errors=[Fault(("body", "staff_id"), "swap_with_oneself", {})])
    swap = await tx.swaps.change(swap, to_staff_id=taker_id, state=SwapState.ACCEPTED)
    decision = await _decision(tx, access, roster, swap)
    if tx.packs.get(roster.regency).shifts.swap_approval == "automatic":
        return await _done(tx, access, decision, swap)
    return swap


async def approve_swap(tx: RosterTransaction, access: Access, swap_id: UUID) -> SwapRow:
    """Raises NotFound, NotAllowed, Invalid."""
    roster, swap = await _locked(tx, access, swap_id, SwapState.ACCEPTED)
    return await _done(tx, access, await _decision(tx, access, roster, swap), swap)


async def decline_swap(tx: RosterTransaction, access: Access, swap_id: UUID) -> SwapRow:
    """By the person who is asked, or the planner. Raises NotFound, Forbidden, NotAllowed."""
    _, swap = await _locked(tx, access, swap_id, *STILL_OPEN)
    if not access.may(*PLANNERS):
        if swap.to_staff_id is None:
            raise Forbidden("swap-of-others")
        await _require_own(tx, access, swap.to_staff_id)
    return await _ended(tx, access, swap, SwapState.DECLINED)


async def cancel_swap(tx: RosterTransaction, access: Access, swap_id: UUID) -> SwapRow:
    """By the person who offered it, or the planner. Raises NotFound, Forbidden, NotAllowed."""
    _, swap = await _locked(tx, access, swap_id, *STILL_OPEN)
    await _require_own(tx, access, swap.staff_id)
    return await _ended(tx, access, swap, SwapState.CANCELLED)


async def _locked(tx: RosterTransaction, access: Access, swap_id: UUID, *states: SwapState) -> tuple[Roster, SwapRow]:
    """The roster and the swap. Raises NotAllowed if its state is not one of these."""
    seen = await SWAPS.one(tx, access, swap_id)
    roster = await tx.rosters.get(seen.roster_id)
    swap = await tx.swaps.locked(swap_id)
    if swap.state not in states:
        raise NotAllowed("swap-is-over", state=swap.state)
    return roster, swap


async def _decision(tx: RosterTransaction, access: Access, roster: Roster, swap: SwapRow) -> Decision[Roster]:
    """The publication that carries the swap out. Nothing is recorded. Raises Invalid, NotAllowed."""
    takers: dict[Planned, UUID] = {}
    for duty_id, taker in ((swap.duty_id, swap.to_staff_id), (swap.return_duty_id, swap.staff_id)):
        if duty_id is not None and taker is not None:
            duty = await tx.duties.get(duty_id)
            _require_ahead(tx, duty)
            takers[Planned(staff_id=duty.staff_id, day=duty.day, shift=duty.shift)] = taker
    told = as_published(roster)
    people = await tx.staff.locked(roster.regency, {*(one.staff_id for one in told.planned), *takers.values()})
    around = await circumstances(tx, told, people, everybody=True)
    command = Reassign(by=access.subject, around=around, takers=takers)
    return await PLANS.run(decide_swap, roster, command, tx.now())


async def _done(tx: RosterTransaction, access: Access, decision: Decision[Roster], swap: SwapRow) -> SwapRow:
    roster = tx.rosters.record(decision)
    known = await tx.duties.of_roster(roster.id)
    await tx.duties.keep_all(known, followed(roster, known))
    await tx.swaps.overtake(swap)
    return await _ended(tx, access, swap, SwapState.DONE)


async def _ended(tx: RosterTransaction, access: Access, swap: SwapRow, state: SwapState) -> SwapRow:
    return await tx.swaps.change(swap, state=state, decided_by=access.subject, decided_at=tx.now())


async def _own(tx: RosterTransaction, access: Access, regency: str) -> StaffMember:
    """The token's person. Raises Forbidden."""
    person = await tx.staff.of_subject(regency, access.subject)
    if person is None:
        raise Forbidden("not-of-the-staff")
    return person


async def _require_own(tx: RosterTransaction, access: Access, staff_id: UUID) -> None:
    """Checks that the token is this person's, or a planner's. Raises Forbidden."""
    if not access.may(*PLANNERS):
        person = await tx.staff.get(staff_id, lock=False)
        if person.subject != access.subject:
            raise Forbidden("swap-of-others")


def _require_ahead(tx: RosterTransaction, duty: Duty) -> None:
    """Checks that the duty is still to come. Raises NotAllowed."""
    if duty.state is not DutyState.PLANNED:
        raise NotAllowed("swap-not-planned", state=duty.state)
    if duty.starts_at <= tx.now():
        raise NotAllowed("swap-too-late", state=duty.state, starts_at=duty.starts_at, regency=duty.regency)


async def _wanted_in_return(
    tx: RosterTransaction, access: Access, duty: Duty, return_duty_id: UUID | None
) -> Duty | None:
    if return_duty_id is None:
        return None
    wanted = await tx.duties.visible(return_duty_id, access, lock=False)
    if wanted.roster_id != duty.roster_id:
        raise Invalid(errors=[Fault(("body", "return_duty_id"), "duty_of_another_roster", {})])
    _require_ahead(tx, wanted)
    return wanted


async def _asked(tx: RosterTransaction, duty: Duty, staff_id: UUID | None) -> StaffMember | None:
    """The person who is asked; None: anybody. Raises Invalid."""
    if staff_id is None:
        return None
    person = (await tx.staff.some([staff_id])).get(staff_id)
    if person is None or person.regency != duty.regency or not person.active:
        raise Invalid(errors=[Fault(("body", "to_staff_id"), "not_active_staff", {})])
    if person.id == duty.staff_id:
        raise Invalid(errors=[Fault(("body", "to_staff_id"), "swap_with_oneself", {})])
    return person
