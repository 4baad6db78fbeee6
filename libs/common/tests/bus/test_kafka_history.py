"""What Kafka's log holds since a moment, and positions of groups that are looked at and moved while no service runs."""

from datetime import UTC, datetime, timedelta

import pytest

from sigap_common.bus import Bus, BusUnavailable
from sigap_common.bus.kafka import KafkaBus
from sigap_common.bus.kafka_history import GroupInUse, KafkaHistory, Span
from sigap_common.core.ids import uuid7
from sigap_testing.eventually import eventually
from sigap_testing.kafka import Kafka
from sigap_testing.messages import a_message
from sigap_testing.parts import free_port

from .conftest import KafkaHouse

pytestmark = pytest.mark.kafka


@pytest.fixture
def house(kafka_broker: Kafka) -> KafkaHouse:
    return KafkaHouse(kafka_broker.bootstrap)


@pytest.fixture
def history(bus: Bus) -> KafkaHistory:
    assert isinstance(bus, KafkaBus)
    return KafkaHistory(bus)


def later_than(moment: datetime) -> datetime | None:
    now = datetime.now(UTC)
    return now if now - moment > timedelta(milliseconds=2) else None


async def ids(history: KafkaHistory, spans: dict[tuple[str, int], Span]) -> list[str]:
    return [one.message.key async for some in history.read(spans) for one in some if hasattr(one, "message")]


async def test_only_what_came_at_the_moment_or_later_is_read(bus: Bus, history: KafkaHistory, topic: str) -> None:
    await bus.publish([a_message(topic, "before")])
    published = datetime.now(UTC)
    moment = await eventually(lambda: later_than(published))  # Kafka's times are whole milliseconds
    await bus.publish([a_message(topic, "after"), a_message(topic, "after", 2)])
    spans = await history.since([topic], moment)
    assert sum(span.end - span.first for span in spans.values()) == 2
    await bus.publish([a_message(topic, "later")])  # behind the ends that were asked for
    assert await ids(history, spans) == ["after", "after"]
    assert await ids(history, await history.since([topic], datetime(2100, 1, 1, tzinfo=UTC))) == []


async def test_positions_are_moved_back_and_the_group_reads_again_from_there(
    bus: Bus, history: KafkaHistory, topic: str
) -> None:
    group = f"sigap.{uuid7()}"
    await bus.publish([a_message(topic, "one", n) for n in range(1, 6)])
    assert await history.positions(group) == {}
    everything = await history.since([topic], datetime(2020, 1, 1, tzinfo=UTC))
    [(place, span)] = [(place, span) for place, span in everything.items() if span.end]
    await history.move(group, {place: span.end - 2})
    assert await history.positions(group) == {place: span.end - 2}
    async with bus.subscribe(group, [topic], {}) as subscription:
        fetched = await eventually(lambda: subscription.fetch(10, 1), within=30)
    assert [one.offset for one in fetched] == [span.end - 2, span.end - 1]


async def test_a_group_that_somebody_reads_is_left_alone(bus: Bus, history: KafkaHistory, topic: str) -> None:
    group = f"sigap.{uuid7()}"
    await history.check_unused([group])
    await bus.publish([a_message(topic, "one")])
    async with bus.subscribe(group, [topic], {}) as subscription:
        [one] = await eventually(lambda: subscription.fetch(10, 1), within=30)

        async def committed() -> object:
            await subscription.done([(topic, one.partition, one.offset + 1)])
            return await history.positions(group)

        await eventually(committed, within=30, every=0.5)  # at most once a second
        with pytest.raises(GroupInUse, match=group):
            await history.check_unused([group])
        with pytest.raises(GroupInUse, match=group):  # one that came after the look
            await history.move(group, {(topic, 0): 0})
    await history.check_unused([group])


async def test_a_broker_that_is_away_is_told() -> None:
    bus = KafkaBus(f"127.0.0.1:{free_port()}")
    history = KafkaHistory(bus)
    with pytest.raises(BusUnavailable):
        await history.positions("sigap.nobody")
    with pytest.raises(BusUnavailable):
        await history.since(["nothing"], datetime.now(UTC))
    await bus.stop()
