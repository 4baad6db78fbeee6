"""Live updates by Server-Sent Events: a tail of the service's own topic, one a process, for all its listeners.

The last RING messages lie in memory. An event's id is the positions in the partitions after it, so any
replica can go on from it: what came since is sent from the ring, or the client is told `reset` and reads the
list again. A stream holds no connection and no transaction, and ends with the token that opened it.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi.sse import ServerSentEvent
from pydantic import BaseModel, ValidationError

from sigap_common.auth import Access
from sigap_common.bus import Bus, BusUnavailable, Delivered, TopicAbsent
from sigap_common.bus.envelope import MalformedEnvelope
from sigap_common.core.clock import Clock
from sigap_common.http.stream_tickets import StreamTickets
from sigap_common.messaging.outages import wait_out
from sigap_common.messaging.received import EventReader, ReceivedEvent
from sigap_common.observability.metrics import Metrics

RING = 10_000
BACK = 1_000
HEARTBEAT_SECONDS = 15.0
LONGEST_POSITION = 4000
"""Characters of an event's id: about 15 for each partition of the topic."""
CATCH_UP_SECONDS = 2.0
RECONNECT_MS = (500, 2_000)
"""When a client should connect again after its process has stopped."""

log = logging.getLogger(__name__)

Visible = Callable[[ReceivedEvent, Access], dict[str, Any] | None]
"""What of an event a token may see; None: nothing of it."""


class StreamMessage(BaseModel):
    """What a listener gets as `data`. A repeat has the same subject and sequence."""

    type: str
    subject: str
    sequence: int
    regency: str
    drill: bool
    event: dict[str, Any]


@dataclass(slots=True)
class _Entry:
    """A message in the ring. It is opened when the first listener asks, since most have none."""

    delivered: Delivered
    id: str
    heard: ReceivedEvent | None = None


