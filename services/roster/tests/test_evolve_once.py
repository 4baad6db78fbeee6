"""Each event of a roster or a duty is applied once on the way of a command: what was decided is what is recorded."""

from sigap_roster.domain import duty, roster
from sigap_testing.counted import count_calls

from .conftest import Desk, Draft, Enter


async def test_each_event_of_a_roster_and_of_a_duty_is_applied_once(enter: Enter, publish: Draft, desk: Desk) -> None:
    budi = await enter("Budi")
    with count_calls(roster.evolve) as rosters, count_calls(duty.evolve) as duties:
        await publish((budi, 19, "pagi"))
        [planned] = (await desk("GET", "/v1/duties")).json()["items"]
        assert (await desk("POST", f"/v1/duties/{planned['id']}/start")).status_code == 200
    assert (rosters(), duties()) == (1, 1)
