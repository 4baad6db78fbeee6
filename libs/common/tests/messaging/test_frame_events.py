"""What is said arrives once and in order; what cannot be handled yet waits, what never can is parked."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from sigap_common.bus import Delivered, Malformed
from sigap_common.contracts.calls import CallEnded
from sigap_common.contracts.need import Need
from sigap_common.core.ids import uuid7
from sigap_common.database import LOCK_WAIT_SECONDS
from sigap_common.messaging.leases import ASK_AGAIN_SECONDS, LEASE_SECONDS, Lease
from sigap_common.messaging.outbox import Relay
from sigap_common.messaging.waiting_store import TRIES
from sigap_common.personal_data import Sealed
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, another_process
from sigap_testing.sample.doors import REGENCY, a_door, a_note, hear_note, knocks, the_door
from sigap_testing.sample.main import doors, service


async def test_an_event_brought_twice_is_handled_once(kit: Kit) -> None:
    door_id, event_id = await a_door(kit), uuid7()
    for _ in range(2):
        await hear_note(kit, door_id, "hello", sequence=2, event_id=event_id)
    assert await knocks(kit, door_id) == 1


async def test_an_event_that_came_too_early_is_handled_when_its_reference_is_there(kit: Kit) -> None:
    door_id = uuid7()
    await hear_note(kit, door_id, "early")
    await a_door(kit, door_id)
    kit.clock.advance(1)
    await kit.retry()
    assert await knocks(kit, door_id) == 1


async def test_later_events_of_the_same_key_wait_behind_one_that_waits(kit: Kit) -> None:
    door_id = uuid7()
    await hear_note(kit, door_id, "first", "second")
    await a_door(kit, door_id)
    await hear_note(kit, door_id, "third", sequence=3)
    assert await knocks(kit, door_id) == 0
    kit.clock.advance(1)
    await kit.retry()
    door = await the_door(kit, door_id)
    assert (door.knocks, door.last) == (3, Sealed("third"))


async def test_what_was_handled_and_comes_again_behind_one_that_waits_is_not_handled_again(kit: Kit) -> None:
    door_id, event_id = await a_door(kit), uuid7()
    await hear_note(kit, door_id, "hello", sequence=2, event_id=event_id)
    await hear_note(kit, door_id, "broken", sequence=3)
    await hear_note(kit, door_id, "hello", sequence=2, event_id=event_id)
    for _ in range(TRIES):
        kit.clock.advance(60)
        await kit.retry()
    assert await knocks(kit, door_id) == 1


async def test_events_of_other_keys_pass_one_that_waits(kit: Kit) -> None:
    other = await a_door(kit)
    await hear_note(kit, uuid7(), "waits")
    await hear_note(kit, other, "passes")
    assert await knocks(kit, other) == 1


async def test_a_subscription_may_let_later_events_of_the_key_pass(kit: Kit) -> None:
    door_id, now = uuid7(), kit.clock()
    ended = CallEnded(at=now, recorded_at=now, ended_by="caller", cut_off=False)
    await kit.hear(ended, subject=str(door_id), regency=REGENCY)
    await a_door(kit, door_id)
    await hear_note(kit, door_id, "passes", sequence=2)
    assert await knocks(kit, door_id) == 1


async def test_a_transaction_sees_what_it_recorded_and_what_was_settled_is_there(kit: Kit) -> None:
    door_id, told = uuid7(), []
    async with kit.runtime.transaction() as tx:
        tx.open_door(door_id, REGENCY)
        for words in ("one", "two"):
            tx.knock(await tx.doors.get(door_id), words)
        rows = select(func.count()).select_from(doors)
        told.append(await tx.connection.scalar(rows))
        await tx.flush()
        told.append(await tx.connection.scalar(rows))
        door = tx.knock(await tx.doors.get(door_id), "three")
    assert told == [0, 1]
    assert await the_door(kit, door_id) == door
    assert (door.knocks, door.version) == (3, 4)


async def dead_letters(kit: Kit) -> list[dict[str, object]]:
    answer = await kit.client.get("/v1/ops/sample/dead-letters", headers=kit.bearer("admin"))
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_a_failure_is_parked_after_five_tries_and_the_key_goes_on(kit: Kit) -> None:
    door_id = await a_door(kit)
    await hear_note(kit, door_id, "broken", sequence=2)
    for _ in range(TRIES):
        kit.clock.advance(60)
        await kit.retry()
    (letter,) = await dead_letters(kit)
    assert (letter["tries"], letter["type"]) == (TRIES, "sigap.CallNoted.v1")
    await hear_note(kit, door_id, "goes on", sequence=3)
    assert (await the_door(kit, door_id)).last == Sealed("goes on")


async def test_what_never_gets_its_reference_is_parked_after_a_quarter_of_an_hour_and_can_be_replayed(kit: Kit) -> None:
    door_id = uuid7()
    await hear_note(kit, door_id, "lost")
    for _ in range(40):
        kit.clock.advance(30)
        await kit.retry()
    (letter,) = await dead_letters(kit)
    await a_door(kit, door_id)
    path = f"/v1/ops/sample/dead-letters/{letter['event_id']}"
    assert "lost" not in (await kit.client.get(path, headers=kit.bearer("admin"))).text
    assert (await kit.client.post(f"{path}/replay", headers=kit.bearer("admin"))).status_code == 202
    kit.clock.advance(1)
    await kit.retry()
    assert await knocks(kit, door_id) == 1
    assert await dead_letters(kit) == []


@pytest.mark.parametrize("need", [None, Need().text])
async def test_of_a_protected_event_a_dead_letter_shows_that_it_is_there(kit: Kit, need: str | None) -> None:
    door_id = await a_door(kit)
    await hear_note(kit, door_id, "broken", sequence=2, need=need)
    for _ in range(TRIES):
        kit.clock.advance(60)
        await kit.retry()
    (letter,) = await dead_letters(kit)
    path = f"/v1/ops/sample/dead-letters/{letter['event_id']}"
    shown = (await kit.client.get(path, headers=kit.bearer("admin"))).json()
    assert (shown["event"] is None) is (need is not None)


async def test_a_discarded_dead_letter_counts_as_handled(kit: Kit) -> None:
    door_id, event_id = await a_door(kit), uuid7()
    for _ in range(2):
        await hear_note(kit, door_id, "broken", sequence=2, event_id=event_id)
        for _ in range(TRIES):
            kit.clock.advance(60)
            await kit.retry()
        for letter in await dead_letters(kit):
            path = f"/v1/ops/sample/dead-letters/{letter['event_id']}/discard"
            assert (await kit.client.post(path, headers=kit.bearer("admin"))).status_code == 200
    assert await dead_letters(kit) == []


async def test_dead_letters_are_bound_by_the_regencies_of_the_token(kit: Kit) -> None:
    parked: dict[str, UUID] = {}
    for regency in ("99.01", "99.02"):
        parked[regency] = uuid7()
        await hear_note(kit, uuid7(), '"regency":"99.01"', regency=regency, event_id=parked[regency])
    kit.clock.advance(3600)
    await kit.retry()
    await kit.runtime.consumer.hear([Malformed("sigap.calls", 0, 1, [], b"k", b"\xff", "no event")])

    async def listed(*regencies: str) -> set[str]:
        headers = kit.bearer("admin", regencies=regencies)
        items = (await kit.client.get("/v1/ops/sample/dead-letters", headers=headers)).json()["items"]
        return {item["event_id"] for item in items}

    assert await listed("99.01") == {str(parked["99.01"])}
    assert await listed("99.02", "98.01") == {str(parked["99.02"])}
    assert (
        await listed("98.01") == await listed() == await listed("__.__") == await listed("%", "\0", "\ud800") == set()
    )
    assert len(await listed("*")) == 3
    (unreadable,) = await listed("*") - {str(one) for one in parked.values()}
    for event_id in (parked["99.02"], unreadable):
        path = f"/v1/ops/sample/dead-letters/{event_id}"
        answers = [
            await kit.client.request(method, f"{path}{what}", headers=kit.bearer("admin", regencies=("99.01",)))
            for method, what in (("GET", ""), ("POST", "/replay"), ("POST", "/discard"))
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len(await listed("*")) == 3
    path = f"/v1/ops/sample/dead-letters/{parked['99.01']}/discard"
    assert (await kit.client.post(path, headers=kit.bearer("admin", regencies=("99.01",)))).status_code == 200
    assert len(await listed("*")) == 2


async def test_a_record_that_is_no_event_is_parked_and_others_pass(kit: Kit) -> None:
    door_id = await a_door(kit)
    garbage = Malformed("sigap.calls", 0, 1, [("ce_id", b"x")], b"k", b"\xff\x00", "ce_id is no UUID")
    await kit.runtime.consumer.hear([garbage])
    await hear_note(kit, door_id, "passes", sequence=2)
    assert await knocks(kit, door_id) == 1
    (letter,) = await dead_letters(kit)
    assert letter["reason"] == "ce_id is no UUID"


async def published(kit: Kit, most: int = 1000) -> list[Delivered]:
    """All that is on the service's topic, in order."""
    async with kit.runtime.bus.subscribe("test", [service.topic], {}) as subscription:
        found: list[Delivered] = []
        while batch := await subscription.fetch(most, 0.2):
            found += [record for record in batch if isinstance(record, Delivered)]
        return found


