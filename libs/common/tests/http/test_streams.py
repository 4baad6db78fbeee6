"""A live stream: what a listener missed comes after a reconnect, on any replica, or it is told to read again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from sigap_common.auth import Access, Role
from sigap_common.core.ids import uuid7
from sigap_common.core.settings import CommonSettings
from sigap_common.http import stream_ring, streams
from sigap_common.http.stream_listeners import BATCH_ENTRIES
from sigap_common.http.stream_wakeups import WOKEN_AT_ONCE
from sigap_common.messaging.visibility import Variant
from sigap_testing.eventually import eventually
from sigap_testing.kafka import Kafka
from sigap_testing.kit import Kit, started
from sigap_testing.patience import patience
from sigap_testing.sample.main import POLICY, Door, service
from sigap_testing.sse import Message, messages


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}", tmp_path) as kit:
        await kit.runtime.start()
        yield kit
        await kit.runtime.stop()


def access(kit: Kit, *regencies: str, seconds: float = 3600) -> Access:
    until = kit.clock() + timedelta(seconds=seconds)
    return Access("tester", frozenset({Role.operator}), frozenset(regencies), None, until)


async def open_door(kit: Kit, regency: str = "17.71") -> UUID:
    async with kit.runtime.transaction() as tx:
        door: Door = tx.open_door(uuid7(), regency)
    return door.id


async def take(kit: Kit, count: int, who: Access, last_event_id: str | None = None) -> list[Message]:
    """The next messages of a new listener. A repeat, which has the same subject and sequence, counts once."""
    found: dict[tuple[str, ...], Message] = {}
    stream = kit.runtime.stream
    async with asyncio.timeout(patience(20)):
        with stream.listener(who, POLICY) as listener:
            async for sending in stream.sendings(listener, last_event_id):
                for message in messages(sending.body):
                    place = (message.event, *(str(message.data.get(name)) for name in ("subject", "sequence")))
                    found.setdefault(place, message)
                if len(found) >= count:
                    break
    return list(found.values())[:count]


async def seen(kit: Kit, doors: int) -> None:
    await eventually(lambda: kit.runtime.stream._ring.next >= doors)


async def test_a_listener_that_comes_back_misses_nothing(kit: Kit) -> None:
    (ready,) = await take(kit, 1, access(kit, "*"))
    doors = [await open_door(kit) for _ in range(3)]
    await seen(kit, 3)
    came = await take(kit, 3, access(kit, "*"), ready.id)
    assert [message.data["subject"] for message in came] == [str(door) for door in doors]
    again = await take(kit, 1, access(kit, "*"), came[1].id)
    assert [message.data["subject"] for message in again] == [str(doors[2])]


async def test_a_listener_sees_only_what_its_token_covers(kit: Kit) -> None:
    (ready,) = await take(kit, 1, access(kit, "17.71"))
    await open_door(kit, "18.72")
    mine = await open_door(kit, "17.71")
    await seen(kit, 2)
    (came,) = await take(kit, 1, access(kit, "17.71"), ready.id)
    assert came.data["subject"] == str(mine)


async def test_a_stream_ends_with_its_token(kit: Kit) -> None:
    events = await take(kit, 2, access(kit, "*", seconds=-1))
    assert [event.event for event in events] == ["ready", "expired"]


async def test_who_was_away_longer_than_the_ring_reaches_is_told_to_read_again(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_ring, "RING", 2)
    (ready,) = await take(kit, 1, access(kit, "*"))
    for _ in range(4):
        await open_door(kit)
    await seen(kit, 4)
    (came,) = await take(kit, 1, access(kit, "*"), ready.id)
    assert came.event == "reset"


async def test_a_position_behind_the_end_is_of_another_log_and_a_reset(kit: Kit) -> None:
    await open_door(kit)
    (came,) = await take(kit, 1, access(kit, "*"), "0.999999")
    assert came.event == "reset"


@pytest.mark.parametrize("garbage", ["x", "1.2.3", "-", "0.99999999999999999999-1"])
async def test_an_unreadable_position_is_a_reset_and_never_an_error(kit: Kit, garbage: str) -> None:
    (came,) = await take(kit, 1, access(kit, "*"), garbage)
    assert came.event == "reset"


async def test_a_ticket_opens_a_stream_once(kit: Kit) -> None:
    answer = await kit.client.post("/v1/doors/stream-tickets", headers=kit.bearer("operator", regencies=["17.71"]))
    ticket = answer.json()["ticket"]
    opened = await kit.runtime.stream.tickets.redeem(ticket, "/v1/doors/stream")
    assert opened.regencies == {"17.71"}
    used = await kit.client.get("/v1/doors/stream", params={"ticket": ticket})
    assert (used.status_code, used.json()["type"]) == (401, "/problems/not-authenticated")


@pytest.mark.kafka
@pytest.mark.postgres
async def test_a_stream_goes_on_on_another_replica(kafka_broker: Kafka, postgres_database: str, tmp_path: Path) -> None:
    common = CommonSettings(data_dir=tmp_path, bus_url=f"kafka://{kafka_broker.bootstrap}")
    async with (
        started(service, postgres_database, tmp_path, common=common) as one,
        started(service, postgres_database, tmp_path, common=common) as two,
    ):
        await one.runtime.start()
        regency = f"99.{uuid4().int % 90 + 10}"  # the broker's topics are shared by the whole run
        (ready,) = await take(one, 1, access(one, regency))
        doors = {str(await open_door(one, regency)) for _ in range(5)}
        await eventually(lambda: one.runtime.stream._ring.next >= 5, within=20)
        await one.runtime.stop()
        await two.runtime.start()
        came = await take(two, 5, access(two, regency), ready.id)
        assert {message.data["subject"] for message in came} == doors
        await two.runtime.stop()


async def knock(kit: Kit, words: str) -> None:
    async with kit.runtime.transaction() as tx:
        tx.knock(tx.open_door(uuid7(), "17.71"), words)


async def test_an_event_is_rendered_once_for_all_who_see_the_same_of_it(kit: Kit) -> None:
    admin = replace(access(kit, "*"), roles=frozenset({Role.admin}))
    (ready,) = await take(kit, 1, admin)
    await knock(kit, "tiga kali")
    await seen(kit, 2)
    for who in (access(kit, "*"), access(kit, "17.71"), admin):
        await take(kit, 2, who, ready.id)
    entry = kit.runtime.stream._ring.entry(1)
    assert set(entry.frames) == {(POLICY, Variant.OPENED), (POLICY, Variant.WITHOUT_PERSONAL_DATA)}
    first, again = [kit.runtime.stream._ring.shown(entry, access(kit, r), POLICY, kit.clock()) for r in ("*", "17.71")]
    assert first is not None
    assert again is not None
    assert first[0] is again[0]
    opened, closed = [(await take(kit, 2, who, ready.id))[1].data["event"] for who in (access(kit, "*"), admin)]
    assert (opened["note"]["text"], closed["note"]["text"]) == ("tiga kali", None)


async def test_what_was_rendered_is_forgotten_with_what_was_opened(kit: Kit) -> None:
    (ready,) = await take(kit, 1, access(kit, "*"))
    await knock(kit, "tiga kali")
    await seen(kit, 2)
    before = await take(kit, 2, access(kit, "*"), ready.id)
    kit.runtime.stream.forget_opened(kit.clock() + timedelta(seconds=1))
    entries = [kit.runtime.stream._ring.entry(number) for number in range(2)]
    assert [(entry.heard, entry.frames) for entry in entries] == [(None, {})] * 2
    assert await take(kit, 2, access(kit, "*"), ready.id) == before


async def test_only_the_newest_messages_are_kept_opened(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_ring, "KEPT_OPENED", 2)
    (ready,) = await take(kit, 1, access(kit, "*"))
    for _ in range(3):
        await open_door(kit)
    await seen(kit, 3)
    await take(kit, 3, access(kit, "*"), ready.id)
    await open_door(kit)
    await seen(kit, 4)
    assert len(await take(kit, 4, access(kit, "*"), ready.id)) == 4
    entries = [kit.runtime.stream._ring.entry(number) for number in range(4)]
    assert [(entry.heard is not None, len(entry.frames)) for entry in entries] == [(False, 0)] * 2 + [(True, 1)] * 2


async def test_large_messages_push_the_oldest_out(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    (ready,) = await take(kit, 1, access(kit, "*"))
    await open_door(kit)
    await seen(kit, 1)
    monkeypatch.setattr(stream_ring, "RING_BYTES", 2 * kit.runtime.stream._ring._bytes)
    for _ in range(3):
        await open_door(kit)
    await seen(kit, 4)
    assert kit.runtime.stream._ring.first == 2
    (came,) = await take(kit, 1, access(kit, "*"), ready.id)
    assert came.event == "reset"


async def test_a_crowd_of_listeners_has_each_event_while_requests_are_served(kit: Kit) -> None:
    async def listen(opened: asyncio.Barrier) -> list[str]:
        found: list[str] = []
        with kit.runtime.stream.listener(access(kit, "17.71"), POLICY) as listener:
            async for sending in kit.runtime.stream.sendings(listener, None):
                for message in messages(sending.body):
                    if message.event == "ready":
                        await opened.wait()
                    else:
                        found.append(message.data["subject"])
                if len(found) == 3:
                    break
        return found

    count = 3 * WOKEN_AT_ONCE
    opened = asyncio.Barrier(count + 1)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        listening = [group.create_task(listen(opened)) for _ in range(count)]
        await opened.wait()
        kit.runtime.of_process.requests.count += 1
        doors = [str(await open_door(kit)) for _ in range(3)]
    assert [task.result() for task in listening] == [doors] * count


async def test_a_listener_is_not_woken_by_what_it_may_not_see(kit: Kit) -> None:
    stream = kit.runtime.stream
    with stream.listener(access(kit, "17.71"), POLICY) as listener:
        sendings = stream.sendings(listener, None)
        await anext(sendings)
        await open_door(kit, "18.72")
        await seen(kit, 1)
        assert not listener.is_owed()
        assert listener.cursor == stream._ring.next
        mine = await open_door(kit, "17.71")
        async with asyncio.timeout(20):
            (came,) = messages((await anext(sendings)).body)
        await sendings.aclose()
    assert came.data["subject"] == str(mine)


async def test_who_has_much_to_catch_up_gets_it_in_order_and_in_pieces(kit: Kit) -> None:
    (ready,) = await take(kit, 1, access(kit, "*"))
    count = 2 * BATCH_ENTRIES + 10
    async with kit.runtime.transaction() as tx:
        doors = [str(tx.open_door(uuid7(), "17.71").id) for _ in range(count)]
    await seen(kit, count)
    came = await take(kit, count, access(kit, "*"), ready.id)
    assert [message.data["subject"] for message in came] == doors


async def test_a_heartbeat_comes_while_nothing_happens(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.01)
    stream = kit.runtime.stream
    with stream.listener(access(kit, "*"), POLICY) as listener:
        async with asyncio.timeout(20):
            sendings = stream.sendings(listener, None)
            while b"still here" not in (await anext(sendings)).body:
                pass
            await sendings.aclose()


async def test_a_heartbeat_comes_after_all_that_a_listener_has_to_catch_up(kit: Kit) -> None:
    """A client may take it for the end of what it missed."""
    (ready,) = await take(kit, 1, access(kit, "*"))
    count = BATCH_ENTRIES + 10
    async with kit.runtime.transaction() as tx:
        for _ in range(count):
            tx.open_door(uuid7(), "17.71")
    await seen(kit, count)
    stream, came = kit.runtime.stream, b""
    with stream.listener(access(kit, "*"), POLICY) as listener:
        listener.beat()
        async with asyncio.timeout(patience(20)):
            sendings = stream.sendings(listener, ready.id)
            while b"still here" not in came:
                came += (await anext(sendings)).body
            await sendings.aclose()
    assert len(messages(came)) == count


async def test_a_stream_whose_token_ends_meanwhile_says_so(kit: Kit) -> None:
    stream = kit.runtime.stream
    with stream.listener(access(kit, "*", seconds=0.2), POLICY) as listener:
        async with asyncio.timeout(20):
            sendings = stream.sendings(listener, None)
            await anext(sendings)
            kit.clock.advance(1)
            (came,) = messages((await anext(sendings)).body)
    assert came.event == "expired"
