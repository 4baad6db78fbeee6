"""`/v1/swaps`: staff give duties away, or swap them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_roster import swapping
from sigap_roster.api.parameters import Planner, Reader, Tx, View
from sigap_roster.listings import SWAPS, SwapFilters
from sigap_roster.repository import RosterTransaction
from sigap_roster.swap_schemas import AcceptSwap, OfferSwap, SwapList, SwapOut

router = APIRouter(prefix="/v1/swaps", tags=["duties"], route_class=UseCaseRoute)


@router.post("", status_code=201, summary="Offer a duty, perhaps for one in return", responses=problems(404, 409))
async def offer_swap(body: OfferSwap, tx: Tx, access: Reader) -> SwapOut:
    """Staff offer their own duties; planners also those of others."""
    return await _one(tx, await swapping.offer_swap(tx, access, body.duty_id, body.to_staff_id, body.return_duty_id))


@router.get("", summary="List swaps, newest first", responses=problems(404))
async def list_swaps(view: View, access: Reader, filters: Filters[SwapFilters], page: PageOf50) -> SwapList:
    """A token with only the role staff sees its own, and those that anybody may take."""
    found = await SWAPS.page(view, access, filters, page)
    return SwapList(items=await _shown(view, found.items), next=found.next)


@router.get("/{swap_id}", summary="Read a swap", responses=problems(404))
async def read_swap(swap_id: UUID, view: View, access: Reader) -> SwapOut:
    return await _one(view, await SWAPS.one(view, access, swap_id))


@router.post("/{swap_id}/accept", summary="Take the duty of a swap", responses=problems(404, 409))
async def accept_swap(swap_id: UUID, tx: Tx, access: Reader, body: AcceptSwap = AcceptSwap()) -> SwapOut:
    """Refused with each rule that would be broken. If the pack's `swap_approval` is `automatic`, the plan changes at
    once; otherwise a planner approves.
    """
    return await _one(tx, await swapping.accept_swap(tx, access, swap_id, body.staff_id))


@router.post("/{swap_id}/approve", summary="Approve a swap: the published plan changes", responses=problems(404, 409))
async def approve_swap(swap_id: UUID, tx: Tx, access: Planner) -> SwapOut:
    """The rules are asked again. The roster, or both rosters, are published with the two duties changed, and nothing
    else."""
    return await _one(tx, await swapping.approve_swap(tx, access, swap_id))


@router.post("/{swap_id}/decline", summary="Decline a swap", responses=problems(404, 409))
async def decline_swap(swap_id: UUID, tx: Tx, access: Reader) -> SwapOut:
    """By the person who is asked, or a planner."""
    return await _one(tx, await swapping.decline_swap(tx, access, swap_id))


@router.post("/{swap_id}/cancel", summary="Cancel a swap", responses=problems(404, 409))
async def cancel_swap(swap_id: UUID, tx: Tx, access: Reader) -> SwapOut:
    """By the person who offered it, or a planner."""
    return await _one(tx, await swapping.cancel_swap(tx, access, swap_id))


async def _one(tx: RosterTransaction, row: Any) -> SwapOut:
    (shown,) = await _shown(tx, [row])
    return shown


async def _shown(tx: RosterTransaction, rows: Sequence[Any]) -> list[SwapOut]:
    named = {staff_id for row in rows for staff_id in (row.staff_id, row.to_staff_id) if staff_id is not None}
    people = await tx.staff.some(named)
    return [SwapOut.of(row, people) for row in rows]