def lease_of(kit: Kit, holder: str) -> Lease:
    runtime, clock = kit.runtime, kit.clock
    leases = runtime.tables.leases
    return Lease(runtime.workers, leases, "workers", holder, read_time=clock.as_database, elapsed=clock.elapsed)


def relay_of(kit: Kit, holder: str) -> Relay:
    runtime = kit.runtime
    lease = lease_of(kit, holder)
    return Relay(runtime.workers, runtime.tables.outbox, runtime.bus, lease, runtime.metrics, 0.01, 0.01)


async def test_two_relays_overlapping_lose_and_reorder_nothing(kit: Kit) -> None:
    """Both publish all they find; the readers' inbox keeps first arrivals, and those are in order."""
    door_id = await a_door(kit)
    for n in range(30):
        async with kit.runtime.transaction() as tx:
            tx.knock(await tx.doors.get(door_id), str(n), times=3)
    one, two = relay_of(kit, "one"), relay_of(kit, "two")
    while any(await asyncio.gather(one.relay_once(), two.relay_once())):
        pass
    records = [r for r in await published(kit) if r.message.key == str(door_id)]
    first = dict.fromkeys(r.message.envelope.id for r in records)
    sequences = {r.message.envelope.id: r.message.envelope.sequence for r in records}
    assert [sequences[event_id] for event_id in first] == list(range(1, 92))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_row_committed_late_behind_others_is_still_published(kit: Kit) -> None:
    """A foreign transaction takes its outbox id first and commits five minutes after the rest."""
    runtime, late = kit.runtime, str(uuid7())
    relay = relay_of(kit, "one")
    async with runtime.database.write() as foreign:
        async with runtime.transaction() as tx:
            template = tx.open_door(uuid7(), REGENCY)
            said = tx._said[0]
        envelope = said.envelope.to_json().replace(str(template.id), late)
        await foreign.execute(
            insert(runtime.tables.outbox).values(topic=said.topic, envelope=envelope, data=said.data, id=10_000)
        )
        await relay.relay_once()
        kit.clock.advance(300)
        async with runtime.transaction() as tx:
            tx.open_door(uuid7(), REGENCY)
        await relay.relay_once()
    await relay.relay_once()
    assert [r.message.key for r in await published(kit)][-1] == late


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
async def test_events_come_and_go_while_requests_hold_every_connection(kit: Kit) -> None:
    runtime, door_id = kit.runtime, await a_door(kit)
    async with AsyncExitStack() as requests:
        for _ in range(runtime.settings.pool_size):
            await requests.enter_async_context(runtime.database.read())
        async with asyncio.timeout(LOCK_WAIT_SECONDS / 2):
            assert await runtime.lease.held()
            await runtime.relay.relay_once()
            await hear_note(kit, door_id, "hello", sequence=2)
    assert [r.message.key for r in await published(kit)] == [str(door_id)]
    assert await knocks(kit, door_id) == 1


