"""The interface of a bus, and what every bus promises.

Messages of one key stay in order. Once `publish` has returned, its messages survive kill -9 and a power cut. Each group
gets every message at least once: a consumer that stops between handling and `done` gets it again. Offsets are whole
numbers that grow within a partition, not always by one; a position is the offset to read next.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from sigap_common.bus.envelope import MalformedEnvelope, Message

Position = tuple[str, int, int]
"""Topic, partition, offset to read next."""

MIB = 1024 * 1024


class BusError(Exception):
    """Base of the errors of a bus."""


class BusUnavailable(BusError):
    """The bus cannot be reached now, or cannot store a message. Try again later."""


class TopicAbsent(BusError):
    """The topic does not exist yet. `sigap migrate` makes it."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"the topic {topic} does not exist; `sigap migrate` makes it")
        self.topic = topic


class MessageTooLarge(BusError):
    """The message is larger than its topic allows. Trying again does not help."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How a topic is made. `max_bytes` is the largest record: key, headers and data. A compacted topic keeps the newest
    record of each key.
    """

    name: str
    partitions: int = 12
    compacted: bool = False
    max_bytes: int = MIB
    retention: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Delivered:
    message: Message
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record that cannot be read as one of our CloudEvents, as it was found."""

    topic: str
    partition: int
    offset: int
    headers: list[tuple[str, bytes]]
    key: bytes | None
    value: bytes | None
    reason: str


class Subscription(Protocol):
    """One consumer of one group, for one task at a time. Leave it (`async with`) to let its partitions go."""

    assignment_version: int
    """Grows whenever partitions are taken from this consumer or given to it: what was fetched before may be
    another's.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def fetch(self, most: int, wait: float) -> list[Delivered | Malformed]:
        """Up to `most` records, in order per partition, as soon as there is one; none after `wait` seconds.

        Each fetch goes on where the last ended, whether `done` was called or not. Raises BusUnavailable,
        after which it may be called again, and TopicAbsent.
        """
        ...

    async def done(self, positions: Sequence[Position]) -> None:
        """Sets the group's positions to these. They are committed at most once a second, and when the subscription is
        left. A consumer that is killed before that gets some messages again. Positions of partitions that this consumer
        no longer has are ignored.

        On the embedded bus this does nothing: there the position lies in the consumer's database. Raises
        BusUnavailable.
        """
        ...

    async def lag(self) -> int:
        """How many offsets of its partitions lie behind what was `done`: events that were not handled yet. It may be
        called while another task fetches. Raises BusUnavailable.
        """
        ...


class Bus(Protocol):
    name: str
    readers_keep_positions: bool
    """Whether a reader keeps its position in its own database, and `done` does nothing."""

    async def start(self) -> None:
        """Starts the bus. It needs no broker: if one is away, `ready` and each use raise BusUnavailable."""
        ...

    async def stop(self) -> None: ...

    async def ready(self) -> None:
        """Returns if the bus can be reached. Raises BusUnavailable."""
        ...

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Makes the topics that do not exist. Existing topics are not changed. Raises BusUnavailable."""
        ...

    async def publish(self, messages: Sequence[Message]) -> None:
        """Durable once it returns, in the given order per key.

        After an exception any of them may have been published nonetheless; publishing all of them again keeps
        the order of their first arrivals. Raises BusUnavailable, TopicAbsent, MessageTooLarge.
        """
        ...

    def subscribe(
        self, group: str, topics: Sequence[str], start: Mapping[tuple[str, int], int], patience: float = 0
    ) -> Subscription:
        """`start`: position by (topic, partition), from the consumer's database; absent is the beginning. Kafka
        keeps the group's positions itself and ignores it.

        `patience`: for how many seconds records may be gathered, so that more of them come at once.
        """
        ...

    def tail(
        self, topics: Sequence[str], after: Mapping[tuple[str, int], int] | None, back: int
    ) -> AsyncGenerator[Delivered, None]:
        """Messages without a group, endlessly: from the positions `after`, otherwise from `back` offsets before each
        partition's end.

        The ends are taken when the first message is asked for. Outages are waited for. A malformed record is left
        out, or its envelope raises MalformedEnvelope when it is read. What retention has removed is skipped: the
        first offset is then above `after`. Raises TopicAbsent.
        """
        ...

    async def end(self, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """The position after the newest record of each partition. Raises BusUnavailable, TopicAbsent."""
        ...

    async def prune(self, now: datetime) -> int:
        """Deletes messages that retention or compaction no longer keeps. Returns their number; 0 for Kafka, which does
        it itself.
        """
        ...


def read_record(
    place: Position, headers: Sequence[tuple[str, bytes]], key: bytes | None, value: bytes | None
) -> Delivered | Malformed:
    """A record as it came, read as a CloudEvent. `place` holds the record's own offset."""
    topic, partition, offset = place
    try:
        if key is None or value is None:
            raise MalformedEnvelope("record", "without a key" if key is None else "a tombstone, without data")
        message = Message(topic, key.decode(), tuple(headers), value)
        message.envelope  # noqa: B018 (it is read now, or it is malformed)
    except ValueError as error:
        return Malformed(topic, partition, offset, list(headers), key, value, str(error))
    return Delivered(message, topic, partition, offset)
