"""A running host with two regencies, and one of everything in both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.hostile.world import World

from sigap_testing.cluster import SingleHost

from .webhooks import Webhooks, receiving


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("redaction")
    with SingleHost(folder=folder) as host:
        world = World(host)
        with world.http:
            world.prepare()
            yield world


@pytest.fixture(scope="module")
def webhooks(world: World) -> Iterator[Webhooks]:
    with receiving(world) as webhooks:
        yield webhooks
