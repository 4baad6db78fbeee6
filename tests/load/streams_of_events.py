"""The frame's own speed: the relay from PostgreSQL to Kafka, and handlers by event and by batch. One core each."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from tests.load.report import Figure, show, spread
from tests.load.setting import CODE, PACK

from sigap_analytics.main import service as analytics
from sigap_common.app.manifest import AnyService
from sigap_common.bus import Delivered
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import CallNoted, CallReceived, Channel
from sigap_common.core.ids import uuid7
from sigap_common.core.settings import CommonSettings
from sigap_common.personal_data import Sealed
from sigap_common.regency import validate_pack
from sigap_testing.kafka import find_kafka
from sigap_testing.kit import Kit, started
from sigap_testing.postgres import find_postgres, fresh_database
from sigap_testing.sample.main import service as sample

EVENTS = 10_000
RUNS = 3
FETCHED = 500


@asynccontextmanager
async def _kit(service: AnyService, bus_url: str = "embedded://") -> AsyncIterator[Kit]:
    """A service on a PostgreSQL that waits for the disk, without workers."""
    postgres = find_postgres(durable=True)
    postgres.start()
    try:
        async with fresh_database(postgres.url) as url:
            with tempfile.TemporaryDirectory() as folder:
                common = CommonSettings(data_dir=Path(folder), bus_url=bus_url)
                async with started(service, url, Path(folder), common=common) as kit:
                    yield kit
    finally:
        postgres.remove()


def measure_relay() -> None:
    """Events from a full outbox until Kafka has them all and the outbox is empty."""
    kafka = find_kafka()
    kafka.start()
    try:
        rates = asyncio.run(_relay(f"kafka://{kafka.bootstrap}"))
    finally:
        kafka.remove()
    best = sorted(rates)[len(rates) // 2]
    show(
        "The relay, PostgreSQL to Kafka", [Figure("relayed", spread(rates, "events/s"), "2,000 events/s", best >= 2000)]
    )


async def _relay(bus_url: str) -> list[float]:
    async with _kit(sample, bus_url) as kit:
        rates = []
        for _ in range(RUNS):
            for _ in range(EVENTS // 100):
                async with kit.runtime.transaction() as tx:
                    tx.knock(tx.open_door(uuid7(), CODE), "knock", times=99)
            began = time.perf_counter()
            moved = 0
            while count := await kit.runtime.relay.relay_once():
                moved += count
            rates.append(moved / (time.perf_counter() - began))
        return rates


def measure_consumers() -> None:
    """One transaction an event, and one a batch; CPU is this process's, PostgreSQL works beside it."""
    one, one_cpu = asyncio.run(_by_event())
    many, many_cpu = asyncio.run(_by_batch())
    show(
        "Handling events, PostgreSQL, one process",
        [
            Figure("on: one transaction an event", spread(one, "events/s"), "300 events/s", sorted(one)[1] >= 300),
            Figure("  of one core", f"{one_cpu:.0%}"),
            Figure("on_batch: analytics' facts", spread(many, "events/s"), "1,000 events/s", sorted(many)[1] >= 1000),
            Figure("  of one core", f"{many_cpu:.0%}"),
        ],
    )


async def _by_event() -> tuple[list[float], float]:
    async with _kit(sample) as kit:
        doors = [uuid7() for _ in range(EVENTS // 10)]
        for door in doors:
            async with kit.runtime.transaction() as tx:
                tx.open_door(door, CODE)
        now = kit.clock()
        event = CallNoted(at=now, recorded_at=now, text=Sealed("knock"))
        return await _heard(kit, [(door, event) for door in doors], 2)


async def _by_batch() -> tuple[list[float], float]:
    async with _kit(analytics) as kit:
        await kit.configure(validate_pack(PACK))
        now = kit.clock()
        event = CallReceived(at=now, recorded_at=now, channel=Channel.TELEPHONE)
        return await _heard(kit, [(uuid7(), event) for _ in range(EVENTS)], 1)


async def _heard(kit: Kit, events: Sequence[tuple[UUID, Event]], sequence: int) -> tuple[list[float], float]:
    """Events a second in each run, and the share of a core that this process used."""
    rates, cpu, wall = [], 0.0, 0.0
    for run in range(RUNS):
        records = [_record(kit, n, subject, event, sequence + run) for n, (subject, event) in enumerate(events)]
        began, used = time.perf_counter(), sum(os.times()[:2])
        for start in range(0, len(records), FETCHED):
            await kit.runtime.consumer.hear(records[start : start + FETCHED])
        seconds = time.perf_counter() - began
        rates.append(len(records) / seconds)
        cpu, wall = cpu + sum(os.times()[:2]) - used, wall + seconds
    return rates, cpu / wall


def _record(kit: Kit, offset: int, subject: UUID, event: Event, sequence: int) -> Delivered:
    message = kit.message(event, str(subject), regency=CODE, sequence=sequence)
    return Delivered(message, message.topic, 0, offset)
