"""Each event of a call is applied once on the way of a command: what was decided is what is recorded."""

from typing import Any

from sigap_intake.domain import evolve
from sigap_testing.counted import count_calls


async def test_each_event_of_a_call_is_applied_once(arrive: Any, desk: Any) -> None:
    with count_calls(evolve) as calls:
        call = await arrive()
        steps = {"answer": None, "classification": {"call_class": "prank"}, "end": {"ended_by": "operator"}}
        for name, body in steps.items():
            answer = await desk("POST", f"/v1/calls/{call['id']}/{name}", body)
            assert answer.status_code == 200, answer.text
    timeline = (await desk("GET", f"/v1/calls/{call['id']}/timeline")).json()["items"]
    assert calls() == len(timeline) == 4
