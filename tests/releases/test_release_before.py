"""The release before on the schema after, and both releases side by side: calls become incidents that agencies take."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.checker import SERVICES, check
from tests.faults.traffic import Traffic
from tests.releases.last_release import last_release
from tests.releases.release_before import Release, release_before

from sigap_common.app.manifest import services
from sigap_common.app.revisions import newest
from sigap_testing.cluster import Cluster, Installation, SingleHost
from sigap_testing.parts import NotHere
from sigap_testing.plugin import or_missing
from sigap_testing.supervised import Supervised

CALLS = 6
WHAT_RUNS = (
    "import json, sigap_common; from sigap_common.app.manifest import services;"
    "from sigap_common.app.revisions import newest;"
    "print(json.dumps([sigap_common.__file__, {one.name: newest(one) for one in services()}]))"
)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Release:
    try:
        return release_before(tmp_path_factory.mktemp("release-before"))
    except NotHere as reason:  # a shallow clone is no fault, also in CI
        pytest.skip(str(reason))


def lead_calls(there: Installation) -> None:
    """Calls go through all services and come back as acknowledgements; nothing is lost or double."""
    with Traffic(there.url, 0) as traffic:
        calls = traffic.lead([None] * CALLS)
        assert [call for call in calls if not call.led] == [], traffic.lost
        findings = asyncio.run(check(traffic))
    assert findings.wrong == []
    assert findings.incidents == CALLS


def test_the_release_before_is_what_runs_and_its_migrations_are_no_newer(before: Release) -> None:
    command = [sys.executable, "-c", WHAT_RUNS]
    said = subprocess.run(command, env={**os.environ, **before.settings}, capture_output=True, text=True, check=True)
    file, then = json.loads(said.stdout)
    assert Path(file).is_relative_to(before.folder)
    now = {service.name: newest(service) for service in services()}
    assert {name: max(then[name], now[name]) for name in then} == {name: now[name] for name in then}
    assert then == last_release().revisions  # the schema that is written down is that of this code


@pytest.mark.timeout(300)
def test_the_release_before_takes_calls_on_the_schema_after_on_one_host(before: Release, tmp_path: Path) -> None:
    with SingleHost(folder=tmp_path, services=SERVICES):
        pass
    with SingleHost(folder=tmp_path, services=SERVICES, settings=before.settings) as host:
        lead_calls(host)


class Mixed(Cluster):
    """A cluster on the schema of today, in which some services run the release before."""

    def __init__(self, before: Release, old: frozenset[str], folder: Path) -> None:
        super().__init__(folder=folder, services=SERVICES)
        self._before, self._old = before, old

    def _run(self, name: str, port: int, *names: str) -> Supervised:
        self._settings = self._before.settings if name in self._old else {}
        return super()._run(name, port, *names)


@pytest.mark.postgres
@pytest.mark.kafka
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "old",
    [frozenset(SERVICES), frozenset({"intake", "agency-gateway"}), frozenset({"dispatch", "analytics", "roster"})],
    ids=["all", "intake-and-gateway", "dispatch"],
)
def test_services_of_the_release_before_work_on_the_schema_after_and_beside_the_new_ones(
    before: Release, old: frozenset[str], tmp_path: Path
) -> None:
    with or_missing():
        cluster = Mixed(before, old, tmp_path)
    with cluster:
        lead_calls(cluster)
