"""The database's time decides what several hosts share; a host whose clock is wrong stops nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from sigap_common.app.runtime import AnyRuntime, Runtime
from sigap_common.core.clock import Clock, PutBack, is_over, system_clock
from sigap_common.core.ids import uuid7
from sigap_common.database import Connection
from sigap_common.database.clock import DatabaseClock
from sigap_common.messaging.leases import UNATTENDED_SECONDS, Lease
from sigap_testing.clocks import SetClock
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit
from sigap_testing.sample.doors import REGENCY, hear_note, knocks
from sigap_testing.sample.main import service

HOUR = 3_600.0
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def an_hour_ahead() -> datetime:
    return system_clock() + timedelta(seconds=HOUR)


def host(kit: Kit, clock: Clock = system_clock) -> AnyRuntime:
    """Another replica of the service on the kit's database, on a host with a clock of its own."""
    ours = kit.runtime
    return Runtime(
        service,
        ours.common,
        ours.settings,
        bus=ours.bus,
        ring=ours.ring,
        verifier=ours.verifier.shared,
        host_clock=clock,
    )


@asynccontextmanager
async def working(runtime: AnyRuntime) -> AsyncIterator[AnyRuntime]:
    await runtime.start()
    try:
        yield runtime
    finally:
        await killed(runtime)


async def killed(runtime: AnyRuntime) -> None:
    """As a crash ends it: nothing is given back, a lease least of all."""
    for task in runtime._tasks:
        task.cancel()
    await asyncio.gather(*runtime._tasks, return_exceptions=True)
    await runtime.resources.stop()
    await runtime.close()


async def a_door(runtime: AnyRuntime, door_id: UUID | None = None) -> UUID:
    door_id = door_id or uuid7()
    async with runtime.transaction() as tx:
        tx.open_door(door_id, REGENCY)
    return door_id


async def outbox_is_empty(kit: Kit) -> bool:
    async with kit.runtime.database.read() as connection:
        return (await connection.execute(select(kit.runtime.tables.outbox.c.id))).first() is None


# --- rules


def test_a_deadline_is_over_at_its_moment_and_not_before() -> None:
    by = NOON + 60 * SECOND
    assert not is_over(by, NOON, by - timedelta(milliseconds=1))
    assert is_over(by, NOON, by)


def test_a_deadline_that_a_clock_ahead_has_set_is_over_when_that_is_seen() -> None:
    ahead = NOON + timedelta(hours=1)
    assert is_over(ahead + 60 * SECOND, ahead, NOON)


def test_clocks_that_differ_by_five_seconds_agree() -> None:
    assert not is_over(NOON + 65 * SECOND, NOON + 5 * SECOND, NOON)
    assert is_over(NOON + 66 * SECOND, NOON + 6 * SECOND, NOON)


def test_a_repair_is_asked_for_at_the_start_and_after_each_step_back_until_it_is_done() -> None:
    put_back = PutBack()
    assert put_back.needs_repair(NOON)
    assert put_back.needs_repair(NOON), "a repair that failed is tried again"
    put_back.repaired(NOON)
    assert not put_back.needs_repair(NOON + timedelta(days=1))
    for _ in range(2):
        assert put_back.needs_repair(NOON)
    put_back.repaired(NOON)
    assert not put_back.needs_repair(NOON)


def test_small_steps_back_add_up_to_a_large_one() -> None:
    put_back = PutBack()
    put_back.repaired(NOON)
    assert [put_back.needs_repair(NOON - n * 2 * SECOND) for n in range(4)] == [False, False, False, True]


# --- the database's clock


class Measured:
    """A DatabaseClock, with a host's clock and a database's in the test's hand."""

    def __init__(self, kit: Kit) -> None:
        self.kit, self.host, self.database = kit, SetClock(NOON), SetClock(NOON)
        self.clock = DatabaseClock(self.database.as_database, system=self.host, elapsed=self.host.elapsed)

    async def measure(self) -> None:
        await self.clock.measure(self.kit.runtime.workers)

    def advance(self, seconds: float) -> None:
        self.host.advance(seconds)
        self.database.advance(seconds)


@pytest.fixture
def measured(kit: Kit) -> Measured:
    return Measured(kit)


async def test_before_the_first_measurement_the_hosts_clock_has_to_do(measured: Measured) -> None:
    assert measured.clock() == NOON
    assert measured.clock.host_is_ahead == timedelta()


async def test_the_databases_time_decides_whatever_somebody_does_to_the_hosts_clock(measured: Measured) -> None:
    measured.host.moment += timedelta(hours=1)
    await measured.measure()
    assert measured.clock() == NOON
    measured.host.put_back(2 * HOUR)
    measured.advance(10)
    assert measured.clock() == NOON + 10 * SECOND


async def test_it_follows_a_database_whose_clock_is_put_right(measured: Measured) -> None:
    await measured.measure()
    measured.database.put_back(HOUR)
    await measured.measure()
    assert measured.clock() == NOON - timedelta(hours=1)


