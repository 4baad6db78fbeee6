"""A host of its own on each kind of database: what lies there must not move while nobody is let in."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from sigap_common.app.manifest import services
from sigap_testing.cluster import SingleHost
from sigap_testing.postgres import Postgres

from .stored import PostgresData, SqliteData, Stores
from .world import World

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one kind of database run in one process (`--dist loadgroup`), so that its world is made only once."""
    for item in items:
        if isinstance(item, pytest.Function) and HERE in item.path.parents and hasattr(item, "callspec"):
            item.add_marker(pytest.mark.xdist_group(str(item.callspec.params.get("stores"))))


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Where the host keeps its data. What one database lets through the other may refuse."""
    folder = tmp_path_factory.mktemp(f"quiet-host-{request.param}")
    if request.param == "sqlite":
        yield SqliteData(folder)
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    data = PostgresData(folder, server.url, [service.name for service in services()], uuid4().hex[:8])
    yield data
    data.close()


@pytest.fixture(scope="session")
def quiet_host(stores: Stores) -> Iterator[SingleHost]:
    with SingleHost(folder=stores.folder, settings=stores.settings()) as host:
        yield host


@pytest.fixture(scope="session")
def world(quiet_host: SingleHost, stores: Stores) -> Iterator[World]:
    world = World(quiet_host)
    with world.http:
        world.prepare()
        stores.quiet()
        yield world


@pytest.fixture
def nothing_changed(world: World, stores: Stores) -> Iterator[None]:
    """What is refused leaves no trace: no row, no event, no kept answer."""
    before = stores.stored()
    yield
    assert stores.changes(before) == []
