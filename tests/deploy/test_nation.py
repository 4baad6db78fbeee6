"""The overlays of a nation and of a city have the sizes that docs/nation.md works out of measured figures."""

import re
from math import inf
from typing import Any

import pytest

from sigap_common.app.manifest import services
from sigap_common.app.migrations import TOPICS
from sigap_common.http import idempotency
from sigap_common.messaging import inbox
from sigap_common.regency import Retention

from .kubernetes import ROOT, rendered
from .manifest_rules import of_kind
from .pods import pods, quantity

CONNECTIONS = 10
"""Of a process (docs/platform.md)."""
COPIES = 3
KB, MB, GB = 1000, 1_000_000, 1_000_000_000
GIB = 1024**3
A_DAY = 86_400
A_YEAR = 365 * A_DAY
DAYS_OF = {"kept": None, "week": 7, "day": 1, "kafka": 90}
"""How long what a call leaves is kept."""
BLOCK = 4096
"""Bytes of a disk that a small file takes."""


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


@pytest.mark.parametrize("name", ["city", "nation"])
def test_a_pod_requests_the_memory_that_it_is_expected_to_use(figures: dict[str, float], name: str) -> None:
    zones = figures["mb_zones"] if name == "nation" else 0.0
    streams = figures["streams"] * figures["kb_stream"] / KB if name == "nation" else 0.0
    for pod in pods(name):
        if pod.name in {service.name for service in services()}:
            expected = figures["mb_pod"] + zones + streams / pod.replicas
            assert pod.memory_requested >= expected * MB, pod.name


