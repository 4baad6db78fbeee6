"""`/v1/cti/{adapter}`: telephone exchanges report what happens to their calls."""

import json
import logging
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field, ValidationError

from sigap_common.auth import Role
from sigap_common.core.errors import Fault, Invalid, MalformedJson, NotFound
from sigap_common.core.formats import FORMATS, LONGEST
from sigap_common.http.admission import Urgency, urgency
from sigap_common.http.edge import without_database
from sigap_common.http.guards import allowed, guarded_by
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.schemas import like
from sigap_intake.api.parameters import Running
from sigap_intake.domain import NotUnderstood, TelephoneEvent, believed
from sigap_intake.examples import calls as examples
from sigap_intake.repository import IntakeService
from sigap_intake.resources import regency_of
from sigap_intake.use_cases.exchanges import Heard, keep

log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1/cti", tags=["exchanges"], route_class=UseCaseRoute)

_by_token = allowed(Role.cti)
Exchange = Annotated[
    str,
    Query(
        description="The exchange, as `<regency>/<name>`. Its calls enter the queue of that regency",
        pattern=FORMATS["exchange"],
        max_length=LONGEST,
        examples=["17.71/pbx"],
    ),
]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "description": "One document in the form that the exchange sends"},
                "example": examples.TELEPHONE_EVENT,
            }
        },
    },
    "security": [{"bearer": []}, {}],
}


class EventsKept(BaseModel):
    """The events are on the disk. They are added to their calls at once, or as soon as the database is available."""

    model_config = like({"kept": 1})

    kept: int = Field(description="How many telephone events the document contains; 0 if it concerns no call")


@router.post(
    "/{adapter}",
    status_code=202,
    summary="An exchange reports what happened to a call",
    openapi_extra=BODY,
    responses=problems(404),
    dependencies=[Depends(guarded_by("signature"))],
)
@urgency(Urgency.CALLS)
@without_database
async def hear_exchange(
    adapter: Annotated[str, Path(examples=["generic"], max_length=100)],
    exchange: Exchange,
    request: Request,
    intake: Running,
) -> EventsKept:
    """The request is signed as in Standard Webhooks with the exchange's secret, or has a token of role cti. It needs no
    database.
    """
    by, document = await _authentic(request, intake, exchange)
    if not intake.without_database:  # else nobody knows yet which regencies there are; `hear` will
        intake.packs.in_service(regency_of(exchange))
    heard_at = intake.clock()
    events = [believed(event, heard_at) for event in _read(intake, adapter, document)]
    for event in events:
        await keep(intake, Heard(regency=regency_of(exchange), by=by, heard_at=heard_at, event=event))
    return EventsKept(kept=len(events))


async def _authentic(request: Request, intake: IntakeService, exchange: str) -> tuple[str, bytes]:
    """The sender (a token's subject, or the exchange) and the body. Raises NotAuthenticated, RoleMissing,
    RegencyForbidden.
    """
    if "authorization" in request.headers:
        access = await _by_token(request)
        access.require(regency_of(exchange))
        return access.subject, await request.body()
    body = await request.body()
    intake.resources.verify(exchange, request.headers, body)
    return exchange, body


def _read(intake: IntakeService, adapter: str, document: bytes) -> list[TelephoneEvent]:
    """The telephone events in the document. Raises NotFound for an unknown adapter, MalformedJson, Invalid."""
    read = intake.resources.adapters.get(adapter)
    if read is None:
        raise NotFound
    try:
        return list(read(json.loads(document)))
    except NotUnderstood as refused:
        raise Invalid(errors=[Fault(("body", *refused.place), refused.code, {})]) from None
    except ValidationError as refused:
        raise Invalid.of(refused) from None
    except json.JSONDecodeError as error:
        raise MalformedJson(position=error.pos) from None
    except (UnicodeDecodeError, RecursionError):
        raise MalformedJson(position=0) from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # This is a bug of the adapter. With a 500 the exchange would send the same document again and again.
        log.exception("an adapter cannot read a document", extra={"adapter": adapter})
        raise Invalid(errors=[Fault(("body",), "not_understood", {})]) from None
