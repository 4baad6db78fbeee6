"""`/v1/deliveries`: what was sent where, and what became of it."""

from uuid import UUID

from fastapi import APIRouter, Request

from sigap_agency_gateway.api.parameters import Cursor, Inspector, Limit, OfAgency, OfRegency, View, within_token
from sigap_agency_gateway.domain.delivery import DeliveryState
from sigap_agency_gateway.schemas import AttemptOut, DeliveryList, DeliveryOut, DeliveryWithAttempts
from sigap_agency_gateway.visibility import KEEPERS
from sigap_common.core.texts import language
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"], route_class=UseCaseRoute)


@router.get("", summary="List deliveries, newest first", responses=problems(404))
async def list_deliveries(
    view: View,
    access: Inspector,
    forwarding_id: UUID | None = None,
    endpoint: UUID | None = None,
    agency: OfAgency = None,
    regency: OfRegency = None,
    state: DeliveryState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DeliveryList:
    wanted = {"forwarding_id": forwarding_id, "endpoint_id": endpoint} | within_token(
        view.packs, access, regency, agency
    )
    rows, following = await view.deliveries.page(access, cursor, limit, state=state, **wanted)
    return DeliveryList(items=[DeliveryOut.of(row) for row in rows], next=following)


@router.get("/{delivery_id}", summary="Read a delivery with its attempts", responses=problems(404))
async def read_delivery(delivery_id: UUID, view: View, access: Inspector, request: Request) -> DeliveryWithAttempts:
    row = await view.deliveries.visible(access, delivery_id)
    ring = view.ring if access.may(*KEEPERS) else None
    spoken = language(request.headers.get("accept-language"))
    attempts = [AttemptOut.of(one, ring, spoken) for one in await view.deliveries.attempts_of(delivery_id)]
    return DeliveryWithAttempts(**DeliveryOut.of(row).model_dump(), log=attempts)
