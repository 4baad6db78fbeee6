"""The latest messages of a service's topic, each opened once and rendered once for each variant that is shown.

A message of a usual call has 1 to 2 kB, so 10,000 are 10 to 20 MB; larger ones push the oldest out at 32 MB. The opened
and rendered forms are kept for the newest 1,000 only, with at most two variants of each: about 10 MB.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi.sse import format_sse_event
from pydantic import BaseModel, ValidationError

from sigap_common.auth import Access
from sigap_common.bus import Delivered
from sigap_common.bus.envelope import MalformedEnvelope, Message
from sigap_common.messaging.received import EventReader, ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant, shown_as

RING = 10_000
RING_BYTES = 32 * 1024 * 1024
KEPT_OPENED = 1_000
"""Only clients that reconnect read older messages. These are opened again for each of them."""


class StreamMessage(BaseModel):
    """The `data` of a message in a live stream. A repeat has the same subject and sequence.

    `order`: the text by which the list sorts the object from this message on; null: it is not, or no longer, in a list
    that is sorted so.
    """

    type: str
    subject: str
    sequence: int
    regency: str
    drill: bool
    order: str | None = None
    event: dict[str, Any]


@dataclass(slots=True)
class Entry:
    """A message in the ring. It is opened when the first listener asks, since most have none."""

    number: int
    delivered: Delivered
    id: str
    heard: ReceivedEvent | None = None
    unreadable: bool = False
    frames: dict[tuple[Policy, Variant], bytes] = field(default_factory=dict)

    def close(self) -> None:
        """Drops what was opened and rendered."""
        self.heard = None
        self.frames.clear()


class Ring:
    """The latest messages. Entries are numbered from the start of the process: `first` is the number of the oldest,
    `next` that of the next to come.
    """

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._needs: dict[str, str] = {}
        """The newest need of each protected subject, by key. It holds for the subject's earlier messages too: it may
        have become protected, or somebody's need may have ended, since they came.
        """
        self.first = 0
        self.floor: dict[int, int] = {}
        """For each partition the position from which on the ring has every message."""

    @property
    def next(self) -> int:
        return self.first + len(self._entries)

    def entry(self, number: int) -> Entry:
        return self._entries[number - self.first]

    def append(self, delivered: Delivered, id_: str) -> None:
        """`id_`: the Last-Event-ID of a listener that has read up to here."""
        self._entries.append(Entry(self.next, delivered, id_))
        self._bytes += len(delivered.message.data)
        self._note_need(delivered.message)
        while len(self._entries) > RING or self._bytes > RING_BYTES:
            gone = self._entries.popleft().delivered
            self._bytes -= len(gone.message.data)
            self.floor[gone.partition] = gone.offset + 1
            self.first += 1
        if len(self._entries) > KEPT_OPENED:
            self._entries[-KEPT_OPENED - 1].close()

    def shown(self, entry: Entry, access: Access, policy: Policy, now: datetime) -> tuple[bytes, ReceivedEvent] | None:
        """The bytes that a listener is sent, and the event. None: the token may not see the event, or it is not
        readable; the consumer parks such an event.
        """
        heard = self._opened(entry)
        variant = None if heard is None else self._variant(heard, access, policy, now)
        if heard is None or variant is None:
            return None
        frame = entry.frames.get((policy, variant))
        if frame is None:
            frame = _rendered(heard, entry.id, shown_as(heard.event, variant))
            if self._is_kept(entry):
                entry.frames[policy, variant] = frame
        return frame, heard

    def is_seen(self, entry: Entry, access: Access, policy: Policy, now: datetime) -> bool:
        """Whether a listener may see the entry."""
        heard = self._opened(entry)
        return heard is not None and self._variant(heard, access, policy, now) is not None

    def _variant(self, heard: ReceivedEvent, access: Access, policy: Policy, now: datetime) -> Variant | None:
        envelope = heard.envelope
        return policy.seen_as(heard, access, now, self._needs.get(envelope.partitionkey, envelope.need))

    def _note_need(self, message: Message) -> None:
        need = message.need
        if need is None:
            self._needs.pop(message.key, None)
            return
        self._needs[message.key] = need
        if len(self._needs) > RING:
            del self._needs[next(iter(self._needs))]

    def forget_opened(self, before: datetime) -> None:
        """Drops opened forms of older messages. When they are opened again, values whose retention period is over are
        left out.
        """
        for entry in self._entries:
            if entry.heard is not None and entry.heard.envelope.time < before:
                entry.close()

    def _opened(self, entry: Entry) -> ReceivedEvent | None:
        if entry.heard is not None or entry.unreadable:
            return entry.heard
        try:
            heard = self._reader.read(entry.delivered.message)
        except (ValidationError, MalformedEnvelope):
            entry.unreadable = True
            return None
        if self._is_kept(entry):
            entry.heard = heard
        return heard

    def _is_kept(self, entry: Entry) -> bool:
        return entry.number >= self.next - KEPT_OPENED


def is_news(entry: Entry, since: Mapping[int, int]) -> bool:
    """Whether it comes after these positions."""
    return entry.delivered.offset >= since.get(entry.delivered.partition, 0)


def _rendered(heard: ReceivedEvent, position: str, seen: dict[str, Any]) -> bytes:
    envelope = heard.envelope
    message = StreamMessage(
        type=envelope.type,
        subject=envelope.subject,
        sequence=envelope.sequence,
        regency=envelope.regency,
        drill=envelope.drill,
        order=envelope.order or None,
        event=seen,
    )
    return format_sse_event(data_str=message.model_dump_json(), event=type(heard.event).__name__, id=position)
