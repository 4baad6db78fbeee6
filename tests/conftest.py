"""A single host and a cluster for the whole run: starting one takes longer than most tests. Each test brings a regency
of its own; what it stops it starts again.
"""

from collections.abc import Iterator

import pytest

from sigap_testing.cluster import Cluster, SingleHost
from sigap_testing.plugin import or_missing


@pytest.fixture(scope="session")
def single_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SingleHost]:
    """All services and no pack."""
    with SingleHost(folder=tmp_path_factory.mktemp("single-host")) as host:
        yield host


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster shape, for what differs there."""
    with or_missing():
        cluster = Cluster(folder=tmp_path_factory.mktemp("cluster"))
    with cluster:
        yield cluster
