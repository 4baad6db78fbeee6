"""The cluster shape, for what differs there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sigap_common.testing.cluster import Cluster
from sigap_common.testing.parts import NotHere
from sigap_common.testing.plugin import missing


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder: Path = tmp_path_factory.mktemp("cluster")
    try:
        cluster = Cluster(folder=folder)
    except NotHere as reason:
        missing(reason)
    with cluster:
        yield cluster
