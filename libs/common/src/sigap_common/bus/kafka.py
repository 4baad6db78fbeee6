"""The bus of a cluster: Apache Kafka.

Every connection is made when it is first used and thrown away when it fails, so that a service starts without
its broker and goes on when the broker is back.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.codec import has_lz4
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    MessageSizeTooLargeError,
    TopicAlreadyExistsError,
    for_code,
)

from sigap_common.bus.envelope import Message
from sigap_common.bus.kafka_clients import UNREACHABLE, let_go, patient, running, stop_client, unavailable
from sigap_common.bus.port import (
    MIB,
    BusUnavailable,
    Delivered,
    Malformed,
    MessageTooLarge,
    Position,
    TopicAbsent,
    TopicSpec,
    read_record,
)
from sigap_common.bus.security import BusSecurity

_log = logging.getLogger(__name__)

_REQUEST_MS = 10_000
_PUBLISH_SECONDS = 10.0
_JOIN_SECONDS = 30.0
_COMMIT_SECONDS = 5.0
_COMMIT_EVERY_SECONDS = 1.0
_READY_SECONDS = 2.0
_RETRY_SECONDS = 0.5

_PRODUCER = {
    "acks": "all",
    "enable_idempotence": True,
    # Callers hand over many messages at once. Waiting 1 ms for more doubled the time of a single message and saved
    # nothing. (Before aiokafka 0.14 every batch of a partition waited so long, full or not.)
    "linger_ms": 0,
    # Below the smallest limit of a topic: a batch above that is refused whole, the client does not split it.
    "max_batch_size": 256 * 1024,
    "max_request_size": 17 * MIB,
    "request_timeout_ms": _REQUEST_MS,
    "compression_type": "lz4" if has_lz4() else None,
}
_CONSUMER = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "session_timeout_ms": 6_000,
    "heartbeat_interval_ms": 1_500,
    "request_timeout_ms": _REQUEST_MS,
    # A record above these limits still comes, alone (KIP-74); they bound what a consumer far behind holds in
    # memory.
    "fetch_max_bytes": 8 * MIB,
    "max_partition_fetch_bytes": MIB,
}


class KafkaBus:
    """See port.Bus. `servers` is host:port, separated by commas; `security`: by TLS, None: in clear."""

    name = "kafka"
    readers_keep_positions = False

    def __init__(self, servers: str, security: BusSecurity | None = None) -> None:
        self.servers, self._security = servers, security
        self._producer: AIOKafkaProducer | None = None
        self._known: set[str] = set()
        self._lock = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    def reaching(self) -> dict[str, Any]:
        """The options that every client of these brokers takes. Raises BusUnavailable if a certificate cannot be
        read.
        """
        try:
            return {"bootstrap_servers": self.servers, **(self._security.options() if self._security else {})}
        except OSError as error:
            raise unavailable(error) from error

    async def start(self) -> None:
        """Does nothing: each connection is made at its first use."""

    async def stop(self) -> None:
        self._discard(self._producer)
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def ready(self) -> None:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await (await self._connected()).client.fetch_all_metadata()
        except UNREACHABLE as error:
            raise unavailable(error) from error

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        admin = AIOKafkaAdminClient(**self.reaching(), request_timeout_ms=_REQUEST_MS)
        async with running(admin, admin.close):
            answer = await admin.create_topics([_new_topic(spec) for spec in topics])
            for topic, code, *message in answer.topic_errors:
                if code and for_code(code) is not TopicAlreadyExistsError:
                    raise BusUnavailable(f"the topic {topic} was not made: {for_code(code).__name__} {message}")
            async with asyncio.timeout(_JOIN_SECONDS):  # it is made on the controller before it is known everywhere
                while not {spec.name for spec in topics} <= {t["topic"] for t in await admin.describe_topics()}:  # noqa: ASYNC110 (nobody tells)
                    await asyncio.sleep(0.05)

    async def publish(self, messages: Sequence[Message]) -> None:
        sent: list[asyncio.Future[Any]] = []
        producer = await self._connected()
        try:
            async with asyncio.timeout(_PUBLISH_SECONDS):
                await self._must_exist(producer, {message.topic for message in messages})
                for m in messages:
                    sent.append(await producer.send(m.topic, m.data, m.key.encode(), headers=list(m.headers)))
                await asyncio.gather(*sent)
        except UNREACHABLE as error:
            # Its sequence numbers are ahead of what the broker took: nothing it sends after this would be
            # accepted.
            self._discard(producer)
            if isinstance(error, MessageSizeTooLargeError):
                raise MessageTooLarge(str(error)) from error
            raise unavailable(error) from error
        finally:
            for future in sent:
                let_go(future)

    def subscribe(
        self,
        group: str,
        topics: Sequence[str],
        start: Mapping[tuple[str, int], int],  # noqa: ARG002 (the group's positions are Kafka's)
        patience: float = 0,
    ) -> "KafkaSubscription":
        return KafkaSubscription(self, group, topics, patience)

    async def tail(
        self, topics: Sequence[str], after: Mapping[tuple[str, int], int] | None, back: int
    ) -> AsyncGenerator[Delivered, None]:
        reached = dict(after or {})
        while True:
            try:
                async with self._reader(topics) as (consumer, partitions):
                    await _seek(consumer, partitions, reached, back)
                    while True:
                        for batch in (await consumer.getmany(timeout_ms=60_000, max_records=500)).values():
                            for record in batch:
                                reached[record.topic, record.partition] = record.offset + 1
                                if record.key is not None and record.value is not None:
                                    yield _unread(record)
            except BusUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)

    async def end(self, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        async with self._reader(topics) as (consumer, partitions):
            ends = await consumer.end_offsets(partitions)
        return {(place.topic, place.partition): end for place, end in ends.items()}

    async def prune(self, now: datetime) -> int:  # noqa: ARG002 (the broker's own work)
        return 0

    async def existing(self, topics: Sequence[str]) -> list[TopicPartition]:
        """The partitions of these topics. Raises TopicAbsent, BusUnavailable."""
        try:
            metadata = await (await self._connected()).client.fetch_all_metadata()
        except UNREACHABLE as error:
            raise unavailable(error) from error
        places = []
        for topic in topics:
            if not (partitions := metadata.partitions_for_topic(topic)):
                raise TopicAbsent(topic)
            places += [TopicPartition(topic, partition) for partition in sorted(partitions)]
        return places

    @asynccontextmanager
    async def _reader(self, topics: Sequence[str]) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
        """A consumer without a group. Inside the block every error of the broker is raised as BusUnavailable."""
        partitions = await self.existing(topics)
        consumer = patient(AIOKafkaConsumer(**self.reaching(), **_CONSUMER))
        consumer.assign(partitions)
        async with running(consumer, partial(stop_client, consumer)):
            yield consumer, partitions

    async def _connected(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._producer is None:
                producer = AIOKafkaProducer(**self.reaching(), **_PRODUCER)
                try:
                    async with asyncio.timeout(_PUBLISH_SECONDS):
                        await producer.start()
                except BaseException as error:
                    await stop_client(producer)
                    if isinstance(error, UNREACHABLE):
                        raise unavailable(error) from error
                    raise
                self._producer = producer
            return self._producer

    async def _must_exist(self, producer: AIOKafkaProducer, topics: set[str]) -> None:
        # Checked first, because the client would wait for a missing topic, or make it.
        if not topics <= self._known:
            await self.existing(sorted(topics - self._known))
            if producer is self._producer:
                self._known |= topics

    def _discard(self, producer: AIOKafkaProducer | None) -> None:
        if producer is not None and producer is self._producer:
            self._producer, self._known = None, set()
            # In a task, because a hanging broker delays it for as long as a request may take.
            leaving = asyncio.create_task(stop_client(producer))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)


class KafkaSubscription(ConsumerRebalanceListener):  # type: ignore[misc]
    """See port.Subscription."""

    def __init__(self, bus: KafkaBus, group: str, topics: Sequence[str], patience: float) -> None:
        self.assignment_version = 0
        self._bus = bus
        self._group = group
        self._topics = topics
        self._patience = patience
        self._consumer: AIOKafkaConsumer | None = None
        self._reached: dict[TopicPartition, int] = {}
        self._handled: dict[TopicPartition, int] = {}
        self._committed_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leave()

    async def fetch(self, most: int, wait: float) -> list[Delivered | Malformed]:
        try:
            consumer = self._consumer or await self._join()
            return records_of(await consumer.getmany(timeout_ms=int(wait * 1000), max_records=most))
        except UNREACHABLE as error:
            await self._leave()
            raise unavailable(error) from error

    async def done(self, positions: Sequence[Position]) -> None:
        # A commit costs the broker as much as a batch of records; the handlers know what they have seen already.
        reached = {TopicPartition(topic, partition): offset for topic, partition, offset in positions}
        self._reached |= reached
        self._handled |= reached
        if time.monotonic() - self._committed_at >= _COMMIT_EVERY_SECONDS:
            await self._commit()

    async def lag(self) -> int:
        consumer = self._consumer
        if consumer is None:
            raise BusUnavailable("not joined to the group yet")
        try:
            places = list(consumer.assignment())
            if not places:
                return 0
            ends = await consumer.end_offsets(places)
            # Where nothing was handled since the partition came, the client's position is the group's own.
            return sum([max(0, end - await self._handled_to(consumer, place)) for place, end in ends.items()])
        except IllegalStateError:
            return 0  # the partitions are being shared out anew
        except UNREACHABLE as error:
            raise unavailable(error) from error

    async def _handled_to(self, consumer: AIOKafkaConsumer, place: TopicPartition) -> int:
        known = self._handled.get(place)
        return int(await consumer.position(place)) if known is None else known

    async def _commit(self) -> None:
        """Commits the positions of the group. Raises BusUnavailable."""
        reached, self._reached, self._committed_at = self._reached, {}, time.monotonic()
        if self._consumer is None:
            return
        ours = self._consumer.assignment()
        offsets = {place: offset for place, offset in reached.items() if place in ours}
        if not offsets:
            return
        try:
            async with asyncio.timeout(_COMMIT_SECONDS):
                await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError):
            _log.info("positions of %s were not moved: its partitions are being shared out anew", self._group)
        except UNREACHABLE as error:
            raise unavailable(error) from error

    async def on_partitions_revoked(self, revoked: object) -> None:  # noqa: ARG002
        self.assignment_version += 1  # whoever handles what was fetched stops now
        self._handled.clear()
        with suppress(BusUnavailable):
            await self._commit()

    def on_partitions_assigned(self, assigned: object) -> None:  # noqa: ARG002
        self.assignment_version += 1

    async def _join(self) -> AIOKafkaConsumer:
        await self._bus.existing(self._topics)
        gathering = {"fetch_min_bytes": MIB, "fetch_max_wait_ms": int(self._patience * 1000)} if self._patience else {}
        settings = {**self._bus.reaching(), "group_id": self._group, **_CONSUMER, **gathering}
        consumer = patient(AIOKafkaConsumer(**settings))
        consumer.subscribe(list(self._topics), listener=self)
        try:
            async with asyncio.timeout(_JOIN_SECONDS):
                await consumer.start()
        except BaseException:  # cancelled too: a consumer half started is of no use to the next fetch
            await stop_client(consumer)
            raise
        self._consumer = consumer
        return consumer

    async def _leave(self) -> None:
        if self._consumer is not None:
            with suppress(BusUnavailable):
                await self._commit()
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            self.assignment_version += 1
            await stop_client(consumer)


async def _seek(
    consumer: AIOKafkaConsumer,
    partitions: list[TopicPartition],
    reached: dict[tuple[str, int], int],
    back: int,
) -> None:
    """Moves the consumer to the positions in `reached`. A partition without one starts `back` offsets before its end,
    and that position is added to `reached`.
    """
    if any((place.topic, place.partition) not in reached for place in partitions):
        beginnings = await consumer.beginning_offsets(partitions)
        for place, end in (await consumer.end_offsets(partitions)).items():
            reached.setdefault((place.topic, place.partition), max(beginnings[place], end - back))
    for place in partitions:
        consumer.seek(place, reached[place.topic, place.partition])


def records_of(batches: Mapping[TopicPartition, Sequence[Any]]) -> list[Delivered | Malformed]:
    return [
        read_record((record.topic, record.partition, record.offset), record.headers, record.key, record.value)
        for batch in batches.values()
        for record in batch
    ]


def _unread(record: Any) -> Delivered:
    message = Message(record.topic, record.key.decode(errors="replace"), tuple(record.headers), record.value)
    return Delivered(message, record.topic, record.partition, record.offset)


def topic_configs(spec: TopicSpec) -> dict[str, str]:
    """The configuration of a topic at the brokers."""
    configs = {"max.message.bytes": str(spec.max_bytes)}
    if spec.compacted:
        configs["cleanup.policy"] = "compact"
    else:
        configs["retention.ms"] = str(int(spec.retention.total_seconds() * 1000))
    return configs


def _new_topic(spec: TopicSpec) -> NewTopic:
    # -1: as many copies as the cluster's own default says.
    return NewTopic(spec.name, spec.partitions, -1, replica_assignments={}, topic_configs=topic_configs(spec))
