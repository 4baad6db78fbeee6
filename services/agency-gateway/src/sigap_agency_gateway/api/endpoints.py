"""`/v1/endpoints`: the endpoints of agencies. A pack's endpoints can be read here; only the pack changes them."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_agency_gateway.api.parameters import Keeper, Tx, View
from sigap_agency_gateway.listings import ENDPOINTS, EndpointFilters
from sigap_agency_gateway.repository.endpoints import endpoint_of
from sigap_agency_gateway.schemas.endpoints import DefineEndpoint, EndpointList, EndpointMade, EndpointOut
from sigap_agency_gateway.use_cases import endpoints
from sigap_common.http.etags import IF_MATCH, IfMatch, etag
from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute

router = APIRouter(prefix="/v1/endpoints", tags=["endpoints"], route_class=UseCaseRoute)


@router.get("", summary="List endpoints: those of packs, and those made here", responses=problems(404))
async def list_endpoints(view: View, access: Keeper, filters: Filters[EndpointFilters], page: PageOf50) -> EndpointList:
    found = (await ENDPOINTS.page(view, access, filters, page)).map(endpoint_of)
    return EndpointList(items=[EndpointOut.of(one) for one in found.items], next=found.next)


@router.post("", status_code=201, summary="Make an endpoint", responses=problems(404, 409))
async def make_endpoint(body: DefineEndpoint, tx: Tx, access: Keeper, response: Response) -> EndpointMade:
    """If `secret_ref` is absent, the product makes the secret, and shows it in this answer only."""
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
