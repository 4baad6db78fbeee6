"""The gauges of the queue, as Prometheus reads them."""

from sigap_common.app.gauges import LOOK_SECONDS
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk


async def figures(kit: Kit) -> dict[str, float]:
    kit.clock.advance(LOOK_SECONDS)
    text = (await kit.client.get("/metrics")).text
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("sigap_calls_"))
    return {name: float(value) for name, value in pairs}


WAITING = 'sigap_calls_waiting{regency="99.01",service="intake"}'
LONGEST = 'sigap_calls_longest_waiting_seconds{regency="99.01",service="intake"}'


async def test_they_count_who_waits_and_since_when_and_fall_silent_with_the_queue(
    kit: Kit, desk: Desk, arrive: Arrive
) -> None:
    assert await figures(kit) == {}
    first = await arrive()
    kit.clock.advance(20)
    second = await arrive()
    await arrive("admin", drill=True)
    assert await figures(kit) == {WAITING: 2, LONGEST: 20 + LOOK_SECONDS}
    for call in (first, second):
        assert (await desk("POST", f"/v1/calls/{call['id']}/answer", {})).status_code == 200
    assert await figures(kit) == {}
