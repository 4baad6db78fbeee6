"""A whole service away while calls come in. On the single host no service is away alone: see the cluster's shape."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka.partitioner import murmur2
from tests.faults.checker import check, listed, reader
from tests.faults.traffic import Call, Traffic

from sigap_testing.cluster import Cluster

PARTITIONS = 12
CALLS = 24
IN_FLIGHT = 4
"""Deliveries to one endpoint at the same time, by default; so far their order may be mixed."""
BACK_WITHIN = 60.0

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.timeout(300)]


@pytest.fixture
def traffic(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Traffic]:
    """One call has gone through all services: they have seen tokens, and know their issuer's keys."""
    with Traffic(cluster.url, 0, regency=request.param) as traffic:
        traffic.lead([1])
        assert traffic.wait(lambda: traffic.agencies.first_arrival, BACK_WITHIN)
        yield traffic


def arrived(traffic: Traffic, calls: list[Call]) -> bool:
    return traffic.wait(lambda: all(call.number in traffic.agencies.first_arrival for call in calls), BACK_WITHIN)


@pytest.mark.parametrize("traffic", ["99.93"], indirect=True)
def test_calls_are_led_without_dispatch_and_become_incidents_in_order_of_arrival(
    cluster: Cluster, traffic: Traffic
) -> None:
    dispatch = cluster.processes["dispatch"]
    dispatch.stop()
    calls = traffic.lead([None] * CALLS)
    assert [call for call in calls if not call.led] == []
    assert len(traffic.agencies.first_arrival) == 1
    dispatch.start()
    assert arrived(traffic, calls)
    findings = asyncio.run(check(traffic))
    assert findings.wrong == []
    numbers = {incident["call_id"]: incident["number"] for incident in _incidents(traffic)}
    for partition in _by_partition(calls):
        assert [numbers[call.id] for call in partition] == sorted(numbers[call.id] for call in partition)


@pytest.mark.parametrize("traffic", ["99.94"], indirect=True)
def test_calls_are_led_without_the_gateway_and_reach_the_agencies_by_priority(
    cluster: Cluster, traffic: Traffic
) -> None:
    gateway = cluster.processes["agency-gateway"]
    gateway.stop()
    calls = traffic.lead([5, 4, 3, 2, 1, 5] * (CALLS // 6))
    assert [call for call in calls if not call.led] == []
    assert traffic.wait(lambda: len(_incidents(traffic)) == CALLS + 1, BACK_WITHIN)
    traffic.hold_replies()
    gateway.start()
    gateway.wait_until_up()
    assert traffic.wait(lambda: len(_taken_in(traffic)) == CALLS + 1, BACK_WITHIN)
    held = len(traffic.agencies.first_arrival)
    traffic.release_replies()
    assert arrived(traffic, calls)
    priorities = [traffic.calls[number].priority or 0 for number in list(traffic.agencies.first_arrival)[held:]]
    assert all(before <= after for n, before in enumerate(priorities) for after in priorities[n + IN_FLIGHT :]), (
        priorities
    )
    assert asyncio.run(check(traffic)).wrong == []


def _incidents(traffic: Traffic) -> list[dict[str, Any]]:
    return asyncio.run(_read(traffic, "/v1/incidents"))


def _taken_in(traffic: Traffic) -> list[dict[str, Any]]:
    return asyncio.run(_read(traffic, "/v1/forwardings"))


async def _read(traffic: Traffic, path: str) -> list[dict[str, Any]]:
    async with reader(traffic.url) as api:
        return await listed(api, path, traffic.regency)


def _by_partition(calls: list[Call]) -> list[list[Call]]:
    """As Kafka's clients share keys out; within a partition there is an order, between partitions none."""
    found = defaultdict(list)
    for call in calls:
        found[(murmur2(str(call.id).encode()) & 0x7FFFFFFF) % PARTITIONS].append(call)
    return list(found.values())
