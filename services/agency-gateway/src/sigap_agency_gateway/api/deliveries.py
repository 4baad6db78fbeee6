"""`/v1/deliveries`: the deliveries of notices to endpoints, with their attempts."""

from uuid import UUID

from fastapi import APIRouter, Request

from sigap_agency_gateway.api.parameters import Inspector, View
from sigap_agency_gateway.listings import DELIVERIES, DeliveryFilters
from sigap_agency_gateway.schemas.deliveries import AttemptOut, DeliveryList, DeliveryOut, DeliveryWithAttempts
from sigap_agency_gateway.visibility import KEEPERS
from sigap_common.core.texts import language
from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], route_class=UseCaseRoute)


@router.get("", summary="List deliveries, newest first", responses=problems(404))
async def list_deliveries(
    view: View, access: Inspector, filters: Filters[DeliveryFilters], page: PageOf50
) -> DeliveryList:
    found = await DELIVERIES.page(view, access, filters, page)
    return DeliveryList(items=[DeliveryOut.of(row) for row in found.items], next=found.next)


@router.get("/{delivery_id}", summary="Read a delivery with its attempts", responses=problems(404))
async def read_delivery(delivery_id: UUID, view: View, access: Inspector, request: Request) -> DeliveryWithAttempts:
    row = await DELIVERIES.one(view, access, delivery_id)
    ring = view.ring if access.may(*KEEPERS) else None
    spoken = language(request.headers.get("accept-language"))
    attempts = [AttemptOut.of(one, ring, spoken) for one in await view.deliveries.attempts_of(delivery_id)]
    return DeliveryWithAttempts(**DeliveryOut.of(row).model_dump(), log=attempts)
