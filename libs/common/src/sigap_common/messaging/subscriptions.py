"""What a service listens to, as a table that one can read.

SUBSCRIPTIONS = (on(CallClassified, open_incident), on_batch((CallReceived, CallEnded), count_calls))
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.base import Event


class NotYet(Exception):
    """What the event refers to has not arrived: between topics there is no order. It is tried again."""


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as a handler gets it, with what its envelope says."""

    event: Any
    envelope: Envelope


Handler = Callable[[Any, Any, Envelope], Awaitable[None]]
"""(transaction, event, envelope)"""
BatchHandler = Callable[[Any, Sequence[ReceivedEvent]], Awaitable[None]]
"""(transaction, what was heard, in order)"""


@dataclass(frozen=True, slots=True)
class On:
    """One transaction an event. `blocking`: later events of the same key wait behind one that must wait."""

    event: type[Event]
    handler: Handler
    blocking: bool

    @property
    def events(self) -> tuple[type[Event], ...]:
        return (self.event,)

    async def handle(self, tx: Any, heard: Sequence[ReceivedEvent]) -> None:
        for one in heard:
            await self.handler(tx, one.event, one.envelope)


@dataclass(frozen=True, slots=True)
class OnBatch:
    """One transaction a batch, for what comes often; a batch that fails is done again event by event."""

    events: tuple[type[Event], ...]
    handler: BatchHandler
    blocking: bool

    async def handle(self, tx: Any, heard: Sequence[ReceivedEvent]) -> None:
        await self.handler(tx, heard)


Subscribed = On | OnBatch


def on(event: type[Event], handler: Handler, *, blocking: bool = True) -> On:
    return On(event, handler, blocking)


def on_batch(events: Sequence[type[Event]], handler: BatchHandler, *, blocking: bool = True) -> OnBatch:
    return OnBatch(tuple(events), handler, blocking)
