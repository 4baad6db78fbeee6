"""A cluster of its own for this folder: what happens to it is nothing that other tests should see."""

from collections.abc import Iterator

import pytest

from sigap_common.testing.cluster import Cluster
from sigap_common.testing.parts import NotHere
from sigap_common.testing.plugin import missing


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    try:
        there = Cluster()
    except NotHere as reason:
        missing(reason)
    with there:
        yield there