async def test_the_relay_sends_again_what_it_published_without_deleting(kit: Kit) -> None:
    """A crash between publishing and deleting: the same event ids come again, nothing is lost."""
    await a_door(kit)
    outbox = kit.runtime.tables.outbox
    async with kit.runtime.database.read() as connection:
        row = (await connection.execute(select(outbox))).one()
    relay = relay_of(kit, "one")
    await relay.relay_once()
    async with kit.runtime.database.write() as connection:
        await connection.execute(insert(outbox).values(topic=row.topic, envelope=row.envelope, data=row.data))
    await relay.relay_once()
    ids = [r.message.envelope.id for r in await published(kit)]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_only_the_holder_of_the_lease_works_until_it_lapses(kit: Kit) -> None:
    mine, yours = lease_of(kit, "mine"), lease_of(kit, "yours")
    assert await mine.held()
    assert not mine.contested
    assert not await yours.held()
    assert yours.contested
    kit.clock.advance(LEASE_SECONDS / 2)
    assert await mine.held()
    assert mine.contested, "it knows of the other by now"
    kit.clock.advance(6)
    assert await yours.held()
    assert not await mine.held()


async def test_a_lease_that_is_released_is_taken_before_it_lapses(kit: Kit) -> None:
    mine, yours = lease_of(kit, "mine"), lease_of(kit, "yours")
    assert await mine.held()
    assert not await yours.held()
    await yours.release_if_possible()
    kit.clock.advance(ASK_AGAIN_SECONDS)
    assert not await yours.held(), "only the holder releases it"
    await mine.release_if_possible()
    kit.clock.advance(ASK_AGAIN_SECONDS)
    assert await yours.held()


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
async def test_a_service_that_stops_in_order_leaves_its_lease_to_the_next_at_once(kit: Kit) -> None:
    """A lease lapses by the database's own time, which hardly moves here."""
    one = kit.runtime
    async with another_process(kit, service) as other:
        await one.start()
        assert await one.lease.held()
        assert not await other.runtime.lease.held()
        await one.stop()
        kit.clock.advance(ASK_AGAIN_SECONDS)
        assert await other.runtime.lease.held()


async def test_a_running_service_hears_what_it_said_itself(kit: Kit) -> None:
    """Relay, bus, consumer and stream together, with their own workers."""
    door_id = await a_door(kit)
    await kit.runtime.start()
    event = a_note(kit, "over the bus")
    await kit.runtime.bus.publish([kit.message(event, str(door_id), regency=REGENCY, sequence=2)])

    async def heard() -> bool:
        return await knocks(kit, door_id) == 1

    await eventually(heard)

    async def relayed() -> bool:
        return len(await published(kit)) == 2

    await eventually(relayed)
    await kit.runtime.stop()
