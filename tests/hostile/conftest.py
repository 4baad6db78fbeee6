"""A host of its own: what lies in its databases must not move while nobody is let in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sigap_testing.cluster import SingleHost

from .stored import changes, quiet, stored
from .world import World


@pytest.fixture(scope="session")
def quiet_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SingleHost]:
    with SingleHost(folder=tmp_path_factory.mktemp("quiet-host")) as host:
        yield host


@pytest.fixture(scope="session")
def data(quiet_host: SingleHost) -> Path:
    return quiet_host.folder / "data"


@pytest.fixture(scope="session")
def world(quiet_host: SingleHost, data: Path) -> Iterator[World]:
    world = World(quiet_host)
    with world.http:
        world.prepare()
        quiet(data)
        yield world


@pytest.fixture
def nothing_changed(world: World, data: Path) -> Iterator[None]:
    """What is refused leaves no trace: no row, no event, no kept answer."""
    before = stored(data)
    yield
    assert changes(before, stored(data)) == []
