"""Work that takes the processor for long is done beside the event loop, which goes on meanwhile."""

from collections.abc import Iterator

import pytest

from sigap_testing.heartbeat import ALARM_SECONDS, WatchedHost

from .attacks import Heavy
from .stored import SqliteData
from .world import World


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedHost]:
    with WatchedHost(folder=tmp_path_factory.mktemp("busy-host")) as host:
        yield host


@pytest.mark.timeout(300)
def test_heavy_work_leaves_the_loop_to_others(watched: WatchedHost) -> None:
    world, slow = World(watched), {}
    with world.http:
        world.prepare()
        SqliteData(watched.folder).quiet()
        for what, attack in Heavy(world, str(watched.folder / "data")).all():
            stop, _ = watched.least_stop(attack, lambda seen: seen.stood, ALARM_SECONDS)
            if stop > ALARM_SECONDS:
                slow[what] = round(stop, 3)
    assert slow == {}, "seconds for which the loop stood still"
