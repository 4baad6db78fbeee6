"""What both buses promise."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from sigap_common.bus import Bus, Delivered, Malformed, MessageTooLarge, Subscription, TopicAbsent, TopicSpec
from sigap_common.core.ids import uuid7
from sigap_testing.messages import a_message
from sigap_testing.patience import patience

from .conftest import Group, House, delivered

MIB = 1024 * 1024


async def take(subscription: Subscription, count: int, within: float = 20) -> list[Delivered | Malformed]:
    """Exactly so many records, or what came in time."""
    records: list[Delivered | Malformed] = []
    deadline = asyncio.get_running_loop().time() + patience(within)
    while len(records) < count and (left := deadline - asyncio.get_running_loop().time()) > 0:
        records += await subscription.fetch(count - len(records), min(left, 1))
    return records


def sequences(records: Sequence[Delivered | Malformed]) -> dict[str, list[int]]:
    """The sequence numbers of each key, in the order in which they came."""
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for record in delivered(records):
        by_key[record.message.key].append(record.message.envelope.sequence)
    return dict(by_key)


async def test_a_message_arrives_as_it_was_sent(bus: Bus, topic: str, group: Group) -> None:
    sent = a_message(topic, "Kä", 7, b'{"place": "\xc3\x84"}')
    await bus.publish([sent])
    async with group.running() as subscription:
        (record,) = delivered(await take(subscription, 1))
    assert (record.message, record.topic) == (sent, topic)


async def test_five_thousand_messages_keep_the_order_of_their_keys(bus: Bus, topic: str, group: Group) -> None:
    keys = [f"call-{n}" for n in range(50)]
    await bus.publish([a_message(topic, key, n, b"x" * 500) for n in range(100) for key in keys])
    async with group.running() as subscription:
        records = await take(subscription, 5000, within=60)
    assert sequences(records) == {key: list(range(100)) for key in keys}


async def test_publishes_at_the_same_time_are_all_kept(bus: Bus, topic: str, group: Group) -> None:
    await asyncio.gather(*(bus.publish([a_message(topic, f"call-{n}", 1)]) for n in range(200)))
    async with group.running() as subscription:
        assert len(sequences(await take(subscription, 200))) == 200


async def test_what_was_handled_but_not_done_comes_again_after_a_crash(bus: Bus, topic: str, group: Group) -> None:
    await bus.publish([a_message(topic, "call", n) for n in range(3)])
    async with group.running() as subscription:
        handled = await take(subscription, 3)
        await group.done(subscription, handled[:1])
    async with group.running() as subscription:
        assert sequences(await take(subscription, 2)) == {"call": [1, 2]}


async def test_a_restart_goes_on_where_it_was(house: House, bus: Bus, topic: str, group: Group) -> None:
    await bus.publish([a_message(topic, f"call-{n}") for n in range(10)])
    async with group.running() as subscription:
        await group.done(subscription, await take(subscription, 10))
    await bus.stop()
    group.bus = again = house.open()
    await again.start()
    await again.publish([a_message(topic, "call-new")])
    async with group.running() as subscription:
        assert sequences(await take(subscription, 1)) == {"call-new": [1]}
        assert await subscription.fetch(1, 0.3) == []
    await again.stop()


async def test_positions_set_back_are_replayed_from_there(bus: Bus, topic: str, group: Group) -> None:
    await bus.publish([a_message(topic, "call", n) for n in range(5)])
    async with group.running() as subscription:
        records = await take(subscription, 5)
        await group.done(subscription, records)
    async with group.running() as subscription:
        await subscription.fetch(1, 0.3)
        await group.done(subscription, records[:2])
    async with group.running() as subscription:
        assert sequences(await take(subscription, 3)) == {"call": [2, 3, 4]}


async def test_two_groups_each_get_everything(bus: Bus, topic: str, group: Group) -> None:
    other = Group(bus, topic)
    await bus.publish([a_message(topic, "call", n) for n in range(3)])
    async with group.running() as one, other.running() as two:
        assert sequences(await take(one, 3)) == sequences(await take(two, 3)) == {"call": [0, 1, 2]}


async def test_a_fetch_waits_no_longer_than_it_was_told(bus: Bus, topic: str, group: Group) -> None:
    async with group.running() as subscription:
        await subscription.fetch(1, 0.1)
        began = asyncio.get_running_loop().time()
        assert await subscription.fetch(1, 0.2) == []
        assert 0.15 < asyncio.get_running_loop().time() - began < 1


async def test_a_waiting_fetch_wakes_at_a_publish(bus: Bus, topic: str, group: Group) -> None:
    async with group.running() as subscription:
        await subscription.fetch(1, 0.1)
        fetching = asyncio.create_task(subscription.fetch(1, 30))
        await asyncio.sleep(0)
        await bus.publish([a_message(topic, "call")])
        assert len(await asyncio.wait_for(fetching, patience(5))) == 1


@pytest.mark.parametrize(
    ("header", "value"),
    [("ce_sequence", b"many"), ("ce_id", b"7"), ("ce_time", b"\xc3\x28"), ("ce_type", None)],
)
async def test_a_malformed_record_comes_as_one_while_others_pass(
    house: House, bus: Bus, topic: str, group: Group, header: str, value: bytes | None
) -> None:
    if value == b"\xc3\x28" and bus.name == "embedded":
        pytest.skip("its headers are text")
    good = a_message(topic, "call", 1)
    headers = [(name, content) for name, content in good.envelope.headers() if name != header]
    await bus.publish([good])
    await house.put(topic, headers + ([(header, value)] if value else []), b"call", b"{}")
    await bus.publish([a_message(topic, "call", 2)])
    async with group.running() as subscription:
        first, malformed, last = await take(subscription, 3)
    assert sequences([first, last]) == {"call": [1, 2]}
    assert isinstance(malformed, Malformed)
    assert malformed.reason.startswith(header)
    assert (malformed.key, malformed.value) == (b"call", b"{}")


async def test_a_large_message_passes_on_a_topic_made_for_it(bus: Bus) -> None:
    large = f"test.{uuid7()}"
    await bus.create_topics([TopicSpec(large, partitions=1, compacted=True, max_bytes=16 * MIB)])
    sent = [a_message(large, f"pack-{n}", 1, bytes([n]) * 10 * MIB) for n in range(2)]
    await bus.publish(sent)
    async with Group(bus, large).running() as subscription:
        assert [record.message for record in delivered(await take(subscription, 2))] == sent


async def test_a_message_too_large_is_refused_and_the_next_one_passes(bus: Bus, topic: str, group: Group) -> None:
    for size in (2 * MIB, 20 * MIB):
        with pytest.raises(MessageTooLarge):
            await bus.publish([a_message(topic, "call", 1, b"x" * size)])
    await bus.publish([a_message(topic, "call", 2)])
    async with group.running() as subscription:
        assert sequences(await take(subscription, 1)) == {"call": [2]}


async def test_an_absent_topic_is_named_and_not_made(bus: Bus) -> None:
    absent = f"test.{uuid7()}"
    for _ in range(2):
        with pytest.raises(TopicAbsent, match=absent):
            await bus.publish([a_message(absent, "call")])
        with pytest.raises(TopicAbsent, match=absent):
            await bus.end([absent])
        async with bus.subscribe("group", [absent], {}) as subscription:
            with pytest.raises(TopicAbsent, match=absent):
                await subscription.fetch(1, 0.1)


async def test_making_topics_twice_changes_nothing(bus: Bus, topic: str, group: Group) -> None:
    await bus.publish([a_message(topic, "call")])
    await bus.create_topics([TopicSpec(topic, partitions=1), TopicSpec(f"test.{uuid7()}")])
    async with group.running() as subscription:
        assert len(await take(subscription, 1)) == 1


async def following(tail: AsyncIterator[Delivered], count: int = 1) -> list[int]:
    """The sequence numbers of the next messages."""
    async with asyncio.timeout(patience(5)):
        return [(await anext(tail)).message.envelope.sequence for _ in range(count)]


async def test_a_tail_from_the_end_sees_only_what_comes(bus: Bus, topic: str) -> None:
    await bus.publish([a_message(topic, "call", 1)])
    async with aclosing(bus.tail([topic], await bus.end([topic]), 0)) as tail:
        await bus.publish([a_message(topic, "call", 2)])
        assert await following(tail) == [2]


async def test_a_tail_after_positions_misses_nothing_since(bus: Bus, topic: str) -> None:
    ends = [await bus.end([topic])]
    for n in range(3):
        await bus.publish([a_message(topic, "call", n)])
        ends.append(await bus.end([topic]))
    async with aclosing(bus.tail([topic], ends[1], 0)) as tail:
        assert await following(tail, 2) == [1, 2]


async def test_a_tail_looks_so_many_messages_back(bus: Bus, topic: str) -> None:
    await bus.publish([a_message(topic, "call", n) for n in range(10)])
    async with aclosing(bus.tail([topic], None, 3)) as tail:
        assert await following(tail, 3) == [7, 8, 9]
    async with aclosing(bus.tail([topic], None, 100)) as tail:
        assert await following(tail) == [0]


async def test_the_end_is_the_position_after_the_newest(bus: Bus, topic: str) -> None:
    assert set((await bus.end([topic])).values()) == {0}
    await bus.publish([a_message(topic, "call", n) for n in range(4)])
    assert sorted((await bus.end([topic])).values())[-1] == 4


async def test_it_is_ready_once_started(bus: Bus) -> None:
    await bus.ready()


async def test_what_was_not_done_lags_behind(bus: Bus, topic: str, group: Group) -> None:
    await bus.publish([a_message(topic, "call", n) for n in range(5)])
    async with group.running() as subscription:
        records = await take(subscription, 5)
        await group.done(subscription, records[:2])
        assert await subscription.lag() == 3
        await bus.publish([a_message(topic, "call", 5)])
        assert await subscription.lag() == 4
        await group.done(subscription, [*records, *await take(subscription, 1)])
        assert await subscription.lag() == 0
