"""The two routes of a live stream: `GET <path>/stream` and `POST <path>/stream-tickets`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

from sigap_common.auth import Access, Role
from sigap_common.core.errors import RoleMissing
from sigap_common.http.edge import edge_of
from sigap_common.http.guards import Allowed, allowed
from sigap_common.http.problems import problems, refuse_unacceptable, refuse_unknown_parameters
from sigap_common.http.route import transaction
from sigap_common.http.stream_answer import StreamAnswer
from sigap_common.http.stream_listeners import Listener
from sigap_common.http.stream_tickets import LONGEST_TICKET
from sigap_common.http.streams import LONGEST_POSITION, LiveStream, Sending
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import Transaction
from sigap_common.messaging.visibility import Policy


class Ticket(BaseModel):
    ticket: str = Field(examples=["kq0Zp3..."], description="Opens the stream once, within 30 seconds")


class AllowedOrTicket(Allowed):
    """A guard that accepts a bearer token, or a ticket that was issued for one."""

    async def _access(self, request: Request) -> Access:
        ticket = request.query_params.get("ticket")
        if ticket is None:
            return await super()._access(request)
        refuse_unknown_parameters(request.scope)  # before the ticket is used up
        refuse_unacceptable(request.scope)
        access = await edge_of(request).stream.tickets.redeem(ticket, request.url.path)
        if self.roles.isdisjoint(access.roles):
            raise RoleMissing(sorted(self.roles))
        return access


OnSent = Callable[[Access, ReceivedEvent], None]
"""Called when an event was sent to a token; it may still be lost with the connection. The stream waits for this call,
so it must return at once.
"""


EVENTS: dict[str, Any] = {
    "content": {
        "text/event-stream": {
            "itemSchema": {
                "type": "object",
                "properties": {
                    "data": {"type": "string"},
                    "event": {"type": "string"},
                    "id": {"type": "string"},
                    "retry": {"type": "integer", "minimum": 0},
                },
            }
        }
    }
}
"""How OpenAPI 3.2 (section 4.14.4) describes a stream of events."""


class _EventsAnswer(StreamAnswer):
    """The live stream of a service's events."""

    def __init__(
        self, stream: LiveStream, access: Access, policy: Policy, last_event_id: str | None, on_sent: OnSent | None
    ) -> None:
        super().__init__()
        self._stream, self._access, self._policy = stream, access, policy
        self._last_event_id, self._on_sent = last_event_id, on_sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends the stream. Raises TooManyRequests (429) before it sends anything."""
        stream = self._stream
        with stream.places.taken(self._access.subject), stream.listener(self._access, self._policy) as listener:
            async with self.begun(receive, send, listener.leave):
                async for sending in stream.sendings(listener, self._last_event_id):
                    await self._send(sending, listener, send)

    async def _send(self, sending: Sending, listener: Listener, send: Send) -> None:
        await send({"type": "http.response.body", "body": sending.body, "more_body": True})
        if self._on_sent is not None and not listener.gone:
            for heard in sending.events:
                self._on_sent(self._access, heard)


async def issued_ticket(
    request: Request, tx: Transaction[Any], access: Access, seen: Callable[[], Awaitable[object]] | None = None
) -> Ticket:
    """A ticket for the stream beside this path. `seen` checks that the token may see what the stream is about. Raises
    TooManyRequests, and what `seen` raises.
    """
    stream, opened = edge_of(request).stream, request.url.path.removesuffix("-tickets")
    stream.places.check(access.subject)  # an EventSource does not tell its page why it was refused
    if seen is not None:
        await seen()
    return Ticket(ticket=await stream.tickets.issue(tx.connection, access, opened))


def add_stream(
    router: APIRouter,
    path: str,
    policy: Policy,
    *roles: Role,
    on_sent: Callable[[Request], OnSent] | None = None,
) -> None:
    """Adds the two routes. `policy` decides what a token may see of an event; nothing else is sent. `on_sent` gives for
    a request the function that is called with each event that was sent.
    """
    collection = f"{router.prefix}{path}".rpartition("/")[2].replace("-", "_")

    @router.get(
        f"{path}/stream",
        name=f"stream_{collection}",
        response_class=_EventsAnswer,
        status_code=200,
        summary="Live updates (Server-Sent Events)",
        responses={200: EVENTS, **problems(429)},
    )
    async def stream(
        request: Request,
        access: Annotated[Access, Depends(AllowedOrTicket(frozenset(roles)))],
        last_event_id: Annotated[str | None, Header(max_length=LONGEST_POSITION)] = None,
        resume_from: Annotated[
            str | None,
            Query(
                description="As Last-Event-ID, for an EventSource that comes with a new ticket",
                max_length=LONGEST_POSITION,
            ),
        ] = None,
        ticket: Annotated[  # noqa: ARG001
            str | None, Query(description="Instead of a bearer token", max_length=LONGEST_TICKET)
        ] = None,
    ) -> Response:
        noting = on_sent(request) if on_sent is not None else None
        return _EventsAnswer(edge_of(request).stream, access, policy, last_event_id or resume_from, noting)

    @router.post(
        f"{path}/stream-tickets",
        name=f"issue_{collection}_stream_ticket",
        summary="A ticket for a browser's EventSource",
        status_code=200,
        responses=problems(429),
    )
    async def stream_ticket(
        request: Request,
        tx: Annotated[Transaction[Any], transaction],
        access: Annotated[Access, Depends(allowed(*roles))],
    ) -> Ticket:
        return await issued_ticket(request, tx, access)
