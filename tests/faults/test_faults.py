"""The short form of `make faults`: whatever is killed, stopped or taken away while calls flow, nothing is lost.

How soon calls flow again is measured by the long form alone, since this one shares its machine with other tests.
"""

from pathlib import Path

import pytest
from tests.faults.campaign import campaign
from tests.faults.damage import kill, pause, without_kafka, without_postgres

from sigap_testing.cluster import Cluster, SingleHost

CALLS_A_SECOND = 3.0


@pytest.mark.timeout(300)
def test_a_single_host_that_is_killed_twice_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    with SingleHost(folder=tmp_path) as host:
        report = campaign(host, [kill("sigap"), kill("sigap")], CALLS_A_SECOND)
    assert report.findings.wrong == []
    assert [one for one in report.recoveries if one.flowing is None] == []


@pytest.mark.postgres
@pytest.mark.kafka
@pytest.mark.timeout(480)
def test_a_cluster_whose_parts_are_killed_stopped_and_taken_away_loses_nothing(cluster: Cluster) -> None:
    faults = [
        kill("intake"),
        without_postgres(5),
        kill("dispatch"),
        without_kafka(5),
        kill("agency-gateway"),
        pause("dispatch", 5),
    ]
    report = campaign(cluster, faults, CALLS_A_SECOND)
    assert report.findings.wrong == []
    assert [one for one in report.recoveries if one.flowing is None] == []
