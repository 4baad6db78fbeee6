"""The use cases of open shifts: staff see the seats that they could take, and take one if the rules allow it."""

from datetime import timedelta
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Forbidden
from sigap_common.core.workers import PLANS
from sigap_roster.domain import STILL_OPEN, Planned, Roster, SwapState, as_published
from sigap_roster.domain.open_shifts import OpenShift, Wanted, offered_to, open_shifts
from sigap_roster.listings import PICKUPS
from sigap_roster.models import PickupRow
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
from sigap_roster.use_cases.circumstances import circumstances
from sigap_roster.visibility import LEADERS

AHEAD = timedelta(days=400)
"""A roster has at most 366 days."""
MOST_OPEN_SHIFTS = 500


async def list_open_shifts(
    view: RosterTransaction, access: Access, regency: str, staff_id: UUID | None
) -> list[OpenShift]:
    """The open shifts of the published plans, the earliest first; with `staff_id` those that this person could take.
    Staff see those that they could take themselves. Raises RegencyForbidden, NotFound, Forbidden.
    """
    view.require_known(access, regency)
    if not access.may(*LEADERS):
        person = await own(view, access, regency)
        if staff_id not in (None, person.id):
            raise Forbidden("swap-of-others")
        staff_id = person.id
    elif staff_id is not None:
        await view.staff.visible(staff_id, access, lock=False)
    today = view.now().date()
    found: list[OpenShift] = []
    for roster in await view.rosters.of_days(regency, today - timedelta(days=1), today + AHEAD):
        if roster.published_version:
            found += await _open_shifts(view, roster, staff_id)
    return sorted(found, key=lambda one: (one.span.starts_at, one.shift))[:MOST_OPEN_SHIFTS]


async def _open_shifts(view: RosterTransaction, roster: Roster, staff_id: UUID | None) -> list[OpenShift]:
    told = as_published(roster)
    named = {one.staff_id for one in told.planned} | ({staff_id} if staff_id else set())
    around = await circumstances(view, told, await view.staff.some(named), everybody=True)
    if staff_id is None:
        return open_shifts(roster, around, view.now())
    return await PLANS.run(offered_to, staff_id, roster, around, view.now())


async def take_open_shift(tx: RosterTransaction, access: Access, wanted: Wanted) -> PickupRow:
    """If the pack leaves it to the rules, the plan changes at once. Returns what there is, if somebody asks
    again for the same.

    Raises NotFound, Forbidden, NotAllowed, Invalid.
    """
    roster = await tx.rosters.visible(wanted.roster_id, access)
    taker_id = wanted.staff_id or (await own(tx, access, roster.regency)).id
    await require_own(tx, access, taker_id)
    for known in await tx.pickups.waiting(roster.id):
        if (known.staff_id, known.day, known.shift) == (taker_id, wanted.day, wanted.shift):
            return known
    row = PickupRow(
        id=tx.new_id(),
        regency=roster.regency,
        roster_id=roster.id,
        staff_id=taker_id,
        day=wanted.day,
        shift=wanted.shift,
        state=SwapState.ACCEPTED,
        asked_by=access.subject,
        asked_at=tx.now(),
        decided_by=None,
        decided_at=None,
    )
    changes = await _decided(tx, access, roster, row)
    await tx.pickups.add(row)
    return await _done(tx, access, changes, row) if needs_no_planner(tx, roster.regency) else row


async def approve_pickup(tx: RosterTransaction, access: Access, pickup_id: UUID) -> PickupRow:
    """Raises NotFound, NotAllowed, Invalid."""
    roster, row = await _locked(tx, access, pickup_id)
    return await _done(tx, access, await _decided(tx, access, roster, row), row)


async def decline_pickup(tx: RosterTransaction, access: Access, pickup_id: UUID) -> PickupRow:
    """Raises NotFound, NotAllowed."""
    _, row = await _locked(tx, access, pickup_id)
    return await ended(tx, access, tx.pickups, row, SwapState.DECLINED)


async def cancel_pickup(tx: RosterTransaction, access: Access, pickup_id: UUID) -> PickupRow:
    """By the person who asked for it, or the planner. Raises NotFound, Forbidden, NotAllowed."""
    _, row = await _locked(tx, access, pickup_id)
    await require_own(tx, access, row.staff_id)
    return await ended(tx, access, tx.pickups, row, SwapState.CANCELLED)


async def _locked(tx: RosterTransaction, access: Access, pickup_id: UUID) -> tuple[Roster, PickupRow]:
    """The roster that the pickup changes, and the pickup. Raises NotFound, NotAllowed."""
    seen = await PICKUPS.one(tx, access, pickup_id)
    roster = await tx.rosters.get(seen.roster_id)
    return roster, await locked(tx.pickups, pickup_id, STILL_OPEN)


async def _decided(tx: RosterTransaction, access: Access, roster: Roster, row: PickupRow) -> Decided:
    """The publication that gives the person the seat. Nothing is recorded. Raises NotAllowed, Invalid."""
    wanted = Planned(staff_id=row.staff_id, day=row.day, shift=row.shift)
    return await decided(tx, access, [roster], {}, {roster.id: wanted})


async def _done(tx: RosterTransaction, access: Access, changes: Decided, row: PickupRow) -> PickupRow:
    await carry_out(tx, changes)
    return await ended(tx, access, tx.pickups, row, SwapState.DONE)
