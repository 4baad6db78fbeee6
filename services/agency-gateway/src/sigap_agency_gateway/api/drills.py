"""The drill door, which is the webhook of all drill agencies, and the public keys of the tokens that it uses."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError

from sigap_agency_gateway import examples
from sigap_agency_gateway.api.parameters import Running
from sigap_agency_gateway.drill_door import Knock
from sigap_agency_gateway.notice import Notice
from sigap_agency_gateway.schemas.drills import JsonWebKeys, KnockHeard
from sigap_common.core.errors import Invalid, NotAuthenticated
from sigap_common.core.signatures import NotGenuine, verify
from sigap_common.http.guards import guarded_by
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute

router = APIRouter(prefix="/v1/endpoints", tags=["drills"], route_class=UseCaseRoute)

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "description": "A Notice, signed"},
                "example": examples.NOTICE,
            }
        },
    }
}


@router.post(
    "/drill-door",
    status_code=202,
    summary="Receive a drill's notice, and acknowledge it",
    openapi_extra=BODY,
    responses=problems(),
    dependencies=[Depends(guarded_by("signature"))],
)
async def knock_on_drill_door(request: Request, gateway: Running) -> KnockHeard:
    """The webhook of all drill agencies. Requests are signed (Standard Webhooks) with this installation's secret."""
    resources, body = gateway.resources, await request.body()
    try:
        verify(resources.secrets.drill_door, request.headers, body, gateway.clock())
        notice = Notice.model_validate_json(body)
    except NotGenuine:
        raise NotAuthenticated("signature-invalid") from None
    except ValidationError as error:
        raise Invalid.of(error) from None
    if notice.drill and notice.needs_acknowledgement:
        resources.door.acknowledge_soon(Knock(notice.forwarding_id, notice.revision, notice.agency))
    return KnockHeard(forwarding_id=notice.forwarding_id, revision=notice.revision)


@router.get(
    "/jwks",
    summary="Public keys of the gateway's own issuer",
    responses=problems(),
    dependencies=[Depends(guarded_by("open"))],
)
async def read_endpoint_keys(gateway: Running) -> JsonWebKeys:
    return JsonWebKeys(**gateway.resources.issuer.jwks())
