"""The two routes of a live stream: `GET <path>/stream` and `POST <path>/stream-tickets`."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from sigap_common.auth import Access, Role
from sigap_common.core.errors import RoleMissing
from sigap_common.http.edge import edge_of
from sigap_common.http.guards import Allowed, allowed
from sigap_common.http.problems import problems, refuse_unacceptable, refuse_unknown_parameters
from sigap_common.http.route import transaction
from sigap_common.http.stream_tickets import LONGEST_TICKET
from sigap_common.http.streams import LONGEST_POSITION, StreamMessage, Visible
from sigap_common.messaging.transaction import Transaction


class Ticket(BaseModel):
    ticket: str = Field(examples=["kq0Zp3..."], description="Opens the stream once, within 30 seconds")


class AllowedOrTicket(Allowed):
    """Lets a bearer token in, or a ticket that one was exchanged for."""

    async def __call__(self, request: Request) -> Access:
        ticket = request.query_params.get("ticket")
        if ticket is None:
            return await super().__call__(request)
        refuse_unknown_parameters(request.scope)  # before the ticket is used up
        refuse_unacceptable(request.scope)
        access = await edge_of(request).stream.tickets.redeem(ticket, request.url.path)
        if self.roles.isdisjoint(access.roles):
            raise RoleMissing(sorted(self.roles))
        return access


OnSent = Callable[[Request, Access, StreamMessage], None]
"""What to note when a message is on its way to a token: the two that lie between us and the wire may still be lost with
the connection. The stream goes on after it, so it waits for nothing."""


def add_stream(router: APIRouter, path: str, visible: Visible, *roles: Role, on_sent: OnSent | None = None) -> None:
    """Adds the routes. `visible` says what of an event a token may see; the rest is not sent."""
    collection = f"{router.prefix}{path}".rpartition("/")[2].replace("-", "_")

    @router.get(
        f"{path}/stream",
        name=f"stream_{collection}",
        response_class=EventSourceResponse,
        summary="Live updates (Server-Sent Events)",
        responses=problems(),
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
    ) -> AsyncIterator[ServerSentEvent]:
        async for event in edge_of(request).stream.listen(access, visible, last_event_id or resume_from):
            yield event
            if on_sent is not None and isinstance(event.data, StreamMessage):
                on_sent(request, access, event.data)

    @router.post(
        f"{path}/stream-tickets",
        name=f"issue_{collection}_stream_ticket",
        summary="A ticket for a browser's EventSource",
        status_code=200,
        responses=problems(),
    )
    async def stream_ticket(
        request: Request,
        tx: Annotated[Transaction[Any], transaction],
        access: Annotated[Access, Depends(allowed(*roles))],
    ) -> Ticket:
        opened = request.url.path.removesuffix("-tickets")
        issued = await edge_of(request).stream.tickets.issue(tx.connection, access, opened)
        return Ticket(ticket=issued)
