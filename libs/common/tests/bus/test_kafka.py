"""What only Apache Kafka has: a broker that can be away, and replicas that share."""

import asyncio
import contextlib
import gc
import logging
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from sigap_common.bus import (
    Bus,
    BusUnavailable,
    Delivered,
    Malformed,
    Subscription,
    TopicAbsent,
    TopicSpec,
    open_bus,
)
from sigap_common.bus.envelope import Message
from sigap_common.bus.kafka import KafkaBus, KafkaSubscription
from sigap_common.core.ids import uuid7
from sigap_testing.eventually import eventually
from sigap_testing.kafka import Kafka, find_kafka
from sigap_testing.messages import a_message
from sigap_testing.parts import bounded, free_port
from sigap_testing.patience import patience
from sigap_testing.plugin import or_missing

from .conftest import KafkaHouse, delivered

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def broker() -> Iterator[Kafka]:
    """One that these tests may stop."""
    with or_missing():
        broker = find_kafka()
        broker.start()
        broker.stop()
        broker.start()
    yield broker
    broker.remove()


@pytest.fixture
def house(broker: Kafka) -> KafkaHouse:
    return KafkaHouse(broker.bootstrap)


class Replica:
    """One of a service: handles, moves on, forgets what was not its own when partitions change hands."""

    def __init__(self, bus: Bus, group: str, topic: str) -> None:
        self.seen: list[Delivered] = []
        self.unavailable = 0
        self._task = asyncio.create_task(self._run(bus.subscribe(group, [topic], {})))

    async def _run(self, subscription: Subscription) -> None:
        self.subscription = subscription
        async with subscription:
            while True:
                try:
                    records = await subscription.fetch(100, 0.5)
                    self.seen += [record for record in records if isinstance(record, Delivered)]
                    await subscription.done([(r.topic, r.partition, r.offset + 1) for r in records])
                except BusUnavailable:
                    self.unavailable += 1
                    await asyncio.sleep(0.1)

    async def end(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


async def publish_until_taken(bus: Bus, message: Message, within: float = 60) -> int:
    """As the relay does; says how often the bus was away."""
    away = 0
    deadline = time.monotonic() + patience(within)
    while True:
        try:
            await bus.publish([message])
            return away
        except BusUnavailable:
            away += 1
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("seconds", [5, pytest.param(30, marks=[pytest.mark.slow, pytest.mark.timeout(180)])])
@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_broker_gone_and_back_needs_no_restart(
    broker: Kafka, bus: Bus, topic: str, seconds: float, how: str
) -> None:
    replica = Replica(bus, f"group-{uuid7()}", topic)
    tail = bus.tail([topic], await bus.end([topic]), 0)
    await bus.publish([a_message(topic, "call", 0)])
    await eventually(lambda: len(replica.seen) == 1)
    assert (await asyncio.wait_for(anext(tail), patience(5))).message.envelope.sequence == 0

    await asyncio.to_thread(getattr(broker, how))
    publishing = asyncio.create_task(publish_until_taken(bus, a_message(topic, "call", 1)))
    with pytest.raises(BusUnavailable):
        await bus.ready()
    await asyncio.sleep(seconds)
    assert not publishing.done()
    broker.start()

    back = time.monotonic()
    await publishing
    await eventually(lambda: replica.seen[-1].message.envelope.sequence == 1, within=15)
    assert (await asyncio.wait_for(anext(tail), patience(10))).message.envelope.sequence == 1
    print(f"flows again after {time.monotonic() - back:.2f} s")
    await eventually(bus_is_ready(bus))
    await replica.end()
    await tail.aclose()


def bus_is_ready(bus: Bus) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        await bus.ready()
        return True

    return ready


async def test_a_broker_that_hangs_is_unavailable_and_then_flows_again(broker: Kafka, bus: Bus, topic: str) -> None:
    replica = Replica(bus, f"group-{uuid7()}", topic)
    await bus.publish([a_message(topic, "call", 0)])
    await eventually(lambda: len(replica.seen) == 1)
    broker.pause()
    try:
        async with asyncio.timeout(patience(20)):
            with pytest.raises(BusUnavailable):
                await bus.publish([a_message(topic, "call", 1)])
    finally:
        broker.resume()
    await publish_until_taken(bus, a_message(topic, "call", 2))
    await eventually(lambda: replica.seen[-1].message.envelope.sequence == 2, within=15)
    await replica.end()


async def test_what_waits_for_a_broker_that_stopped_leaves_no_failure_that_nobody_took(
    broker: Kafka, bus: Bus, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "aiokafka")  # a record that is kept keeps the futures of its traceback alive
    left: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: left.append(told))
    replica = Replica(bus, f"group-{uuid7()}", topic)
    await bus.publish([a_message(topic, "call", 0)])
    await eventually(lambda: len(replica.seen) == 1)
    await asyncio.to_thread(broker.stop)
    try:
        with pytest.raises(BusUnavailable):
            await bus.publish([a_message(topic, f"call-{n}", n) for n in range(20)])
        await eventually(lambda: replica.unavailable > 0, within=30)
        await replica.end()
        await bus.stop()
        gc.collect()
        assert left == []
    finally:
        broker.start()