def requested(overlay: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Cores and GiB of each part with its largest number of pods."""
    most, ours = {name: most for name, (_, most) in scaled(overlay).items()}, [0.0, 0.0]
    for pod in pods("nation"):
        number = most.get(pod.name, pod.replicas)
        ours[0] += number * pod.cores_requested
        ours[1] += number * pod.memory_requested / GIB
    [cluster], [brokers] = of_kind(overlay, "Cluster"), of_kind(overlay, "KafkaNodePool")
    parts = {"PostgreSQL": (cluster, "instances"), "Kafka": (brokers, "replicas")}
    found = {"pods of Sigap": (ours[0], ours[1])}
    for name, (one, count) in parts.items():
        each = one["spec"]["resources"]["requests"]
        number = one["spec"][count]
        found[name] = number * float(each["cpu"]), number * quantity(each["memory"]) / GIB
    return found


def test_the_nodes_to_order_hold_everything_also_without_one_of_them(
    figures: dict[str, float], overlay: list[dict[str, Any]]
) -> None:
    parts = requested(overlay)
    left = figures["nodes"] - 1
    assert left >= COPIES, "each broker and each server of PostgreSQL has a node of its own"
    assert sum(cores for cores, _ in parts.values()) <= left * (figures["node_cores"] - figures["node_own_cores"])
    assert sum(gib for _, gib in parts.values()) <= left * (figures["node_gib"] - figures["node_own_gib"])
    text = (ROOT / "docs/nation.md").read_text()
    all_ = tuple(sum(part[n] for part in parts.values()) for n in (0, 1))
    for name, (of_cores, gib) in {**parts, "all": all_}.items():
        assert re.search(rf"^\| {name} \|[^|]*\| {of_cores:.1f} \| {gib:.0f} GiB \|", text, re.MULTILINE), (name, gib)


def test_the_rates_follow_from_their_sources(figures: dict[str, float]) -> None:
    people = figures["people"] / A_YEAR
    as_the_usa = people * figures["usa_calls_a_year"] / figures["usa_people"]
    assert round(10 * as_the_usa) == figures["calls_a_second"]
    as_jakarta = people * figures["city_calls_a_year"] / figures["city_people"]
    assert round(as_jakarta, 2) == figures["ordinary_calls_a_second"]


def bytes_of(figures: dict[str, float], what: str, *, calls: float, lives: float) -> float:
    """What so many calls leave, of which this share is answered and counts as a whole life."""
    return calls * (lives * figures[f"kb_life_{what}"] + (1 - lives) * figures[f"kb_dropped_{what}"]) * KB


def stored(figures: dict[str, float], what: str, calls_a_second: float, years: float) -> float:
    """Bytes after so many ordinary years at the most."""
    seconds = min(years * A_YEAR, (DAYS_OF[what] or inf) * A_DAY)
    return bytes_of(figures, what, calls=calls_a_second * seconds, lives=figures["answered"])


def after_disaster(figures: dict[str, float], what: str) -> float:
    """Bytes more after days at the peak, all of it whole lives."""
    days = min(figures["disaster_days"], DAYS_OF[what] or inf)
    return bytes_of(figures, what, calls=figures["calls_a_second"] * days * A_DAY, lives=1)


def databases(figures: dict[str, float], calls_a_second: float) -> float:
    return sum(stored(figures, what, calls_a_second, figures["years"]) for what in ("kept", "week", "day"))


def nations_databases(figures: dict[str, float]) -> float:
    more = sum(after_disaster(figures, what) for what in ("kept", "week", "day"))
    versions = figures["regencies"] * figures["packs_a_year"] * figures["years"]
    packs = versions * (figures["kb_pack"] + figures["kb_border"]) * KB
    return databases(figures, figures["ordinary_calls_a_second"]) + more + packs


def nations_log(figures: dict[str, float]) -> float:
    """Of one broker: each of the three has one of the three copies."""
    return stored(figures, "kafka", figures["ordinary_calls_a_second"], 1) + after_disaster(figures, "kafka")


def city_calls_a_second(figures: dict[str, float]) -> float:
    return figures["city_calls_a_year"] / A_YEAR


def size_of(overlay: list[dict[str, Any]], what: str) -> int:
    """Bytes of a disk of PostgreSQL's, of its write-ahead log's, of a broker's, or of the daily digests."""
    [cluster] = of_kind(overlay, "Cluster")
    [brokers] = of_kind(overlay, "KafkaNodePool")
    [digests] = [
        one for one in of_kind(overlay, "PersistentVolumeClaim") if one["metadata"]["name"] == "dispatch-audit"
    ]
    sizes = {
        "databases": cluster["spec"]["storage"]["size"],
        "wal": cluster["spec"]["walStorage"]["size"],
        "log": brokers["spec"]["storage"]["volumes"][0]["size"],
        "digests": digests["spec"]["resources"]["requests"]["storage"],
    }
    return quantity(sizes[what])


def test_the_disks_hold_what_the_packs_periods_keep_and_a_disaster(
    figures: dict[str, float], overlay: list[dict[str, Any]]
) -> None:
    assert size_of(overlay, "databases") * figures["full"] >= nations_databases(figures)
    assert size_of(overlay, "log") * figures["full"] >= nations_log(figures)
    hours = size_of(overlay, "wal") * figures["full"] / (figures["calls_a_second"] * figures["kb_life_wal"] * KB * 3600)
    assert hours >= figures["hours_without_archive"]
    assert size_of(overlay, "digests") >= figures["regencies"] * 365 * figures["years"] * BLOCK


def test_a_city_s_disks_hold_those_of_the_largest_city(figures: dict[str, float]) -> None:
    city, rate = rendered("city"), city_calls_a_second(figures)
    assert size_of(city, "databases") * figures["full"] >= databases(figures, rate)
    assert size_of(city, "log") * figures["full"] >= stored(figures, "kafka", rate, 1)


def test_the_packs_keep_nothing_longer_than_the_disks_hold(figures: dict[str, float]) -> None:
    periods = Retention().model_dump()
    assert max(days for name, days in periods.items() if name.endswith("_days")) == figures["years"] * 365
    assert all(spec.retention.days == DAYS_OF["kafka"] for spec in TOPICS if not spec.compacted)
    assert inbox.KEPT.days == DAYS_OF["week"], "events that were handled"
    assert idempotency.KEPT.days == DAYS_OF["day"], "answers kept under a key"


def test_the_page_counts_as_the_test_does(figures: dict[str, float]) -> None:
    text = (ROOT / "docs/nation.md").read_text()
    parts = {"postgresql": "PostgreSQL"} | {one.name.replace("-", "_"): one.name for one in services()}
    for part, name in parts.items():
        assert re.search(rf"^\| {name} \|[^|]*\| {cores(figures, part):.1f} \|", text, re.MULTILINE), part
    assert f"{figures['mb_zones'] * 1000 / figures['regencies']:.0f} kB a zone" in text
    ordinary, rate = figures["ordinary_calls_a_second"], city_calls_a_second(figures)
    for name, size in (
        ("PostgreSQL, a nation", nations_databases(figures)),
        ("a year of it", stored(figures, "kept", ordinary, 1)),
        ("a day at the peak of it", after_disaster(figures, "kept") / figures["disaster_days"]),
        ("a broker, a nation", nations_log(figures)),
        ("PostgreSQL, a city", databases(figures, rate)),
        ("a broker, a city", stored(figures, "kafka", rate, 1)),
    ):
        assert re.search(rf"^\| {name} \|[^|]*\| {size / GB:,.0f} GB \|", text, re.MULTILINE), (name, size / GB)
