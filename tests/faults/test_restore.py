"""The restore drill of a cluster: its databases go back to an earlier moment, and the log of Kafka does not.

`make drills`. The rules by which both agree again have tests of their own: libs/cli/tests/test_reconcile.py.
"""

import asyncio
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.faults.campaign import calls_flowing
from tests.faults.checker import SERVICES, listed, reader
from tests.faults.traffic import Traffic

from sigap_testing.cluster import Cluster
from sigap_testing.eventually import eventually
from sigap_testing.plugin import or_missing
from sigap_testing.postgres import PostgresServer, binaries
from sigap_testing.supervised import Supervised

CALLS_A_SECOND = 3.0
SETTLED_SECONDS = 60.0
pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.kafka, pytest.mark.timeout(600)]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """One of its own: its parts are lost."""
    with or_missing():
        cluster = Cluster(folder=tmp_path / "cluster", services=SERVICES, as_processes=True)
    with cluster:
        yield cluster


class Copy:
    """A physical copy of the running PostgreSQL, as CloudNativePG's plugin makes one; it ends at one moment."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        assert isinstance(cluster.postgres, PostgresServer)
        self._postgres, self._folder = cluster.postgres, folder

    def make(self) -> None:
        tool = binaries() / "pg_basebackup"
        server = ["--dbname", self._postgres.url, "--pgdata", str(self._folder)]
        how = ["--wal-method=stream", "--checkpoint=fast", "--no-sync"]
        subprocess.run([tool, *server, *how], check=True, capture_output=True)

    def put_back(self) -> None:
        """The server is lost, and comes again as it was when the copy ended."""
        self._postgres.kill()
        data = self._postgres.directory / "data"
        owner = data.owner()
        shutil.rmtree(data)
        shutil.copytree(self._folder, data, symlinks=True)
        for path in (data, *data.rglob("*")):
            shutil.chown(path, owner)
        self._postgres.start()


def services_stopped(cluster: Cluster) -> None:
    for name in SERVICES:
        cluster.processes[name].stop()


def services_started(cluster: Cluster) -> None:
    for name in SERVICES:
        cluster.processes[name].start()
    for name in SERVICES:
        cluster.processes[name].wait_until_up()


def reconcile(cluster: Cluster, *options: str) -> tuple[int, dict[str, Any], str]:
    done = cluster.sigap("reconcile", "--json", *options)
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


async def reading(service: Supervised) -> None:
    """Waits until the service has joined its group: then it knows its lag."""

    def joined() -> bool:
        told = httpx.get(f"{service.url}/metrics", trust_env=False).text
        return bool(re.search(r"^sigap_consumer_lag_events\S* \d", told, re.MULTILINE))

    await eventually(joined, within=60, every=0.5)


def arrived(traffic: Traffic, more: int) -> None:
    """So many calls that began after this have reached their agencies."""
    first = len(traffic.calls)
    new = traffic.wait(lambda: sum(n >= first for n in traffic.agencies.first_arrival.copy()) >= more, 60)
    assert new, "the calls do not come through"


async def agreement(cluster: Cluster, regency: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The calls and incidents that are there, when each emergency has its one incident and no incident lacks its
    call.
    """
    async with reader(cluster.url) as api:

        async def settled() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
            calls = await listed(api, "/v1/calls", regency)
            incidents = await listed(api, "/v1/incidents", regency)
            classified = {call["id"] for call in calls if call["call_class"] == "emergency"}
            of_call = Counter(incident["call_id"] for incident in incidents)
            assert of_call == Counter(classified)
            told = [f["delivered_at"] for one in incidents for f in one["forwardings"]]
            assert None not in told
            return calls, incidents

        return await eventually(settled, SETTLED_SECONDS, every=1.0)


