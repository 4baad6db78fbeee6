"""Live streams (Server-Sent Events): each process reads the newest events of the service's own topic once, for all its
listeners.

The latest messages lie in memory (stream_ring.py). An event's id is the position in each partition after it, so any
replica can go on from it. It sends the later events from the ring, or the client gets `reset` and reads the list again.
A stream holds no connection and no transaction, and ends with the token that opened it.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from fastapi.sse import format_sse_event

from sigap_common.auth import Access
from sigap_common.bus import Bus, BusUnavailable, Delivered, TopicAbsent
from sigap_common.core.clock import Clock
from sigap_common.http.stream_listeners import Listener
from sigap_common.http.stream_places import StreamPlaces
from sigap_common.http.stream_ring import Ring
from sigap_common.http.stream_tickets import StreamTickets
from sigap_common.http.stream_wakeups import Wakeups
from sigap_common.messaging.outages import wait_out
from sigap_common.messaging.received import EventReader, ReceivedEvent
from sigap_common.messaging.visibility import Policy
from sigap_common.observability.metrics import Metrics

BACK = 1_000
HEARTBEAT_SECONDS = 15.0
HEARTBEAT = format_sse_event(comment="still here")
LONGEST_POSITION = 4000
"""Characters of an event's id: about 15 for each partition of the topic."""
CATCH_UP_SECONDS = 2.0
RECONNECT_MS = (500, 2_000)
"""When a client should connect again after its process has stopped."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamsOfProcess:
    """What the live streams of all services in one process share."""

    places: StreamPlaces
    wakeups: Wakeups


@dataclass(frozen=True, slots=True)
class Sending:
    """Bytes to send to one listener, and the events in them."""

    body: bytes
    events: list[ReceivedEvent] = field(default_factory=list)


class LiveStream:
    """The live stream of one service: it follows the service's own topic and keeps the latest part in memory."""

    def __init__(
        self,
        bus: Bus,
        topic: str,
        reader: EventReader,
        tickets: StreamTickets,
        shared: StreamsOfProcess,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._bus, self._topic, self._reader = bus, topic, reader
        self.tickets, self.places, self._wakeups = tickets, shared.places, shared.wakeups
        self._clock, self._metrics = clock, metrics
        self._ring = Ring(reader)
        self._listeners: dict[Listener, None] = {}
        self._positions: dict[int, int] = {}
        self._caught_up_at: dict[int, int] = {}
        self._wanted = asyncio.Event()
        self._ready = self._closed = False
        self._pulse: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Follows the topic from the first listener on, until cancelled. If the bus is away, it waits."""
        await self._wanted.wait()
        while True:
            try:
                if not self._ready:
                    await self._begin()
                after = {(self._topic, p): offset for p, offset in self._positions.items()}
                async for delivered in self._bus.tail([self._topic], after, 0):
                    self._take(delivered)
            except (BusUnavailable, TopicAbsent) as away:
                await wait_out(log, "stream waits", away)

    async def _begin(self) -> None:
        end = await self._bus.end([self._topic])
        self._caught_up_at = {partition: offset for (_, partition), offset in end.items()}
        self._positions = {partition: max(0, offset - BACK) for partition, offset in self._caught_up_at.items()}
        self._ring.floor = dict(self._positions)
        # Messages before the end may have been deleted by retention; they never come.
        asyncio.get_running_loop().call_later(CATCH_UP_SECONDS, self._be_ready)
        self._note_whether_ready()

    def _note_whether_ready(self) -> None:
        """Starts reading. A new listener gets no earlier messages; only listeners that resume get them."""
        if all(self._positions[partition] >= offset for partition, offset in self._caught_up_at.items()):
            self._be_ready()

    def _be_ready(self) -> None:
        self._ready = True
        self._wakeups.add(self._listeners)

    def _take(self, delivered: Delivered) -> None:
        self._positions[delivered.partition] = delivered.offset + 1
        if (type_ := delivered.message.type) is not None and self._reader.knows(type_):
            self._ring.append(delivered, self._position_id())
            self._wakeups.add(self._listeners)
        if not self._ready:
            self._note_whether_ready()

    def forget_opened(self, before: datetime) -> None:
        """Drops opened forms of older messages. When they are opened again, values whose retention period is over are
        left out.
        """
        self._ring.forget_opened(before)

    @property
    def is_closed(self) -> bool:
        """Whether the process is about to stop, and all streams end."""
        return self._closed

    def close(self) -> None:
        """Ends all streams at once, so that the process can stop; each client is told to connect again."""
        self._closed = True
        for listener in self._listeners:
            listener.wake()

    def _position_id(self) -> str:
        return "-".join(f"{p}.{offset}" for p, offset in sorted(self._positions.items()))

    @contextmanager
    def listener(self, access: Access, policy: Policy) -> Iterator[Listener]:
        """A listener, for as long as its stream is open. `policy` says what of an event `access` may see."""
        listener = Listener(self._ring, access, policy, self._clock)
        self._listeners[listener] = None
        self._metrics.stream_listeners.inc()
        self._wanted.set()
        if self._pulse is None:
            self._pulse = asyncio.get_running_loop().call_later(HEARTBEAT_SECONDS, self._beat)
        try:
            yield listener
        finally:
            listener.end()
            del self._listeners[listener]
            self._metrics.stream_listeners.dec()

    def _beat(self) -> None:
        """One timer for all: it would cost more than the comments to set one for each listener after each event."""
        self._pulse = None
        if not self._listeners:
            return
        for listener in self._listeners:
            listener.beat()
        self._wakeups.add(self._listeners)
        self._pulse = asyncio.get_running_loop().call_later(HEARTBEAT_SECONDS, self._beat)

    async def sendings(self, listener: Listener, last_event_id: str | None) -> AsyncGenerator[Sending, None]:
        """What the listener may see from here on, or since `last_event_id`. Begins with `ready` or `reset`."""
        while not (self._ready or self._closed or listener.gone):
            await listener.called()
            if listener.takes_heartbeat():  # the bus is away
                yield Sending(HEARTBEAT)
        if not self._closed:
            since = await self._resumable(parse_positions(last_event_id))
            listener.cursor = self._ring.next if since is None else self._ring.first
            listener.reading_since = self._caught_up_at if since is None else since
            if since is None:
                yield self._begun("reset" if last_event_id else "ready")
        while not self._closed:
            if listener.gone:
                return
            if listener.expired:
                yield Sending(format_sse_event(event="expired", data_str="{}"))
                return
            if listener.cursor < self._ring.first:
                listener.cursor = self._ring.next
                yield self._begun("reset")
            body, events = listener.batch()
            if body:
                yield Sending(body, events)
            if listener.cursor < self._ring.next:
                self._wakeups.add((listener,))  # it goes on when the others had their turn
            elif listener.takes_heartbeat():
                yield Sending(HEARTBEAT)
            await listener.called()
        yield Sending(stopping())

    def _begun(self, event: str) -> Sending:
        return Sending(format_sse_event(event=event, data_str="{}", id=self._position_id()))

    async def _resumable(self, positions: Mapping[int, int] | None) -> Mapping[int, int] | None:
        """The positions if a listener can resume from them without a gap; otherwise None. Positions after the topic's
        end belong to another log, for example after a restore: new messages would come before them.
        """
        if positions is None or any(positions.get(p, 0) < floor for p, floor in self._ring.floor.items()):
            return None
        if all(offset <= self._positions.get(p, 0) for p, offset in positions.items()):
            return positions
        try:
            ends = await self._bus.end([self._topic])
        except BusUnavailable:
            return None
        beyond = any(offset > ends.get((self._topic, p), 0) for p, offset in positions.items())
        return None if beyond else positions


def stopping() -> bytes:
    """The last message of a stream whose process is about to stop.

    The client connects again, which leads it to another process. Not all at the same moment: `retry` differs.
    """
    retry = random.randint(*RECONNECT_MS)  # noqa: S311
    return format_sse_event(event="stopping", data_str="{}", retry=retry)


def parse_positions(text: str | None) -> dict[int, int] | None:
    """The positions in a Last-Event-ID; None if it is absent or malformed."""
    try:
        pairs = [pair.split(".") for pair in (text or "").split("-") if pair]
        return {int(partition): int(offset) for partition, offset in pairs} or None
    except ValueError:
        return None
