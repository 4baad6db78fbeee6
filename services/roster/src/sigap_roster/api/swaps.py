"""`/v1/swaps`: staff give duties away, or swap them."""

from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_roster.api.parameters import Planner, Reader, Tx, View
from sigap_roster.api.requests import all_shown, shown
from sigap_roster.listings import SWAPS, SwapFilters
from sigap_roster.schemas.swaps import AcceptSwap, OfferSwap, SwapList, SwapOut
from sigap_roster.use_cases import swaps

router = APIRouter(prefix="/v1/swaps", tags=["duties"], route_class=UseCaseRoute)


@router.post("", status_code=201, summary="Offer a duty, perhaps for one in return", responses=problems(404, 409))
async def offer_swap(body: OfferSwap, tx: Tx, access: Reader) -> SwapOut:
    """Staff offer their own duties; planners also those of others."""
    row = await swaps.offer_swap(tx, access, body.duty_id, body.to_staff_id, body.return_duty_id)
    return await shown(tx, SwapOut, row)


@router.get("", summary="List swaps, newest first", responses=problems(404))
async def list_swaps(view: View, access: Reader, filters: Filters[SwapFilters], page: PageOf50) -> SwapList:
    """A token with only the role staff sees its own, and those that anybody may take."""
    found = await SWAPS.page(view, access, filters, page)
    return SwapList(items=await all_shown(view, SwapOut, found.items), next=found.next)


@router.get("/{swap_id}", summary="Read a swap", responses=problems(404))
async def read_swap(swap_id: UUID, view: View, access: Reader) -> SwapOut:
    return await shown(view, SwapOut, await SWAPS.one(view, access, swap_id))


@router.post("/{swap_id}/accept", summary="Take the duty of a swap", responses=problems(404, 409))
async def accept_swap(swap_id: UUID, tx: Tx, access: Reader, body: AcceptSwap = AcceptSwap()) -> SwapOut:
    """Refused with each rule that would be broken. If the pack's `swap_approval` is `automatic`, the plan changes at
    once; otherwise a planner approves.
    """
    return await shown(tx, SwapOut, await swaps.accept_swap(tx, access, swap_id, body.staff_id))


@router.post("/{swap_id}/approve", summary="Approve a swap: the published plan changes", responses=problems(404, 409))
async def approve_swap(swap_id: UUID, tx: Tx, access: Planner) -> SwapOut:
    """The rules are asked again. The roster, or both rosters, are published with the two duties changed, and nothing
    else."""
    return await shown(tx, SwapOut, await swaps.approve_swap(tx, access, swap_id))


@router.post("/{swap_id}/decline", summary="Decline a swap", responses=problems(404, 409))
async def decline_swap(swap_id: UUID, tx: Tx, access: Reader) -> SwapOut:
    """By the person who is asked, or a planner."""
    return await shown(tx, SwapOut, await swaps.decline_swap(tx, access, swap_id))


@router.post("/{swap_id}/cancel", summary="Cancel a swap", responses=problems(404, 409))
async def cancel_swap(swap_id: UUID, tx: Tx, access: Reader) -> SwapOut:
    """By the person who offered it, or a planner."""
    return await shown(tx, SwapOut, await swaps.cancel_swap(tx, access, swap_id))
