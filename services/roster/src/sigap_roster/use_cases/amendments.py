"""What swaps and pickups have in common: staff act for themselves, the rules are asked, and published plans change.

Each use case locks the rosters first, in the order of their ids, and then the request, so that of two requests about
one duty or seat the later one sees the earlier.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.contracts.decision import Decision
from sigap_common.core.errors import Forbidden, NotAllowed
from sigap_common.core.workers import PLANS
from sigap_roster.domain import (
    Amendment,
    Planned,
    Roster,
    StaffMember,
    SwapState,
    as_published,
    decide_amendments,
)
from sigap_roster.models import PickupRow, SwapRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.repository.requests import Requests
from sigap_roster.use_cases.circumstances import circumstances
from sigap_roster.use_cases.rosters import follow_publication
from sigap_roster.visibility import PLANNERS, sees_drafts

R = TypeVar("R", SwapRow, PickupRow)
Decided = Sequence[tuple[Amendment, Decision[Roster]]]


async def locked(requests: Requests[R], request_id: UUID, states: Collection[SwapState]) -> R:
    """The request. Lock the rosters that it changes before. Raises NotFound, NotAllowed if its state is another."""
    row = await requests.locked(request_id)
    if row.state not in states:
        raise NotAllowed("swap-is-over", state=SwapState(row.state))
    return row


async def decided(
    tx: RosterTransaction,
    access: Access,
    rosters: Collection[Roster],
    takers: Mapping[UUID, Mapping[Planned, UUID]],
    added: Mapping[UUID, Planned] | None = None,
) -> Decided:
    """The publications with these changes, by the ids of the rosters. Nothing is recorded. Raises Invalid."""
    told = {roster.id: as_published(roster) for roster in rosters}
    new = added or {}
    named = {one.staff_id for roster in told.values() for one in roster.planned}
    named |= {taker for some in takers.values() for taker in some.values()} | {one.staff_id for one in new.values()}
    regency = next(iter(told.values())).regency
    people = await tx.staff.locked(regency, named)
    amendments = [
        Amendment(
            roster=roster,
            around=await circumstances(tx, told[roster.id], people, everybody=True, numbers=sees_drafts(access)),
            takers=takers.get(roster.id, {}),
            added=(new[roster.id],) if roster.id in new else (),
        )
        for roster in rosters
    ]
    decisions = await PLANS.run(decide_amendments, amendments, access.subject, tx.now())
    return list(zip(amendments, decisions, strict=True))


async def carry_out(tx: RosterTransaction, changes: Decided) -> None:
    """Publishes the plans. What else was asked for of their duties and seats may end with it."""
    for amendment, decision in changes:
        await follow_publication(tx, tx.rosters.record(decision), amendment.around)


async def ended(tx: RosterTransaction, access: Access, requests: Requests[R], row: R, state: SwapState) -> R:
    return await requests.change(row, state=state, decided_by=access.subject, decided_at=tx.now())


async def own(tx: RosterTransaction, access: Access, regency: str) -> StaffMember:
    """The token's person. Raises Forbidden."""
    person = await tx.staff.of_subject(regency, access.subject)
    if person is None:
        raise Forbidden("not-of-the-staff")
    return person


async def require_own(tx: RosterTransaction, access: Access, staff_id: UUID) -> None:
    """Checks that the token is this person's, or a planner's. Raises Forbidden, NotFound."""
    if not access.may(*PLANNERS):
        person = await tx.staff.get(staff_id, lock=False)
        if person.subject != access.subject:
            raise Forbidden("swap-of-others")


def needs_no_planner(tx: RosterTransaction, regency: str) -> bool:
    """Whether the rules alone approve, by the regency's pack."""
    return tx.packs.get(regency).shifts.swap_approval == "automatic"
