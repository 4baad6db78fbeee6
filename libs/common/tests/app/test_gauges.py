"""Gauges that are read when metrics are asked for: what they say, and that they say nothing if they do not know."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isnan
from pathlib import Path

from sqlalchemy import delete, insert, update

from sigap_common.app.gauges import LOOK_SECONDS, Gauges, last_backup, note_backup
from sigap_common.app.resources import Resources
from sigap_common.core.settings import CommonSettings
from sigap_common.database import Connection, Database
from sigap_common.messaging.leases import Lease
from sigap_testing.certificates import Authority
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit
from sigap_testing.messages import a_message
from sigap_testing.parts import free_port


def value(kit: Kit, name: str, **labels: str) -> float | None:
    return kit.runtime.metrics.registry.get_sample_value(name, labels)


async def looked(kit: Kit) -> None:
    kit.clock.advance(LOOK_SECONDS)
    answer = await kit.client.get("/metrics")
    assert answer.status_code == 200


def reading(
    kit: Kit,
    *,
    database: Database | None = None,
    common: CommonSettings | None = None,
    resources: Resources | None = None,
) -> Gauges:
    """The gauges of the kit's service with another database, with other settings or with other resources."""
    runtime = kit.runtime
    return Gauges(
        runtime.metrics,
        database or runtime.workers,
        runtime.tables.outbox,
        runtime.lease,
        runtime.bus,
        runtime.consumer,
        resources or runtime.resources,
        common or runtime.common,
        kit.clock,
        kit.clock.elapsed,
    )


async def test_a_service_that_is_well_says_so(kit: Kit) -> None:
    await looked(kit)
    assert value(kit, "sigap_dependency_up", dependency="database") == 1
    assert value(kit, "sigap_dependency_up", dependency="bus") == 1
    assert value(kit, "sigap_outbox_oldest_seconds") == 0
    size, free = value(kit, "sigap_disk_size_bytes"), value(kit, "sigap_disk_free_bytes")
    assert size is not None
    assert free is not None
    assert 0 < free <= size


async def test_an_event_that_does_not_leave_grows_old(kit: Kit) -> None:
    outbox = kit.runtime.tables.outbox
    message = a_message(kit.runtime.service.topic, "call", 1)
    envelope = replace(message.envelope, time=kit.clock() - timedelta(seconds=100))
    row = {"topic": message.topic, "envelope": envelope.to_json(), "data": "{}"}
    async with kit.runtime.workers.write() as connection:
        await connection.execute(delete(outbox))
        await connection.execute(insert(outbox).values(row))
    await looked(kit)
    assert value(kit, "sigap_outbox_oldest_seconds") == 100 + LOOK_SECONDS


async def test_a_database_that_is_away_leaves_nothing_that_looks_well(kit: Kit) -> None:
    away = Database(f"postgresql+asyncpg://sigap@127.0.0.1:{free_port()}/no")
    try:
        await reading(kit, database=away).look()
    finally:
        await away.close()
    assert value(kit, "sigap_dependency_up", dependency="database") == 0
    assert isnan(value(kit, "sigap_outbox_oldest_seconds") or 0)
    assert isnan(value(kit, "sigap_lease_unattended_seconds") or 0)
    await looked(kit)
    assert value(kit, "sigap_dependency_up", dependency="database") == 1


class CountsLooks(Resources):
    def __init__(self) -> None:
        self.looks = 0

    async def read_gauges(self, connection: Connection, now: datetime) -> None:
        self.looks += 1


async def test_two_who_ask_at_the_same_moment_cost_one_look(kit: Kit) -> None:
    counted = CountsLooks()
    gauges = reading(kit, resources=counted)
    await asyncio.gather(gauges.look(), gauges.look())
    assert counted.looks == 1


async def test_nobody_at_the_lease_is_seen_and_for_how_long(kit: Kit) -> None:
    leases = kit.runtime.tables.leases
    lease = Lease(kit.runtime.workers, leases, "watched", "one", elapsed=kit.clock.elapsed)
    assert await lease.held()
    kit.clock.advance(3)
    assert await lease.unattended_seconds() == 0
    lapsed = datetime(2000, 1, 1, tzinfo=UTC)
    async with kit.runtime.workers.write() as connection:
        await connection.execute(update(leases).where(leases.c.name == "watched").values(until=lapsed))
    kit.clock.advance(40)
    assert await lease.unattended_seconds() == 40
    assert not await lease.attended()


async def test_a_certificate_tells_when_it_ends_and_one_that_is_gone_is_not_known(kit: Kit, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("sample")
    files = {"bus_ca_file": authority.certificate, "bus_certificate_file": certificate, "bus_key_file": key}
    common = kit.runtime.common.model_copy(update=files)
    await reading(kit, common=common).look()
    for name in ("bus", "bus-authority"):
        expires = value(kit, "sigap_certificate_expires_timestamp_seconds", certificate=name)
        assert expires is not None
        assert expires > datetime.now(UTC).timestamp()
    certificate.unlink()
    await reading(kit, common=common).look()
    gone = value(kit, "sigap_certificate_expires_timestamp_seconds", certificate="bus")
    assert gone is not None
    assert isnan(gone)


async def test_the_last_backup_is_told_by_a_single_host_alone(kit: Kit) -> None:
    folder = kit.runtime.common.data_dir
    await looked(kit)
    told = value(kit, "sigap_backup_timestamp_seconds", of="single-host")
    assert told == (0 if kit.runtime.workers.is_sqlite else None)
    note_backup(folder, "2024-02-19T03:00:00.000+00:00")
    assert last_backup(folder) == datetime(2024, 2, 19, 3, tzinfo=UTC).timestamp()
    await looked(kit)
    told = value(kit, "sigap_backup_timestamp_seconds", of="single-host")
    assert told == (last_backup(folder) if kit.runtime.workers.is_sqlite else None)


async def test_the_lag_is_not_known_before_the_service_reads_and_none_when_it_has_read_all(kit: Kit) -> None:
    runtime = kit.runtime
    await looked(kit)
    assert isnan(value(kit, "sigap_consumer_lag_events") or 0)

    async def caught_up() -> bool:
        await looked(kit)
        return value(kit, "sigap_consumer_lag_events") == 0

    reading_on = asyncio.create_task(runtime.consumer.run())
    try:
        await eventually(caught_up)
    finally:
        reading_on.cancel()
        await asyncio.wait([reading_on])
