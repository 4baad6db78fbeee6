"""Alerts of really broken parts: a cluster on this machine, and a real Prometheus with the alerts as they are shipped.

`make alerts`. It takes some minutes: an alert waits until what is wrong has lasted.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.faults.traffic import Traffic

from sigap_cli.kubernetes.monitoring import ALERTS
from sigap_testing.cluster import Cluster
from sigap_testing.eventually import eventually
from sigap_testing.plugin import or_missing
from sigap_testing.prometheus import Prometheus
from sigap_testing.receiver import Reply

REGENCY = "99.97"
PAGE = ALERTS.parents[2] / "docs/runbooks/lease-without-holder.md"
WITHIN = 420.0
pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.kafka, pytest.mark.timeout(2400)]


@pytest.fixture
def traffic(cluster: Cluster) -> Iterator[Traffic]:
    """One call has gone through all services."""
    with Traffic(cluster.url, 0, regency=REGENCY) as traffic:
        traffic.lead([1])
        assert traffic.wait(lambda: traffic.agencies.first_arrival, 60)
        yield traffic


@pytest.fixture
def prometheus(cluster: Cluster, tmp_path: Path) -> Iterator[Prometheus]:
    names = [service.name for service in cluster.services]
    with or_missing():
        watching = Prometheus(tmp_path, ALERTS, [cluster.processes[n].url.removeprefix("http://") for n in names])
    with watching:
        yield watching


async def mend_by_the_page(cluster: Cluster, service: str) -> None:
    """Does what the page of the lease says: asks who holds the row, and ends that session."""
    (question,) = re.findall(r"```sql\n(.+?);\n```", PAGE.read_text(), re.DOTALL)
    connection = await asyncpg.connect(cluster.database_of(service))
    try:
        # A replica waits for the row for some seconds, and asks again.
        row = await eventually(lambda: connection.fetchrow(question), within=60, every=0.2)
        assert await connection.fetchval("SELECT pg_terminate_backend($1)", row["holds"])
    finally:
        await connection.close()


@asynccontextmanager
async def frozen_at_the_lease(cluster: Cluster, service: str) -> AsyncIterator[None]:
    """What a holder leaves behind that froze in the middle of taking the lease: the row stays locked."""
    holder = await asyncpg.connect(cluster.database_of(service))
    try:
        await holder.execute("BEGIN")
        await holder.execute("SELECT * FROM leases FOR UPDATE")
        yield
    finally:
        with suppress(asyncpg.PostgresError, OSError):  # it was ended
            await holder.close()


def said(prometheus: Prometheus, name: str, **labels: str) -> list[dict[str, Any]]:
    return [
        alert
        for alert in prometheus.firing()
        if alert["labels"]["alertname"] == name and labels.items() <= alert["labels"].items()
    ]


async def fires(prometheus: Prometheus, name: str, **labels: str) -> dict[str, Any]:
    (alert, *_) = await eventually(lambda: said(prometheus, name, **labels), within=WITHIN, every=1)
    return alert


async def ends(prometheus: Prometheus, name: str, **labels: str) -> None:
    await eventually(lambda: not said(prometheus, name, **labels), within=WITHIN, every=1)


async def test_broken_parts_are_told_and_mended_ones_no_longer(
    cluster: Cluster, traffic: Traffic, prometheus: Prometheus
) -> None:
    await eventually(lambda: prometheus.value("count(up == 1)") == len(cluster.services), within=60)
    kept = 'sum(sigap_promise_kept_total{promise="told"})'
    await eventually(lambda: (prometheus.value(kept) or 0) >= 1, within=60)
    assert prometheus.firing() == []

    # A dead endpoint, a process that is frozen, and a lease that nobody can take.
    roster = cluster.processes["roster"]
    traffic.receiver.on_received, traffic.receiver.otherwise = None, Reply(500)
    await asyncio.to_thread(traffic.lead, [1])
    await eventually(lambda: prometheus.value("max(sigap_endpoint_retries)") == 1, within=60)
    roster.pause()
    try:
        async with frozen_at_the_lease(cluster, "dispatch"):
            lease = await fires(prometheus, "SigapLeaseWithoutHolder", service="dispatch")
            await mend_by_the_page(cluster, "dispatch")
            silent = await fires(prometheus, "SigapProcessSilent", instance=roster.url.removeprefix("http://"))
        endpoint = await fires(prometheus, "SigapEndpointFails", agency=f"{REGENCY}/fire", endpoint="system")
    finally:
        roster.resume()
    traffic.receiver.otherwise = Reply(204)
    assert "dispatch" in lease["annotations"]["summary"]
    assert silent["labels"]["severity"] == "critical"
    assert "teleponlah" in endpoint["annotations"]["summary_id"]
    for name in ("SigapLeaseWithoutHolder", "SigapProcessSilent", "SigapEndpointFails"):
        await ends(prometheus, name)

    # No broker: the calls go on, and what happens waits.
    cluster.kafka.stop()
    try:
        await asyncio.to_thread(traffic.lead, [1])
        for service in ("intake", "dispatch", "agency-gateway"):
            await fires(prometheus, "SigapBusAway", service=service)
        await fires(prometheus, "SigapEventsWait", service="intake")
    finally:
        cluster.kafka.start()
    await ends(prometheus, "SigapBusAway")
    await ends(prometheus, "SigapEventsWait")
    assert traffic.lost == []
