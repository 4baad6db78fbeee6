"""What Kafka's log holds, and the positions of groups in it: for work on the log while no service runs."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CommitFailedError, GroupCoordinatorNotAvailableError

from sigap_common.bus.kafka import KafkaBus, records_of
from sigap_common.bus.kafka_clients import patient, running, stop_client
from sigap_common.bus.port import Delivered, Malformed

T = TypeVar("T")
Place = tuple[str, int]
"""Topic and partition."""

_AT_ONCE = 500
_WAIT_MS = 1000
_COORDINATOR_SECONDS = 30.0
_PAUSE_SECONDS = 0.2


class GroupInUse(Exception):
    """The group has members, so its positions are theirs to move."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of one partition: from the first offset to before the end."""

    first: int
    end: int


class KafkaHistory:
    """`bus` says where the brokers are; it need not be started."""

    def __init__(self, bus: KafkaBus) -> None:
        self._bus = bus

    async def since(self, topics: Sequence[str], moment: datetime) -> dict[Place, Span]:
        """What each partition got at this moment or later. Raises BusUnavailable, TopicAbsent."""
        async with self._consumer(await self._bus.existing(topics)) as consumer:
            places = list(consumer.assignment())
            ends = await consumer.end_offsets(places)
            found = await consumer.offsets_for_times(dict.fromkeys(places, int(moment.timestamp() * 1000)))
        return {
            (place.topic, place.partition): Span(at.offset if (at := found[place]) else ends[place], ends[place])
            for place in places
        }

    async def read(self, spans: Mapping[Place, Span]) -> AsyncGenerator[list[Delivered | Malformed], None]:
        """The records of these spans, in the order of each partition. Raises BusUnavailable."""
        left = {TopicPartition(*place): span.end for place, span in spans.items() if span.first < span.end}
        if not left:
            return
        async with self._consumer(list(left)) as consumer:
            for place in left:
                consumer.seek(place, spans[place.topic, place.partition].first)
            while left:
                batches = await consumer.getmany(*left, timeout_ms=_WAIT_MS, max_records=_AT_ONCE)
                yield [one for one in records_of(batches) if one.offset < spans[one.topic, one.partition].end]
                # Compaction leaves gaps: the position tells, not the last record.
                left = {place: end for place, end in left.items() if await consumer.position(place) < end}

    async def positions(self, group: str) -> dict[Place, int]:
        """What the group has to read next. Raises BusUnavailable."""
        admin = AIOKafkaAdminClient(**self._bus.reaching())
        async with running(admin, admin.close):
            found = await _coordinated(lambda: admin.list_consumer_group_offsets(group))
        return {(place.topic, place.partition): at.offset for place, at in found.items() if at.offset >= 0}

    async def check_unused(self, groups: Sequence[str]) -> None:
        """Raises GroupInUse if a group that has read something has members, BusUnavailable.

        Kafka refuses positions of anybody but the members. So each group is given a position that it has already; the
        client cannot read a description of groups with members.
        """
        for group in groups:
            if known := await self.positions(group):
                place = next(iter(known))
                await self.move(group, {place: known[place]})

    async def move(self, group: str, positions: Mapping[Place, int]) -> None:
        """Sets the positions of a group. Raises GroupInUse if it has got a member meanwhile, BusUnavailable."""
        places = {TopicPartition(*place): offset for place, offset in positions.items()}
        async with self._consumer(list(places), group) as consumer:
            try:
                await consumer.commit(places)
            except CommitFailedError as error:
                raise GroupInUse(group) from error

    @asynccontextmanager
    async def _consumer(
        self, places: Sequence[TopicPartition], group: str | None = None
    ) -> AsyncIterator[AIOKafkaConsumer]:
        options = {"group_id": group, "enable_auto_commit": False, "auto_offset_reset": "earliest"}
        consumer = patient(AIOKafkaConsumer(**self._bus.reaching(), **options))
        consumer.assign(list(places))
        async with running(consumer, partial(stop_client, consumer)):
            yield consumer


async def _coordinated(ask: Callable[[], Awaitable[T]]) -> T:
    """A new broker has no coordinator of groups yet, and makes one when it is first asked for."""
    deadline = time.monotonic() + _COORDINATOR_SECONDS
    while True:
        try:
            return await ask()
        except GroupCoordinatorNotAvailableError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
