"""One single host, shared by the tests that need no other's quiet."""

from collections.abc import Iterator

import pytest

from sigap_common.testing.cluster import SingleHost


@pytest.fixture(scope="session")
def single_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SingleHost]:
    """All services and no pack; a test brings a regency of its own."""
    with SingleHost(folder=tmp_path_factory.mktemp("single-host")) as host:
        yield host
