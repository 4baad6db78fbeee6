"""Each behaviour is shown on both buses: what differs between them is here."""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from aiokafka import AIOKafkaProducer

from sigap_common.bus import Bus, Delivered, Malformed, Position, Subscription, TopicSpec, open_bus
from sigap_common.core.ids import uuid7
from sigap_testing.kafka import Kafka

Headers = Sequence[tuple[str, bytes]]


class House(Protocol):
    """Where a bus lives. `open` gives a started one, as another process would have it."""

    def open(self) -> Bus: ...

    async def put(self, topic: str, headers: Headers, key: bytes, value: bytes) -> None:
        """A record that no `publish` of ours would write."""


class EmbeddedHouse:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> Bus:
        return open_bus("embedded://", data_dir=self.folder)

    async def put(self, topic: str, headers: Headers, key: bytes, value: bytes) -> None:
        text = json.dumps([(name, content.decode()) for name, content in headers])
        with sqlite3.connect(self.folder / "bus.sqlite3") as connection:
            number, offset = connection.execute("SELECT id, next FROM topic WHERE name = ?", (topic,)).fetchone()
            connection.execute("INSERT INTO log VALUES (?, ?, 0, ?, ?, ?)", (number, offset, key.decode(), text, value))
            connection.execute("UPDATE topic SET next = next + 1 WHERE id = ?", (number,))
        connection.close()


class KafkaHouse:
    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def open(self) -> Bus:
        return open_bus(f"kafka://{self.bootstrap}", data_dir=None)

    async def put(self, topic: str, headers: Headers, key: bytes, value: bytes) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all") as producer:
            await producer.send_and_wait(topic, value, key, headers=headers)


class Group:
    """A service that keeps its positions as the bus asks of it: in its database, or by `done`."""

    def __init__(self, bus: Bus, *topics: str) -> None:
        self.name = f"group-{uuid7()}"
        self.bus = bus
        self.topics = topics
        self.positions: dict[tuple[str, int], int] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Subscription]:
        async with self.bus.subscribe(self.name, self.topics, dict(self.positions)) as subscription:
            yield subscription

    async def done(self, subscription: Subscription, records: Sequence[Delivered | Malformed]) -> None:
        moved: list[Position] = [(r.topic, r.partition, r.offset + 1) for r in records]
        newest = {(topic, partition): offset for topic, partition, offset in moved}
        self.positions |= newest
        await subscription.done([(topic, partition, offset) for (topic, partition), offset in newest.items()])


def delivered(records: Iterable[Delivered | Malformed]) -> list[Delivered]:
    """The same records, none of which may be malformed."""
    found: list[Delivered] = []
    for record in records:
        assert isinstance(record, Delivered), record
        found.append(record)
    return found


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    if request.param == "embedded":
        return EmbeddedHouse(tmp_path)
    broker: Kafka = request.getfixturevalue("kafka_broker")
    return KafkaHouse(broker.bootstrap)


@pytest.fixture
async def bus(house: House) -> AsyncIterator[Bus]:
    bus = house.open()
    await bus.start()
    yield bus
    await bus.stop()


@pytest.fixture
async def topic(bus: Bus) -> str:
    name = f"test.{uuid7()}"
    await bus.create_topics([TopicSpec(name, partitions=4)])
    return name


@pytest.fixture
def group(bus: Bus, topic: str) -> Group:
    return Group(bus, topic)
