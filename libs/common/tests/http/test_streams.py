"""A live stream: what a listener missed comes after a reconnect, on any replica, or it is told to read again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi.sse import ServerSentEvent

from sigap_common.auth import Access, Role
from sigap_common.core.ids import uuid7
from sigap_common.core.settings import CommonSettings
from sigap_common.http import streams
from sigap_common.messaging.received import ReceivedEvent
from sigap_testing.eventually import eventually
from sigap_testing.kafka import Kafka
from sigap_testing.kit import Kit, started
from sigap_testing.patience import patience
from sigap_testing.sample.main import service


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}", tmp_path) as kit:
        await kit.runtime.start()
        yield kit
        await kit.runtime.stop()


def access(kit: Kit, *regencies: str, seconds: float = 3600) -> Access:
    until = kit.clock() + timedelta(seconds=seconds)
    return Access("tester", frozenset({Role.operator}), frozenset(regencies), None, until)


def visible(heard: ReceivedEvent, who: Access) -> dict[str, object] | None:
    return {"note": heard.event.note is not None} if who.covers(heard.envelope.regency) else None


async def open_door(kit: Kit, regency: str = "17.71") -> UUID:
    async with kit.runtime.transaction() as tx:
        return tx.open_door(uuid7(), regency).id


async def take(kit: Kit, count: int, who: Access, last_event_id: str | None = None) -> list[ServerSentEvent]:
    """The next events of a new listener, comments left out."""
    found: list[ServerSentEvent] = []
    async with (
        asyncio.timeout(patience(20)),
        aclosing(kit.runtime.stream.listen(who, visible, last_event_id)) as stream,
    ):
        async for event in stream:
            if event.comment is None:
                found.append(event)
            if len(found) == count:
                break
    return found


async def seen(kit: Kit, doors: int) -> None:
    await eventually(lambda: kit.runtime.stream._next >= doors)


async def test_a_listener_that_comes_back_misses_nothing(kit: Kit) -> None:
    (ready,) = await take(kit, 1, access(kit, "*"))
    doors = [await open_door(kit) for _ in range(3)]
    await seen(kit, 3)
    came = await take(kit, 3, access(kit, "*"), ready.id)
    assert [message.data.subject for message in came] == [str(door) for door in doors]
    again = await take(kit, 1, access(kit, "*"), came[1].id)
    assert [message.data.subject for message in again] == [str(doors[2])]


async def test_a_listener_sees_only_what_its_token_covers(kit: Kit) -> None:
    (ready,) = await take(kit, 1, access(kit, "17.71"))
    await open_door(kit, "18.72")
    mine = await open_door(kit, "17.71")
    await seen(kit, 2)
    (came,) = await take(kit, 1, access(kit, "17.71"), ready.id)
    assert came.data.subject == str(mine)


async def test_a_stream_ends_with_its_token(kit: Kit) -> None:
    events = await take(kit, 2, access(kit, "*", seconds=-1))
    assert [event.event for event in events] == ["ready", "expired"]


async def test_who_was_away_longer_than_the_ring_reaches_is_told_to_read_again(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "RING", 2)
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
        await eventually(lambda: len(one.runtime.stream._ring) >= 5, within=20)
        await one.runtime.stop()
        await two.runtime.start()
        came = await take(two, 5, access(two, regency), ready.id)
        assert {message.data.subject for message in came} == doors
        await two.runtime.stop()
