"""What only the bus of a single host promises."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sigap_common.bus import BusUnavailable, Delivered, TopicSpec, open_bus
from sigap_common.bus.embedded import EmbeddedBus
from sigap_common.bus.log import Log
from sigap_testing.eventually import eventually
from sigap_testing.messages import a_message
from sigap_testing.parts import bounded
from sigap_testing.patience import patience

from .conftest import delivered

WRITER = """
import asyncio, sys
from pathlib import Path
from sigap_common.bus import open_bus
from sigap_testing.messages import a_message

async def write():
    bus = open_bus("embedded://", data_dir=Path(sys.argv[1]))
    await bus.start()
    async def one(key):
        n = 0
        while True:
            await bus.publish([a_message("calls", key, n), a_message("calls", key, n + 1)])
            n += 2
            sys.stdout.write(f"{key} {n}\\n")
            sys.stdout.flush()
    await asyncio.gather(*(one(f"call-{k}") for k in range(8)))

asyncio.run(write())
"""


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(tmp_path / "bus.sqlite3")
    await bus.start()
    await bus.create_topics([TopicSpec("calls"), TopicSpec("packs", compacted=True)])
    yield bus
    await bus.stop()


async def everything(bus: EmbeddedBus, topic: str) -> list[Delivered]:
    records: list[Delivered] = []
    async with bus.subscribe("g", [topic], {}) as subscription:
        while batch := await subscription.fetch(1000, 0.05):
            records += delivered(batch)
    return records


def log_of(bus: EmbeddedBus) -> Log:
    assert bus._opened is not None
    return bus._opened


async def test_kill_9_loses_nothing_that_publish_returned_for(bus: EmbeddedBus, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with bounded(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(200)]
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.readlines()
    promised = {key: int(n) for key, n in (line.split() for line in said if line.endswith("\n"))}
    await bus.stop()
    await bus.start()
    kept: dict[str, list[int]] = {}
    for record in await everything(bus, "calls"):
        kept.setdefault(record.message.key, []).append(record.message.envelope.sequence)
    assert all(kept[key] == list(range(len(kept[key]))) for key in kept)
    assert all(len(kept[key]) >= n for key, n in promised.items())
    assert all(len(kept[key]) % 2 == 0 for key in kept), "one publish is one commit"


async def test_two_services_of_one_process_wake_each_other(bus: EmbeddedBus, tmp_path: Path) -> None:
    other = open_bus("embedded://", data_dir=tmp_path)
    await other.start()
    subscription = other.subscribe("dispatch", ["packs", "calls"], {})
    fetching = asyncio.create_task(subscription.fetch(10, 600))
    await asyncio.sleep(0)
    await bus.publish([a_message("calls", "call")])
    # Far less than the 600 s after which it would look by itself.
    async with asyncio.timeout(patience(10)):
        assert len(await fetching) == 1
    await other.stop()
    await bus.publish([a_message("calls", "call")])


async def test_waiting_costs_no_cpu(bus: EmbeddedBus) -> None:
    waiting = [asyncio.create_task(bus.subscribe("g", ["calls"], {}).fetch(1, 1.0)) for _ in range(6)]
    began = time.process_time()
    await asyncio.gather(*waiting)
    assert time.process_time() - began < 0.05


async def test_publishes_that_wait_together_share_one_commit(bus: EmbeddedBus) -> None:
    commits: list[str] = []
    connection = log_of(bus)._write_connection
    connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    await asyncio.gather(*(bus.publish([a_message("calls", f"call-{n}")]) for n in range(100)))
    assert 1 <= len(commits) <= 3


async def test_pruning_removes_what_is_older_than_the_topics_retention(tmp_path: Path) -> None:
    now = datetime(2024, 2, 19, tzinfo=UTC)
    bus = EmbeddedBus(tmp_path / "bus.sqlite3", clock=lambda: now)
    await bus.start()
    await bus.create_topics([TopicSpec("calls")])
    await bus.publish([a_message("calls", "call", n) for n in range(2500)])
    now += timedelta(days=60)
    await bus.publish([a_message("calls", "call", 2500)])
    assert await bus.prune(now) == 0
    assert await bus.prune(now + timedelta(days=31)) == 2500
    assert [record.offset for record in await everything(bus, "calls")] == [2500]
    assert await bus.prune(now + timedelta(days=91)) == 1
    assert await everything(bus, "calls") == []
    await bus.publish([a_message("calls", "call", 2501)])
    assert [record.offset for record in await everything(bus, "calls")] == [2501]
    await bus.stop()


async def test_pruning_a_compacted_topic_keeps_the_newest_of_each_key(bus: EmbeddedBus) -> None:
    for n in range(3):
        await bus.publish([a_message("packs", key, n) for key in ("14.71", "17.71")])
    await bus.publish([a_message("packs", "18.72", 0)])
    assert await bus.prune(datetime.now(UTC) + timedelta(days=1000)) == 4
    kept = [(r.message.key, r.message.envelope.sequence, r.offset) for r in await everything(bus, "packs")]
    assert kept == [("14.71", 2, 4), ("17.71", 2, 5), ("18.72", 0, 6)]


async def test_a_file_held_by_another_is_waited_for(bus: EmbeddedBus, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "bus.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    publishing = asyncio.create_task(bus.publish([a_message("calls", "call")]))
    log = log_of(bus)
    await eventually(lambda: log._drain is not None and not log._drain.done())
    other.execute("ROLLBACK")
    other.close()
    await publishing
    assert len(await everything(bus, "calls")) == 1


async def test_a_stopped_bus_says_so(bus: EmbeddedBus) -> None:
    subscription = bus.subscribe("g", ["calls"], {})
    await bus.publish([a_message("calls", "call")])
    await bus.stop()
    for use in (bus.ready(), bus.publish([]), subscription.fetch(1, 1)):
        with pytest.raises(BusUnavailable):
            await use


async def test_a_disk_that_refuses_is_unavailable_and_loses_nothing_before(bus: EmbeddedBus) -> None:
    await bus.publish([a_message("calls", "call", 1)])
    connection = log_of(bus)._write_connection
    connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(BusUnavailable, match="full"):
        await bus.publish([a_message("calls", "call", 2, b"x" * 500_000)])
    connection.execute("PRAGMA max_page_count = 1000000")
    await bus.publish([a_message("calls", "call", 3)])
    assert [r.message.envelope.sequence for r in await everything(bus, "calls")] == [1, 3]