@pytest.mark.parametrize(("seconds", "apart"), [(5, False), (5.001, True), (-5, False), (-5.001, True)])
async def test_a_host_is_apart_from_five_seconds_on(measured: Measured, seconds: float, apart: bool) -> None:
    measured.host.moment += timedelta(seconds=seconds)
    await measured.measure()
    assert measured.clock.host_is_apart is apart


async def test_a_slow_measurement_does_not_replace_what_it_confirms(measured: Measured) -> None:
    await measured.measure()
    in_time = measured.database.as_database

    async def slow(connection: Connection) -> datetime:
        moment = await in_time(connection)
        measured.advance(3)
        return moment

    measured.clock._read_time = slow
    await measured.measure()
    assert measured.clock() == measured.database()


# --- leases


@on_postgres
async def test_when_a_host_whose_clock_was_ahead_dies_another_works_within_seconds(kit: Kit) -> None:
    async with working(host(kit, an_hour_ahead)) as ahead:
        await a_door(ahead)
        await eventually(lambda: outbox_is_empty(kit))
    async with working(host(kit)) as right:
        await a_door(right)
        await eventually(lambda: outbox_is_empty(kit))


@on_postgres
async def test_two_hosts_store_moments_of_one_clock(kit: Kit) -> None:
    ahead, right = host(kit, an_hour_ahead), host(kit)
    for runtime in (ahead, right):
        await runtime.measure_clock()
    assert abs(ahead.clock() - right.clock()) < SECOND
    for runtime in (ahead, right):
        await runtime.close()


@on_postgres
async def test_what_waits_at_a_host_that_is_ahead_does_not_come_before_its_time_nor_late(kit: Kit) -> None:
    """One host is ahead and lives: the other's event is neither parked by it nor left for an hour."""
    door_id, own = uuid7(), kit.runtime
    async with working(host(kit, an_hour_ahead)) as ahead:
        kit.runtime = ahead
        await hear_note(kit, door_id)
        kit.runtime = own
    await a_door(kit.runtime, door_id)
    async with working(host(kit)):

        async def heard() -> bool:
            return await knocks(kit, door_id) == 1

        await eventually(heard)


async def test_a_lease_until_long_after_its_length_is_free(kit: Kit) -> None:
    """As an older version wrote it, by its own clock; or the database's clock was put back."""
    leases = kit.runtime.tables.leases
    lease = Lease(kit.runtime.workers, leases, "workers", "right", elapsed=kit.clock.elapsed)
    async with kit.runtime.database.write() as connection:
        await connection.execute(insert(leases).values(name="workers", holder="dead", until=an_hour_ahead()))
    assert await lease.held()


async def test_a_lease_is_renewed_in_time_while_the_hosts_clock_is_put_back(kit: Kit) -> None:
    database, host = SetClock(), SetClock()
    lease = Lease(
        kit.runtime.workers,
        kit.runtime.tables.leases,
        "workers",
        "mine",
        read_time=database.as_database,
        elapsed=host.elapsed,
    )
    assert await lease.held()
    host.put_back(HOUR)
    for clock in (database, host):
        clock.advance(4)
    assert await lease.held()
    database.advance(4)
    other = Lease(kit.runtime.workers, kit.runtime.tables.leases, "workers", "other", read_time=database.as_database)
    assert not await other.held(), "the first has renewed it four seconds ago"


# --- readiness


async def ready(kit: Kit) -> tuple[int, str, str]:
    answer = await kit.client.get("/readyz")
    return answer.status_code, answer.json()["workers"], answer.json()["clock"]


@on_postgres
async def test_readyz_says_when_nobody_works(kit: Kit) -> None:
    assert await ready(kit) == (200, "ok", "ok"), "at the start there is time to begin"
    kit.clock.advance(UNATTENDED_SECONDS)
    assert await ready(kit) == (503, "stopped", "ok")
    assert await kit.runtime.lease.held()
    assert await ready(kit) == (200, "ok", "ok")


@on_postgres
async def test_readyz_says_that_nobody_renews_a_lease_of_a_clock_that_was_ahead(kit: Kit) -> None:
    leases = kit.runtime.tables.leases
    async with kit.runtime.database.write() as connection:
        await connection.execute(insert(leases).values(name="workers", holder="dead", until=an_hour_ahead()))
    kit.clock.advance(UNATTENDED_SECONDS)
    assert await ready(kit) == (503, "stopped", "ok")


@on_postgres
async def test_readyz_and_a_metric_tell_that_the_hosts_clock_is_apart(kit: Kit) -> None:
    ahead = host(kit, an_hour_ahead)
    await ahead.measure_clock()
    kit.runtime.database_clock = ahead.database_clock
    await kit.runtime.measure_clock()
    assert await ready(kit) == (200, "ok", "apart"), "the database's time decides, so it works"
    text = (await kit.client.get("/metrics")).text
    (line,) = [line for line in text.splitlines() if line.startswith("sigap_clock_ahead_seconds{")]
    assert float(line.split()[1]) == pytest.approx(HOUR, abs=1)
    await ahead.close()
