"""Which processes go first for the processor (docs/adr/0014)."""

import os
from pathlib import Path

import pytest

from sigap_testing.cluster import Cluster, SingleHost


def niceness(pid: int) -> set[int]:
    """Of every thread of a process."""
    return {os.getpriority(os.PRIO_PROCESS, int(thread.name)) for thread in Path(f"/proc/{pid}/task").iterdir()}


@pytest.mark.postgres
@pytest.mark.kafka
def test_intake_goes_before_dispatch_and_gateway_and_these_before_figures(cluster: Cluster) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    yields = {name: niceness(cluster.processes[name].pid) for name in ("intake", "dispatch", "agency-gateway")}
    assert yields == {"intake": {ours}, "dispatch": {max(ours, 5)}, "agency-gateway": {max(ours, 5)}}
    assert niceness(cluster.processes["analytics"].pid) == {max(ours, 10)}


def test_a_host_of_all_services_goes_as_intake_does() -> None:
    with SingleHost() as host:
        assert niceness(host.processes["sigap"].pid) == {os.getpriority(os.PRIO_PROCESS, 0)}
