"""`/v1/incidents`: incidents, their forwardings, and closing them."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.auth import Access
from sigap_common.http import timelines
from sigap_common.http.etags import IF_MATCH, IfMatch, IfMatchIfAny, etag
from sigap_common.http.listing import Filters, PageOf50, PageOf200, answered
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.schemas import in_clear
from sigap_common.http.stream_routes import add_stream
from sigap_dispatch.api.parameters import Dispatcher, LateDispatcher, LateSpeaker, Reader, Speaker, Tx, View
from sigap_dispatch.board import add_deliveries
from sigap_dispatch.domain import Incident
from sigap_dispatch.hidden_numbers import without_hidden_numbers
from sigap_dispatch.listings import IncidentFilters
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.schemas.incidents import IncidentList, IncidentOut, IncidentTimeline
from sigap_dispatch.schemas.orders import (
    AddForwarding,
    AmendIncident,
    CloseIncident,
    OpenIncident,
    RecordAgencyAnswer,
    WithdrawForwarding,
)
from sigap_dispatch.schemas.protection import HiddenIncidentOut
from sigap_dispatch.timeline_words import WORDS
from sigap_dispatch.use_cases import incidents
from sigap_dispatch.visibility import POLICY, READERS

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)
add_stream(router, "/v1/incidents", POLICY, *READERS)


@router.get(
    "/v1/incidents",
    summary="List incidents, newest first",
    response_model=IncidentList,
    responses=problems(404),
)
async def list_incidents(view: View, access: Reader, filters: Filters[IncidentFilters], page: PageOf50) -> Response:
    found = await incidents.incidents_page(view, access, filters, page)
    entries = await view.incidents.entries(found.items, access)
    add_deliveries(entries, await view.deliveries.of_page([row.id for row in found.items]))
    return answered(entries, found.next)


@router.post(
    "/v1/incidents",
    status_code=201,
    summary="Open an incident without a call, or a further incident of a call",
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
    return await shown(tx, access, incident, response)


@router.get("/v1/incidents/{incident_id}", summary="Read an incident", responses=problems(404))
async def read_incident(
    incident_id: UUID, view: View, access: Reader, response: Response
) -> IncidentOut | HiddenIncidentOut:
    incident = await view.incidents.covered(incident_id, access, lock=False)
    if POLICY.hides(incident, access, view.now()):
        return HiddenIncidentOut.of(incident)
    return await shown(view, access, incident, response)


@router.patch("/v1/incidents/{incident_id}", summary="Correct an incident", responses=problems(404, 409, *IF_MATCH))
async def amend_incident(
    incident_id: UUID, body: AmendIncident, tx: Tx, access: Speaker, expected: IfMatch, response: Response
) -> IncidentOut:
    """If place, type or priority change, agencies must acknowledge again. If the type changes, the response plan is
    read again.
    """
    changed = await incidents.amend(tx, access, incident_id, body.command(), expected)
    return await shown(tx, access, changed, response)


@router.get(
    "/v1/incidents/{incident_id}/timeline", summary="What happened to an incident, in order", responses=problems(404)
)
async def read_incident_timeline(incident_id: UUID, view: View, access: Reader, page: PageOf200) -> IncidentTimeline:
    incident = await view.incidents.visible(incident_id, access, lock=False)
    entries = await timelines.page(view.incidents, incident, access, page, WORDS)
    found = await without_hidden_numbers(view, access, incident.regency, entries)
    return IncidentTimeline.model_validate(found, from_attributes=True)


@router.post(
    "/v1/incidents/{incident_id}/forwardings", status_code=201, summary="Add an agency", responses=problems(404, 409)
)
async def add_agency(
    incident_id: UUID, body: AddForwarding, tx: Tx, access: LateDispatcher, response: Response
) -> IncidentOut:
    return await shown(tx, access, await incidents.add_agency(tx, access, incident_id, body.command()), response)


@router.post(
    "/v1/incidents/{incident_id}/forwardings/{forwarding_id}/withdraw",
    summary="Tell an agency that it need not come",
    responses=problems(404, 409),
)
async def withdraw_forwarding(
    incident_id: UUID, forwarding_id: UUID, body: WithdrawForwarding, tx: Tx, access: Dispatcher, response: Response
) -> IncidentOut:
    """An agency that had acknowledged must confirm that its unit turns back."""
    incident = await incidents.order(tx, access, incident_id, body.command(forwarding_id))
    return await shown(tx, access, incident, response)


@router.post(
    "/v1/incidents/{incident_id}/forwardings/{forwarding_id}/answers",
    summary="Record an agency's answer on its behalf",
    responses=problems(404, 409),
)
async def record_agency_answer(
    incident_id: UUID, forwarding_id: UUID, body: RecordAgencyAnswer, tx: Tx, access: LateSpeaker, response: Response
) -> IncidentOut:
    incident = await incidents.record_answer(tx, access, incident_id, body.command(forwarding_id))
    return await shown(tx, access, incident, response)


@router.post("/v1/incidents/{incident_id}/close", summary="Close an incident", responses=problems(404, 409, 412))
async def close_incident(
    incident_id: UUID, body: CloseIncident, tx: Tx, access: LateDispatcher, expected: IfMatchIfAny, response: Response
) -> IncidentOut:
    """All open forwardings are withdrawn. Agencies that had acknowledged must stand down."""
    return await shown(tx, access, await incidents.order(tx, access, incident_id, body.command(), expected), response)


async def shown(tx: DispatchTransaction, access: Access, incident: Incident, response: Response) -> IncidentOut:
    """The incident with its deliveries and its agencies' names, to a token's owner from whom it is not hidden."""
    response.headers.update(etag(incident.version))
    deliveries = await tx.deliveries.of(incident.id)
    return IncidentOut.of(incident, deliveries, tx.packs, opened=POLICY.opens(access))
