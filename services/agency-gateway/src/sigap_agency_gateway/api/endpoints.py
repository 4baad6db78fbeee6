"""`/v1/endpoints`: how agencies are reached. Those of a pack are read here and changed by the pack only."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_agency_gateway.api.parameters import (
    Cursor,
    Keeper,
    Limit,
    OfAgency,
    OfRegency,
    Tx,
    View,
    within_token,
)
from sigap_agency_gateway.schemas import DefineEndpoint, EndpointList, EndpointMade, EndpointOut
from sigap_agency_gateway.use_cases import endpoints
from sigap_common.http.etags import IF_MATCH, IfMatch, etag
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute

router = APIRouter(prefix="/v1/endpoints", tags=["endpoints"], route_class=UseCaseRoute)


@router.get("", summary="List endpoints, of packs and made here", responses=problems(404))
async def list_endpoints(
    view: View,
    access: Keeper,
    agency: OfAgency = None,
    regency: OfRegency = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> EndpointList:
    found, following = await view.endpoints.page(
        access, cursor, limit, **within_token(view.packs, access, regency, agency)
    )
    return EndpointList(items=[EndpointOut.of(one) for one in found], next=following)


@router.post("", status_code=201, summary="Make an endpoint", responses=problems(404, 409))
async def make_endpoint(body: DefineEndpoint, tx: Tx, access: Keeper, response: Response) -> EndpointMade:
    """Without `secret_ref`, the secret is made by us and shown in this answer only."""
    made = await endpoints.make(tx, access, body.command())
    response.headers.update(etag(made.endpoint.version))
    return EndpointMade.made(made)


@router.get("/{endpoint_id}", summary="Read an endpoint", responses=problems(404))
async def read_endpoint(endpoint_id: UUID, view: View, access: Keeper, response: Response) -> EndpointOut:
    found = await endpoints.show(view, access, endpoint_id)
    response.headers.update(etag(found.version))
    return EndpointOut.of(found)


@router.put("/{endpoint_id}", summary="Change an endpoint, and enable it", responses=problems(404, 409, *IF_MATCH))
async def change_endpoint(
    endpoint_id: UUID, body: DefineEndpoint, tx: Tx, access: Keeper, expected: IfMatch, response: Response
) -> EndpointMade:
    made = await endpoints.change(tx, access, endpoint_id, expected, body.command())
    response.headers.update(etag(made.endpoint.version))
    return EndpointMade.made(made)


@router.delete("/{endpoint_id}", summary="Retire an endpoint", responses=problems(404, 409))
async def retire_endpoint(endpoint_id: UUID, tx: Tx, access: Keeper) -> EndpointOut:
    return EndpointOut.of(await endpoints.retire(tx, access, endpoint_id))
