"""`/v1/incidents`: what happens, who is told, and how it ends."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from sigap_common.auth import Access
from sigap_common.contracts.event_view import event_view
from sigap_common.contracts.incidents import IncidentState
from sigap_common.http.etags import IF_MATCH, IfMatch, etag
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.schemas import in_clear
from sigap_common.http.stream_routes import add_stream
from sigap_common.http.types import Code
from sigap_dispatch.api.parameters import Cursor, Dispatcher, Limit, Reader, Regency, Speaker, Tx, View
from sigap_dispatch.domain import Incident
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.schemas.incidents import IncidentEntry, IncidentList, IncidentOut, IncidentTimeline
from sigap_dispatch.schemas.orders import (
    AddForwarding,
    AmendIncident,
    CloseIncident,
    OpenIncident,
    RecordAgencyAnswer,
    WithdrawForwarding,
)
from sigap_dispatch.use_cases import incidents
from sigap_dispatch.visibility import READERS, on_board, opens

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)
add_stream(router, "/v1/incidents", on_board, *READERS)


@router.get("/v1/incidents", summary="List incidents, newest first", responses=problems(404))
async def list_incidents(
    view: View,
    access: Reader,
    regency: Regency = None,
    state: IncidentState | None = None,
    is_open: Annotated[bool | None, Query(alias="open", description="Only those not closed, or closed")] = None,
    incident_type: Annotated[Code | None, Query(description="A code of `/v1/incident-types`")] = None,
    drill: Annotated[bool | None, Query(description="Only drills, or none; none: both")] = None,
    call_id: Annotated[UUID | None, Query(description="Those that this call belongs to")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> IncidentList:
    view.require_known(access, regency)
    if incident_type is not None:
        await incidents.check_kind(view, access, regency, incident_type)
    wanted = {"regency": regency, "state": state, "is_open": is_open, "incident_type": incident_type, "drill": drill}
    found, following = await view.incidents.page(access, cursor, limit, call_id=call_id, **wanted)
    deliveries = await view.deliveries.of([incident.id for incident in found])
    items = [IncidentOut.of(incident, deliveries, opened=opens(access)) for incident in found]
    return IncidentList(items=items, next=following)


@router.post(
    "/v1/incidents",
    status_code=201,
    summary="Open an incident without a call, or a further one of a call",
    responses=problems(404),
)
async def open_incident(body: OpenIncident, tx: Tx, access: Speaker, response: Response) -> IncidentOut:
    tx.require_known(access, body.regency)
    incident = await incidents.open_without_call(
        tx,
        access,
        body.regency,
        body.source,
        body.incident_type,
        body.priority,
        body.place.place if body.place else None,
        in_clear(body.note),
        body.call_id,
    )
    return await _out(tx, access, incident, response)


@router.get("/v1/incidents/{incident_id}", summary="Read an incident", responses=problems(404))
async def read_incident(incident_id: UUID, view: View, access: Reader, response: Response) -> IncidentOut:
    return await _out(view, access, await view.incidents.visible(incident_id, access, lock=False), response)


@router.patch("/v1/incidents/{incident_id}", summary="Correct what is known", responses=problems(404, 409, *IF_MATCH))
async def amend_incident(
    incident_id: UUID, body: AmendIncident, tx: Tx, access: Speaker, expected: IfMatch, response: Response
) -> IncidentOut:
    """A changed place, type or priority needs a new acknowledgement; a changed type has the plan evaluated again."""
    changed = await incidents.amend(tx, access, incident_id, body.command(), expected)
    return await _out(tx, access, changed, response)


@router.get(
    "/v1/incidents/{incident_id}/timeline", summary="What happened to an incident, in order", responses=problems(404)
)
async def read_incident_timeline(
    incident_id: UUID, view: View, access: Reader, cursor: Cursor = None, limit: Limit = 200
) -> IncidentTimeline:
    incident = await view.incidents.visible(incident_id, access, lock=False)
    told, following = await view.incidents.timeline(incident, cursor, limit)
    opened = opens(access)
    items = [IncidentEntry(sequence=t.sequence, type=t.type, event=event_view(t.event, opened=opened)) for t in told]
    return IncidentTimeline(items=items, next=following)


@router.post(
    "/v1/incidents/{incident_id}/forwardings", status_code=201, summary="Add an agency", responses=problems(404, 409)
)
async def add_agency(
    incident_id: UUID, body: AddForwarding, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    return await _out(tx, access, await incidents.add_agency(tx, access, incident_id, body.agency), response)


@router.post(
    "/v1/incidents/{incident_id}/forwardings/{forwarding_id}/withdraw",
    summary="Tell an agency that it need not come",
    responses=problems(404, 409),
)
async def withdraw_forwarding(
    incident_id: UUID, forwarding_id: UUID, body: WithdrawForwarding, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """One that had acknowledged must confirm that it stands down."""
    incident = await incidents.order(tx, access, incident_id, body.command(forwarding_id))
    return await _out(tx, access, incident, response)


@router.post(
    "/v1/incidents/{incident_id}/forwardings/{forwarding_id}/answers",
    summary="Record an agency's answer on its behalf",
    responses=problems(404, 409),
)
async def record_agency_answer(
    incident_id: UUID, forwarding_id: UUID, body: RecordAgencyAnswer, tx: Tx, access: Speaker, response: Response
) -> IncidentOut:
    incident = await incidents.order(tx, access, incident_id, body.command(forwarding_id))
    return await _out(tx, access, incident, response)


@router.post("/v1/incidents/{incident_id}/close", summary="Close an incident", responses=problems(404, 409))
async def close_incident(
    incident_id: UUID, body: CloseIncident, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """What is left of every part ends: who had acknowledged stands down, the others need not come."""
    return await _out(tx, access, await incidents.order(tx, access, incident_id, body.command()), response)


async def _out(tx: DispatchTransaction, access: Access, incident: Incident, response: Response) -> IncidentOut:
    response.headers.update(etag(incident.version))
    deliveries = await tx.deliveries.of([incident.id])
    return IncidentOut.of(incident, deliveries, opened=opens(access))
