"""The overlay of a nation has the sizes that docs/nation.md works out of measured figures."""

import re
from typing import Any

import pytest

from sigap_common.app.manifest import services

from .kubernetes import ROOT, rendered
from .manifest_rules import of_kind
from .pods import pods, quantity

CONNECTIONS = 10
"""Of a process (docs/platform.md)."""
COPIES = 3
MB = 1_000_000


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    text = (ROOT / "docs/nation.md").read_text()
    return {name: float(value) for name, value in re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", text, re.MULTILINE)}


@pytest.fixture(scope="module")
def overlay() -> list[dict[str, Any]]:
    return rendered("nation")


def scaled(overlay: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """The least and the largest number of pods."""
    found = of_kind(overlay, "ScaledObject")
    return {one["metadata"]["name"]: (one["spec"]["minReplicaCount"], one["spec"]["maxReplicaCount"]) for one in found}


def cores(figures: dict[str, float], part: str) -> float:
    """At the peak, with the capacity that is kept free."""
    return figures["calls_a_second"] * figures[f"cpu_ms_{part}"] / 1000 * figures["free"]


def test_a_core_for_each_pod_carries_the_peak_with_the_least_number_of_pods(
    figures: dict[str, float], overlay: list[dict[str, Any]]
) -> None:
    for service in services():
        least, _ = scaled(overlay)[service.name]
        assert least >= cores(figures, service.name.replace("-", "_")), service.name


def test_postgresql_and_kafka_have_the_cores_of_the_peak(
    figures: dict[str, float], overlay: list[dict[str, Any]]
) -> None:
    [cluster] = of_kind(overlay, "Cluster")
    [brokers] = of_kind(overlay, "KafkaNodePool")
    assert float(cluster["spec"]["resources"]["requests"]["cpu"]) >= cores(figures, "postgresql")
    of_brokers = brokers["spec"]["replicas"] * float(brokers["spec"]["resources"]["requests"]["cpu"])
    assert of_brokers >= COPIES * cores(figures, "kafka")


def test_postgresql_takes_the_connections_of_all_pods_while_each_service_is_replaced(
    overlay: list[dict[str, Any]],
) -> None:
    [cluster] = of_kind(overlay, "Cluster")
    most = sum(most + 1 for _, most in scaled(overlay).values()) * CONNECTIONS
    assert int(cluster["spec"]["postgresql"]["parameters"]["max_connections"]) >= most + 100


def test_each_pod_of_a_reader_has_partitions(overlay: list[dict[str, Any]]) -> None:
    partitions = {one["metadata"]["name"]: one["spec"]["partitions"] for one in of_kind(overlay, "KafkaTopic")}
    for name in ("intake", "dispatch", "agency-gateway"):
        _, most = scaled(overlay)[name]
        assert {partitions[f"sigap.{topic}"] % most for topic in ("calls", "incidents", "agencies")} == {0}


def test_a_pod_has_room_for_all_zones(figures: dict[str, float]) -> None:
    for pod in pods("nation"):
        if pod.name in {service.name for service in services()}:
            assert pod.memory >= 1.5 * (figures["mb_pod"] + figures["mb_zones"]) * MB, pod.name
    assert quantity("512Mi") == 536_870_912


def test_the_page_counts_as_the_test_does(figures: dict[str, float]) -> None:
    text = (ROOT / "docs/nation.md").read_text()
    for part, name in (("intake", "intake"), ("postgresql", "PostgreSQL"), ("agency_gateway", "agency-gateway")):
        assert re.search(rf"^\| {name} \|[^|]*\| {cores(figures, part):.1f} \|", text, re.MULTILINE), part
    assert f"{figures['mb_zones'] * 1000 / figures['regencies']:.0f} kB a zone" in text