class LiveStream:
    """One service's own topic as it comes, with the latest part of it in memory."""

    def __init__(
        self, bus: Bus, topic: str, reader: EventReader, tickets: StreamTickets, clock: Clock, metrics: Metrics
    ) -> None:
        self._bus, self._topic, self._reader = bus, topic, reader
        self.tickets, self._clock, self._metrics = tickets, clock, metrics
        self._ring: deque[_Entry] = deque()
        self._first = 0  # the number of the ring's oldest entry
        self._floor: dict[int, int] = {}
        self._positions: dict[int, int] = {}
        self._caught_up_at: dict[int, int] = {}
        self._wanted = asyncio.Event()
        self._ready = asyncio.Event()
        self._news = asyncio.Event()
        self._closed = False

    @property
    def _next(self) -> int:
        return self._first + len(self._ring)

    async def run(self) -> None:
        """From the first listener on follows the topic, until cancelled; a bus that is away is waited for."""
        await self._wanted.wait()
        while True:
            try:
                if not self._ready.is_set():
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
        self._floor = dict(self._positions)
        # What lay before the end may be gone by retention, and never come.
        asyncio.get_running_loop().call_later(CATCH_UP_SECONDS, self._be_ready)
        self._note_whether_ready()

    def _note_whether_ready(self) -> None:
        """A listener begins behind what was there before it: that is for those who resume."""
        if all(self._positions[partition] >= offset for partition, offset in self._caught_up_at.items()):
            self._be_ready()

    def _be_ready(self) -> None:
        self._ready.set()
        self._wake()

    def _take(self, delivered: Delivered) -> None:
        self._positions[delivered.partition] = delivered.offset + 1
        if (type_ := delivered.message.type) is not None and self._reader.knows(type_):
            self._keep(delivered)
        if not self._ready.is_set():
            self._note_whether_ready()

    def _keep(self, delivered: Delivered) -> None:
        if len(self._ring) >= RING:
            gone = self._ring.popleft().delivered
            self._floor[gone.partition] = gone.offset + 1
            self._first += 1
        self._ring.append(_Entry(delivered, self._position_id()))
        self._wake()

    def _shown(self, entry: _Entry, access: Access, visible: Visible) -> ServerSentEvent | None:
        """What a listener gets of a message; nothing of one that cannot be read, which the consumer parks."""
        if entry.heard is None:
            try:
                entry.heard = self._reader.read(entry.delivered.message)
            except (ValidationError, MalformedEnvelope):
                return None
        shown = visible(entry.heard, access)
        return None if shown is None else _sent(entry.heard, entry.id, shown)

    def forget_opened(self, before: datetime) -> None:
        """Drops what was opened of older messages: the next listener's reading leaves out what is over by then."""
        for entry in self._ring:
            if entry.heard is not None and entry.heard.envelope.time < before:
                entry.heard = None

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def close(self) -> None:
        """Ends all streams at once, so that the process can stop; each client is told to connect again."""
        self._closed = True
        self._wake()

    def _position_id(self) -> str:
        return "-".join(f"{p}.{offset}" for p, offset in sorted(self._positions.items()))

    async def listen(
        self, access: Access, visible: Visible, last_event_id: str | None
    ) -> AsyncIterator[ServerSentEvent]:
        """What `access` may see from here on, or since `last_event_id`. Begins with `ready` or `reset`."""
        self._metrics.stream_listeners.inc()
        try:
            async for event in self._events(access, visible, last_event_id):
                yield event
        finally:
            self._metrics.stream_listeners.dec()

    async def _events(
        self, access: Access, visible: Visible, last_event_id: str | None
    ) -> AsyncIterator[ServerSentEvent]:
        self._wanted.set()
        while not (self._ready.is_set() or self._closed):
            if await self._quiet(self._news, HEARTBEAT_SECONDS):  # the bus is away
                yield ServerSentEvent(comment="still here")
        if self._closed:
            yield _stopping()
            return
        cursor, since = self._first, await self._resumable(parse_positions(last_event_id))
        if since is None:
            cursor, since = self._next, self._caught_up_at
            yield ServerSentEvent(event="reset" if last_event_id else "ready", id=self._position_id(), data={})
        while not self._closed:
            news = self._news
            if cursor < self._first:
                cursor = self._next
                yield ServerSentEvent(event="reset", id=self._position_id(), data={})
            while cursor < self._next:
                entry = self._ring[cursor - self._first]
                cursor += 1
                if _is_news(entry, since) and (message := self._shown(entry, access, visible)):
                    yield message
            left = (access.expires_at - self._clock()).total_seconds()
            if left <= 0:
                yield ServerSentEvent(event="expired", data={})
                return
            if await self._quiet(news, min(HEARTBEAT_SECONDS, left)):
                yield ServerSentEvent(comment="still here")
        yield _stopping()

    @staticmethod
    async def _quiet(news: asyncio.Event, seconds: float) -> bool:
        """Whether nothing came within that time."""
        try:
            await asyncio.wait_for(news.wait(), seconds)
        except TimeoutError:
            return True
        return False

    async def _resumable(self, positions: Mapping[int, int] | None) -> Mapping[int, int] | None:
        """The positions, where a listener that has read up to them can go on without a gap; else None.

        Behind the topic's end, as after a restore, they are another log's: what comes next would lie before them.
        """
        if positions is None or any(positions.get(p, 0) < floor for p, floor in self._floor.items()):
            return None
        if all(offset <= self._positions.get(p, 0) for p, offset in positions.items()):
            return positions
        try:
            ends = await self._bus.end([self._topic])
        except BusUnavailable:
            return None
        beyond = any(offset > ends.get((self._topic, p), 0) for p, offset in positions.items())
        return None if beyond else positions


def _is_news(entry: _Entry, since: Mapping[int, int]) -> bool:
    return entry.delivered.offset >= since.get(entry.delivered.partition, 0)


def _stopping() -> ServerSentEvent:
    """The client connects again, which leads it to another process. Not all at the same moment: `retry` differs."""
    return ServerSentEvent(event="stopping", data={}, retry=random.randint(*RECONNECT_MS))  # noqa: S311


def _sent(heard: ReceivedEvent, position: str, shown: dict[str, Any]) -> ServerSentEvent:
    message = StreamMessage(
        type=heard.envelope.type,
        subject=heard.envelope.subject,
        sequence=heard.envelope.sequence,
        regency=heard.envelope.regency,
        drill=heard.envelope.drill,
        event=shown,
    )
    return ServerSentEvent(event=type(heard.event).__name__, id=position, data=message)


def parse_positions(text: str | None) -> dict[int, int] | None:
    """The positions in a Last-Event-ID; None where it is absent or not one of ours."""
    try:
        pairs = [pair.split(".") for pair in (text or "").split("-") if pair]
        return {int(partition): int(offset) for partition, offset in pairs} or None
    except ValueError:
        return None
