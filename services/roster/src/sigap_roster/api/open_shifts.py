"""`/v1/open-shifts`: seats that published plans leave open. `/v1/pickups`: staff take them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import RegencyCode
from sigap_roster.api.parameters import Planner, Reader, Tx, View
from sigap_roster.api.requests import all_shown, shown
from sigap_roster.listings import PICKUPS, PickupFilters
from sigap_roster.schemas.open_shifts import OpenShiftOut, OpenShifts, PickupList, PickupOut, TakeOpenShift
from sigap_roster.use_cases import pickups as taking

router = APIRouter(prefix="/v1/open-shifts", tags=["duties"], route_class=UseCaseRoute)
pickups = APIRouter(prefix="/v1/pickups", tags=["duties"], route_class=UseCaseRoute)


@router.get("", summary="List shifts with open seats", responses=problems(403, 404))
async def list_open_shifts(
    view: View,
    access: Reader,
    regency: Annotated[RegencyCode, Query()],
    staff: Annotated[UUID | None, Query(description="Only those that this person could take")] = None,
) -> OpenShifts:
    """By the published plans, the earliest first. A token with only the role staff sees those that its person could
    take: no hard rule bars them. Nobody has to offer a seat; a seat that is filled is not listed any more.
    """
    found = await taking.list_open_shifts(view, access, regency, staff)
    return OpenShifts(items=[OpenShiftOut.of(one) for one in found])


@pickups.post("", status_code=201, summary="Take an open seat", responses=problems(404, 409))
async def take_open_shift(body: TakeOpenShift, tx: Tx, access: Reader) -> PickupOut:
    """Staff take seats for themselves; planners for anybody. Refused with each rule that would be broken. If the pack's
    `swap_approval` is `automatic`, the plan changes at once; otherwise a planner approves.
    """
    return await shown(tx, PickupOut, await taking.take_open_shift(tx, access, body.wanted()))


@pickups.get("", summary="List pickups, newest first", responses=problems(404))
async def list_pickups(view: View, access: Reader, filters: Filters[PickupFilters], page: PageOf50) -> PickupList:
    """A token with only the role staff sees its own."""
    found = await PICKUPS.page(view, access, filters, page)
    return PickupList(items=await all_shown(view, PickupOut, found.items), next=found.next)


@pickups.get("/{pickup_id}", summary="Read a pickup", responses=problems(404))
async def read_pickup(pickup_id: UUID, view: View, access: Reader) -> PickupOut:
    return await shown(view, PickupOut, await PICKUPS.one(view, access, pickup_id))


@pickups.post(
    "/{pickup_id}/approve", summary="Approve a pickup: the published plan changes", responses=problems(404, 409)
)
async def approve_pickup(pickup_id: UUID, tx: Tx, access: Planner) -> PickupOut:
    """The rules are asked again. The roster is published with the person on the shift, and nothing else."""
    return await shown(tx, PickupOut, await taking.approve_pickup(tx, access, pickup_id))


@pickups.post("/{pickup_id}/decline", summary="Decline a pickup", responses=problems(404, 409))
async def decline_pickup(pickup_id: UUID, tx: Tx, access: Planner) -> PickupOut:
    """The seat stays open."""
    return await shown(tx, PickupOut, await taking.decline_pickup(tx, access, pickup_id))


@pickups.post("/{pickup_id}/cancel", summary="Cancel a pickup", responses=problems(404, 409))
async def cancel_pickup(pickup_id: UUID, tx: Tx, access: Reader) -> PickupOut:
    """By the person who asked for it, or a planner."""
    return await shown(tx, PickupOut, await taking.cancel_pickup(tx, access, pickup_id))
