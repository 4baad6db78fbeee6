"""The use cases of swaps: staff give duties away, or swap them, and the rules are asked before the plans change."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Forbidden, Invalid, NotAllowed, NotFound
from sigap_roster.domain import STILL_OPEN, Duty, DutyState, Planned, Roster, StaffMember, SwapState
from sigap_roster.listings import SWAPS
from sigap_roster.models import SwapRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.use_cases.amendments import (
    Decided,
    carry_out,
    decided,
    ended,
    locked,
    needs_no_planner,
    own,
    require_own,
)
from sigap_roster.visibility import PLANNERS


async def offer_swap(
    tx: RosterTransaction, access: Access, duty_id: UUID, to_staff_id: UUID | None, return_duty_id: UUID | None
) -> SwapRow:
    """Raises NotFound, Forbidden, NotAllowed, Invalid."""
    duty = await tx.duties.visible(duty_id, access, lock=False)
    await require_own(tx, access, duty.staff_id)
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
        for_anybody=asked is None,
        return_duty_id=wanted.id if wanted else None,
        return_day=wanted.day if wanted else None,
        return_shift=wanted.shift if wanted else None,
        return_roster_id=wanted.roster_id if wanted and wanted.roster_id != duty.roster_id else None,
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
    try:
        rosters, swap = await _locked(tx, access, swap_id, (SwapState.OFFERED,))
    except NotFound:
        await _require_not_taken(tx, access, swap_id)
        raise
    taker_id = staff_id or (await own(tx, access, swap.regency)).id
    await require_own(tx, access, taker_id)
    if swap.to_staff_id not in (None, taker_id):
        raise Forbidden("swap-of-others")
    if taker_id == swap.staff_id:
        raise Invalid(errors=[Fault(("body", "staff_id"), "swap_with_oneself", {})])
    swap = await tx.swaps.change(swap, to_staff_id=taker_id, state=SwapState.ACCEPTED)
    changes = await _decided(tx, access, rosters, swap)
    if needs_no_planner(tx, swap.regency):
        return await _done(tx, access, changes, swap)
    return swap


async def approve_swap(tx: RosterTransaction, access: Access, swap_id: UUID) -> SwapRow:
    """Raises NotFound, NotAllowed, Invalid."""
    rosters, swap = await _locked(tx, access, swap_id, (SwapState.ACCEPTED,))
    return await _done(tx, access, await _decided(tx, access, rosters, swap), swap)


async def decline_swap(tx: RosterTransaction, access: Access, swap_id: UUID) -> SwapRow:
    """By the person who is asked, or the planner. Raises NotFound, Forbidden, NotAllowed."""
    _, swap = await _locked(tx, access, swap_id, STILL_OPEN)
    if not access.may(*PLANNERS):
        if swap.to_staff_id is None:
            raise Forbidden("swap-of-others")
        await require_own(tx, access, swap.to_staff_id)
    return await ended(tx, access, tx.swaps, swap, SwapState.DECLINED)


async def cancel_swap(tx: RosterTransaction, access: Access, swap_id: UUID) -> SwapRow:
    """By the person who offered it, or the planner. Raises NotFound, Forbidden, NotAllowed."""
    _, swap = await _locked(tx, access, swap_id, STILL_OPEN)
    await require_own(tx, access, swap.staff_id)
    return await ended(tx, access, tx.swaps, swap, SwapState.CANCELLED)


async def _locked(
    tx: RosterTransaction, access: Access, swap_id: UUID, states: Collection[SwapState]
) -> tuple[Mapping[UUID, Roster], SwapRow]:
    """The rosters that the swap changes, and the swap. Raises NotFound, NotAllowed if its state is another."""
    seen = await SWAPS.one(tx, access, swap_id)
    rosters = await tx.rosters.locked({seen.roster_id, seen.return_roster_id or seen.roster_id})
    return rosters, await locked(tx.swaps, swap_id, states)


async def _require_not_taken(tx: RosterTransaction, access: Access, swap_id: UUID) -> None:
    """Checks that no colleague has taken it: what was offered to everybody is not visible any more to whoever was
    slower, who should read why. Of an offer to one person the others learn nothing. Raises NotAllowed, NotFound.
    """
    seen = await tx.swaps.locked(swap_id)
    taken = seen.for_anybody and seen.state in (SwapState.ACCEPTED, SwapState.DONE) and access.covers(seen.regency)
    if taken and await tx.staff.of_subject(seen.regency, access.subject):
        raise NotAllowed("swap-is-over", state=SwapState(seen.state))


async def _decided(tx: RosterTransaction, access: Access, rosters: Mapping[UUID, Roster], swap: SwapRow) -> Decided:
    """The publications that carry the swap out. Nothing is recorded. Raises Invalid, NotAllowed."""
    takers: dict[UUID, dict[Planned, UUID]] = {roster_id: {} for roster_id in rosters}
    for duty_id, taker in ((swap.duty_id, swap.to_staff_id), (swap.return_duty_id, swap.staff_id)):
        if duty_id is not None and taker is not None:
            duty = await tx.duties.get(duty_id)
            _require_ahead(tx, duty)
            takers[duty.roster_id][Planned(staff_id=duty.staff_id, day=duty.day, shift=duty.shift)] = taker
    return await decided(tx, access, rosters.values(), takers)


async def _done(tx: RosterTransaction, access: Access, changes: Decided, swap: SwapRow) -> SwapRow:
    await carry_out(tx, changes)
    return await ended(tx, access, tx.swaps, swap, SwapState.DONE)


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
    if wanted.regency != duty.regency:
        raise Invalid(errors=[Fault(("body", "return_duty_id"), "duty_of_another_regency", {})])
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