async def test_a_service_starts_and_stops_without_its_broker() -> None:
    bus = open_bus(f"kafka://127.0.0.1:{free_port()}", data_dir=None)
    await bus.start()
    for use in (bus.ready(), bus.publish([a_message("calls", "call")]), bus.end(["calls"]), bus.create_topics([])):
        with pytest.raises(BusUnavailable):
            await use
    async with bus.subscribe("group", ["calls"], {}) as subscription:
        with pytest.raises(BusUnavailable):
            await subscription.fetch(1, 0.1)
    await bus.stop()


async def publish_until_both_see(bus: Bus, topic: str, one: Replica, two: Replica) -> None:
    async def both_see() -> bool:
        one.seen.clear()
        two.seen.clear()
        await bus.publish([a_message(topic, f"call-{n}") for n in range(30)])
        await eventually(lambda: len(one.seen) + len(two.seen) >= 30)
        return bool(one.seen and two.seen)

    await eventually(both_see, within=20)


async def test_two_replicas_share_and_the_one_left_takes_all(bus: Bus, topic: str) -> None:
    group = f"group-{uuid7()}"
    one, two = Replica(bus, group, topic), Replica(bus, group, topic)
    await publish_until_both_see(bus, topic, one, two)
    assert not {r.partition for r in one.seen} & {r.partition for r in two.seen}
    await two.end()
    await bus.publish([a_message(topic, f"call-{n}", 2) for n in range(300)])
    await eventually(lambda: len({r.message.key for r in one.seen if r.message.envelope.sequence == 2}) == 300)
    await one.end()


DYING = """
import asyncio, sys
from sigap_common.bus import open_bus

async def hold():
    bus = open_bus(sys.argv[1], data_dir=None)
    async with bus.subscribe(sys.argv[2], [sys.argv[3]], {}) as subscription:
        while True:
            if records := await subscription.fetch(100, 1):
                print(len(records), flush=True)

asyncio.run(hold())
"""


async def test_what_a_killed_replica_held_goes_to_another_within_its_session(
    broker: Kafka, bus: Bus, topic: str
) -> None:
    group = f"group-{uuid7()}"
    await bus.publish([a_message(topic, f"call-{n}") for n in range(50)])
    command = [sys.executable, "-c", DYING, f"kafka://{broker.bootstrap}", group, topic]
    with bounded(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as dying:
        assert dying.stdout is not None
        assert await asyncio.to_thread(dying.stdout.readline)
        dying.kill()
    other = Replica(bus, group, topic)
    await eventually(lambda: len(other.seen) == 50, within=20)
    await other.end()


async def test_done_for_partitions_that_were_taken_away_is_passed_over(bus: Bus, topic: str) -> None:
    group = f"group-{uuid7()}"
    await bus.publish([a_message(topic, f"call-{n}") for n in range(100)])
    first = bus.subscribe(group, [topic], {})
    held: list[Delivered | Malformed] = []
    while len(held) < 100:
        held += await first.fetch(100, 1)
    version = first.assignment_version
    second = Replica(bus, group, topic)

    async def second_has_some() -> bool:
        await first.fetch(1, 0.1)
        return bool(second.seen)

    await eventually(second_has_some, within=20)
    assert first.assignment_version > version
    await first.done([(r.topic, r.partition, r.offset + 1) for r in held])
    await first.done([("another.topic", 0, 5)])
    await second.end()
    await first.__aexit__(None, None, None)


async def test_a_producer_out_of_sequence_is_replaced(bus: Bus, topic: str) -> None:
    await bus.publish([a_message(topic, "call", 0)])
    assert isinstance(bus, KafkaBus)
    assert bus._producer is not None
    numbers = bus._producer._txn_manager._sequence_numbers
    for place in numbers:
        numbers[place] += 5
    with pytest.raises(BusUnavailable, match="OutOfOrderSequenceNumber"):
        await bus.publish([a_message(topic, "call", 1)])
    await bus.publish([a_message(topic, "call", 1)])
    async with bus.subscribe(f"group-{uuid7()}", [topic], {}) as subscription:
        assert [r.message.envelope.sequence for r in delivered(await subscription.fetch(10, 5))] == [0, 1]


async def test_a_topic_made_later_is_found(bus: Bus) -> None:
    late = f"test.{uuid7()}"
    async with bus.subscribe(f"group-{uuid7()}", [late], {}) as subscription:
        with pytest.raises(TopicAbsent):
            await subscription.fetch(1, 0.1)
        await bus.create_topics([TopicSpec(late)])
        await bus.publish([a_message(late, "call")])
        assert len(await subscription.fetch(1, 5)) == 1


async def test_a_consumer_whose_partitions_have_no_leader_and_no_broker_does_not_run_hot(
    bus: Bus, broker: Kafka, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    replica = Replica(bus, f"group-{uuid7()}", topic)
    try:
        await bus.publish([a_message(topic, "door-1")])
        await eventually(lambda: replica.seen)
        assert isinstance(replica.subscription, KafkaSubscription)
        assert replica.subscription._consumer is not None
        cluster = replica.subscription._consumer._client.cluster
        broker.stop()
        for number, partition in cluster._partitions[topic].items():
            cluster._partitions[topic][number] = partition._replace(leader=-1)
        caplog.clear()
        began = time.monotonic()
        await eventually(lambda: time.monotonic() - began > 2)
        assert sum("Unable to update metadata" in record.message for record in caplog.records) < 50
    finally:
        broker.start()
        await replica.end()