def test_databases_that_went_back_agree_with_a_log_that_went_on(cluster: Cluster, tmp_path: Path) -> None:
    copy, lost = Copy(cluster, tmp_path / "copy"), tmp_path / "lost.jsonl"
    with calls_flowing(cluster, CALLS_A_SECOND) as traffic:
        arrived(traffic, 5)
        copy.make()
        arrived(traffic, 10)
        services_stopped(cluster)  # with calls half led: what they said last is in outboxes and in the log
        with suppress(AssertionError):
            traffic.end(0.1)
        copy.put_back()

        # What is it that the log has and the databases have not?
        code, report, err = reconcile(cluster, "--lost", str(lost))
        assert (code, "--apply" in err) == (1, True), err
        published = report["published_and_not_restored"]
        assert published["intake"]["sigap.CallReceived.v1"] >= 10
        assert published["dispatch"]["sigap.IncidentCreated.v1"] >= 10
        assert report["restored_and_in_neither"] == {}
        events = [json.loads(line) for line in lost.read_text().splitlines()]
        assert len(events) == sum(sum(kinds.values()) for kinds in published.values())
        assert lost.stat().st_mode & 0o077 == 0

        # Nothing is written while a service still reads, and nothing is written over.
        gateway = cluster.processes["agency-gateway"]
        gateway.start()
        gateway.wait_until_up()
        asyncio.run(reading(gateway))
        code, _, err = reconcile(cluster, "--apply")
        assert (code, "sigap.agency-gateway" in err) == (1, True), err
        gateway.stop()
        assert "cannot be written" in reconcile(cluster, "--lost", str(lost))[2]
        copy.put_back()  # the gateway has read meanwhile

        code, _, err = reconcile(cluster, "--apply")
        assert code == 0, err
        assert reconcile(cluster)[0] == 0
        services_started(cluster)
        calls, incidents = asyncio.run(agreement(cluster, traffic.regency))
        assert {call["id"] for call in calls}.isdisjoint(
            event["subject"] for event in events if event["type"] == "sigap.CallReceived.v1"
        )

        # It goes on: new calls come through, under numbers that nobody was told before.
        new = traffic.lead([None] * 3)
        assert all(call.led for call in new), traffic.lost
        _, incidents = asyncio.run(agreement(cluster, traffic.regency))
        assert {call.id for call in new} <= {incident["call_id"] for incident in incidents}
        assert {incident["number"] for incident in incidents}.isdisjoint(report["numbers_given"])
        assert len({incident["number"] for incident in incidents}) == len(incidents)
        asyncio.run(no_dead_letters(cluster))


async def no_dead_letters(cluster: Cluster) -> None:
    async with reader(cluster.url) as api:
        for service in SERVICES:
            assert [letter async for letter in api.pages(f"/v1/ops/{service}/dead-letters")] == []


def test_a_log_that_is_lost_is_made_anew_and_the_services_go_on(cluster: Cluster) -> None:
    """The broker is lost with all topics and positions. What waited in the outboxes is published into the new one."""
    with Traffic(cluster.url, 0) as traffic:
        traffic.lead([None] * 3)
        asyncio.run(agreement(cluster, traffic.regency))
        cluster.kafka.kill()
        waiting = traffic.lead([None] * 3)
        folder = cluster.kafka.directory
        assert folder is not None
        for path in list(folder.iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        cluster.kafka.start()
        assert cluster.sigap("migrate").returncode == 0
        _, incidents = asyncio.run(agreement(cluster, traffic.regency))
        assert {call.id for call in waiting} <= {incident["call_id"] for incident in incidents}
        traffic.lead([None] * 3)
        assert traffic.lost == []
        asyncio.run(agreement(cluster, traffic.regency))
        asyncio.run(no_dead_letters(cluster))
        services_stopped(cluster)
        code, report, err = reconcile(cluster)
        assert (code, report["published_and_not_restored"]) == (0, {}), err
        assert report["restored_and_in_neither"]["intake"]["sigap.CallReceived.v1"] == 3
