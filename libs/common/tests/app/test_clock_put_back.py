"""A clock that is put back lets nothing wait for longer than it was to wait, and keeps nothing for longer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from sigap_common.core.errors import NotAuthenticated
from sigap_common.core.ids import uuid7
from sigap_common.regency import Pack
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, another_process
from sigap_testing.sample.doors import REGENCY, a_door, hear_note, knocks
from sigap_testing.sample.main import service

HOUR = 3_600.0


# --- what waits


@pytest.fixture
async def retrying(kit: Kit) -> AsyncIterator[None]:
    """The consumer's own loop, which looks often."""
    kit.runtime.consumer.look_seconds = 0.05
    task = asyncio.create_task(kit.runtime.consumer.retry())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.usefixtures("retrying")
async def test_what_waits_is_tried_soon_after_the_clock_was_put_back(kit: Kit) -> None:
    door_id = uuid7()
    await hear_note(kit, door_id)
    await a_door(kit, door_id)
    assert await knocks(kit, door_id) == 0, "the clock stands still, so the second try does not come"
    kit.clock.put_back(HOUR)

    async def heard() -> bool:
        return await knocks(kit, door_id) == 1

    await eventually(heard)


async def test_what_a_clock_ahead_has_stored_is_tried_after_a_restart(kit: Kit) -> None:
    door_id = uuid7()
    await hear_note(kit, door_id)
    await a_door(kit, door_id)
    kit.clock.put_back(HOUR)
    kit.runtime.consumer.look_seconds = 0.05
    retry = asyncio.create_task(kit.runtime.consumer.retry())

    async def heard() -> bool:
        return await knocks(kit, door_id) == 1

    await eventually(heard)
    retry.cancel()
    await asyncio.gather(retry, return_exceptions=True)


async def test_what_comes_too_early_is_parked_15_minutes_after_the_clock_was_put_back(kit: Kit) -> None:
    """Not after an hour and 15 minutes: the first try is taken for now."""
    consumer, waiting = kit.runtime.consumer, kit.runtime.tables.waiting
    await hear_note(kit, uuid7())
    kit.clock.put_back(HOUR)
    await consumer._repair_if_put_back()
    for seconds in (1, 14 * 60, 60):
        kit.clock.advance(seconds)
        await kit.retry()
    async with kit.runtime.database.read() as connection:
        assert await connection.scalar(select(waiting.c.parked_at)) == kit.clock()


# --- what is kept for a while


async def test_a_ticket_opens_no_stream_longer_after_the_clock_was_put_back(kit: Kit) -> None:
    answer = await kit.client.post("/v1/doors/stream-tickets", headers=kit.bearer("operator"))
    kit.clock.put_back(HOUR)
    with pytest.raises(NotAuthenticated):
        await kit.runtime.stream.tickets.redeem(answer.json()["ticket"], "/v1/doors/stream")


async def test_what_a_clock_years_ahead_has_stored_is_thrown_away_when_its_time_is_over(
    kit: Kit,
) -> None:
    door_id = await a_door(kit)
    kit.clock.advance(HOUR * 24 * 365 * 10)
    await hear_note(kit, door_id)
    for path in ("/v1/doors", "/v1/doors/stream-tickets"):
        sent = await kit.client.post(path, json={"regency": REGENCY}, headers=kit.bearer("operator"))
        assert sent.status_code < 300
    kit.clock.put_back(HOUR * 24 * 365 * 10)
    await kit.runtime.sweeps.sweep()
    assert await rows_kept(kit) == (1, 2, 0), "an event or a request may come again; a ticket may not"
    kit.clock.advance(HOUR * 24 * 7 + 1)
    await kit.runtime.sweeps.sweep()
    assert await rows_kept(kit) == (0, 0, 0)


async def rows_kept(kit: Kit) -> tuple[int, ...]:
    """How many rows inbox, idempotency and stream tickets have."""
    tables = kit.runtime.tables
    kept = (tables.inbox, tables.idempotency, tables.stream_tickets)
    async with kit.runtime.database.read() as connection:
        return tuple([len((await connection.execute(select(table))).all()) for table in kept])


# --- what another replica has stored


async def test_a_pack_is_seen_though_one_before_was_stored_by_a_host_that_was_ahead(kit: Kit) -> None:
    square = [[102.0, -4.0], [103.0, -4.0], [103.0, -3.0], [102.0, -3.0], [102.0, -4.0]]
    zone = {"type": "Polygon", "coordinates": [square]}
    document = {"code": "99.01", "name": "Kota Contoh", "time_zone": "Asia/Jakarta", "zone": zone}
    pack = Pack.model_validate(document)
    async with another_process(kit, service) as other:
        kit.clock.advance(HOUR)
        await other.configure(pack)
        await kit.runtime.pack_store.load()
        kit.clock.put_back(HOUR)
        await other.configure(pack.model_copy(update={"name": "Kota Baru"}), version=2)
        await kit.runtime.pack_store.load()
    assert kit.runtime.packs.version(pack.code) == 2
    assert kit.runtime.packs.get(pack.code).name == "Kota Baru"
