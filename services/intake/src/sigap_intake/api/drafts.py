"""`/v1/calls/{id}/drafts`: what is typed of a call and not entered yet."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from sigap_common.auth import Access
from sigap_common.http.edge import edge_of
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import EVENTS, AllowedOrTicket, Ticket, issued_ticket
from sigap_common.http.stream_tickets import LONGEST_TICKET
from sigap_common.http.streams import LONGEST_POSITION
from sigap_intake.api.draft_stream import DraftStream
from sigap_intake.api.parameters import Running, Speaker, Tx, View
from sigap_intake.schemas.drafts import DraftedFieldOut, DraftedFields, WriteDraft
from sigap_intake.use_cases import drafts
from sigap_intake.visibility.calls import SPEAKERS

router = APIRouter(prefix="/v1/calls", tags=["calls"], route_class=UseCaseRoute)

LONGEST_VERSION = 10
"""Digits."""


@router.get("/{call_id}/drafts", summary="What is typed and not entered yet, by all", responses=problems(404))
async def list_drafts(call_id: UUID, view: View, access: Speaker) -> DraftedFields:
    return DraftedFields.of(await view.drafts.of_call(call_id, access))


@router.post("/{call_id}/drafts", summary="Keep what is typed into a field", responses=problems(404))
async def write_draft(call_id: UUID, body: WriteDraft, tx: Tx, access: Speaker) -> DraftedFieldOut:
    """Never refused because another wrote: what he typed stays beside it. Send it at each pause of typing."""
    drafted = await drafts.write_draft(tx, access, call_id, body.field, body.text, body.follows)
    return DraftedFieldOut.of_field(drafted)


@router.get(
    "/{call_id}/drafts/stream",
    response_class=DraftStream,
    status_code=200,
    summary="What is typed, and that the call changed, live (Server-Sent Events)",
    responses={200: EVENTS, **problems(404, 429)},
)
async def stream_drafts(
    call_id: UUID,
    request: Request,
    intake: Running,
    view: View,
    access: Annotated[Access, Depends(AllowedOrTicket(frozenset(SPEAKERS)))],
    last_event_id: Annotated[str | None, Header(max_length=LONGEST_POSITION)] = None,
    resume_from: Annotated[
        str | None,
        Query(
            description="As Last-Event-ID, for an EventSource that comes with a new ticket", max_length=LONGEST_POSITION
        ),
    ] = None,
    ticket: Annotated[  # noqa: ARG001
        str | None, Query(description="Instead of a bearer token", max_length=LONGEST_TICKET)
    ] = None,
) -> Response:
    """Begins with `ready` and all drafts that the client has not seen; then a `draft` at each change of a field, and
    a `call` with the new `version` whenever the call has changed: read it again.
    """
    await view.drafts.of_call(call_id, access)
    told = last_event_id or resume_from or ""
    seen = int(told) if told.isdecimal() and len(told) < LONGEST_VERSION else 0
    return DraftStream(intake, edge_of(request).stream, call_id, access, seen)


@router.post(
    "/{call_id}/drafts/stream-tickets",
    status_code=200,
    summary="A ticket for a browser's EventSource",
    responses=problems(404, 429),
)
async def issue_drafts_stream_ticket(call_id: UUID, request: Request, tx: Tx, access: Speaker) -> Ticket:
    return await issued_ticket(request, tx, access, partial(tx.drafts.of_call, call_id, access))
