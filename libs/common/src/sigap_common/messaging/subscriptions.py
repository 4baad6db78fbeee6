"""A service's subscriptions: which event goes to which handler.

SUBSCRIPTIONS = (on(CallClassified, open_incident), on_batch((CallReceived, CallEnded), count_calls))
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.base import Event
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import Transaction

T = TypeVar("T", bound=Transaction[Any], contravariant=True)
E = TypeVar("E", bound=Event)


class NotYet(Exception):
    """The aggregate that an event refers to has not arrived yet, since there is no order between topics. The event is
    tried again.
    """


@dataclass(frozen=True, slots=True)
class On(Generic[T]):
    """A subscription with one transaction for each event. `blocking`: if an event must wait, later events of the same
    key wait behind it.
    """

    event: type[Event]
    handler: Callable[[T, Any, Envelope], Awaitable[None]]
    blocking: bool

    @property
    def events(self) -> tuple[type[Event], ...]:
        return (self.event,)

    async def handle(self, tx: T, received: Sequence[ReceivedEvent]) -> None:
        for one in received:
            await self.handler(tx, one.event, one.envelope)


@dataclass(frozen=True, slots=True)
class OnBatch(Generic[T]):
    """A subscription with one transaction for each batch, for events that come often. A batch that fails is handled
    again event by event.
    """

    events: tuple[type[Event], ...]
    handler: Callable[[T, Sequence[ReceivedEvent]], Awaitable[None]]
    blocking: bool

    async def handle(self, tx: T, received: Sequence[ReceivedEvent]) -> None:
        await self.handler(tx, received)


Subscribed = On[T] | OnBatch[T]


def on(event: type[E], handler: Callable[[T, E, Envelope], Awaitable[None]], *, blocking: bool = True) -> On[T]:
    """Calls `handler` with (transaction, event, envelope), one transaction an event."""
    return On(event, handler, blocking)


def on_batch(
    events: Sequence[type[Event]],
    handler: Callable[[T, Sequence[ReceivedEvent]], Awaitable[None]],
    *,
    blocking: bool = True,
) -> OnBatch[T]:
    """Calls `handler` with (transaction, received events in order), one transaction a batch."""
    return OnBatch(tuple(events), handler, blocking)
