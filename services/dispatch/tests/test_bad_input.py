"""What makes no sense is refused with a clear problem and changes nothing. `test_regencies.py` has plans and packs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import REGENCY, Desk, Shown
from services.dispatch.tests.test_duplicates import merge, path, read, third_beside, two_at_the_market

Document = dict[str, Any]


def deadline(desk: Desk, **ago: float) -> str:
    return (desk.now - timedelta(**ago)).isoformat()


REQUESTS: dict[str, tuple[str, Callable[[Desk], Document], set[str]]] = {
    "an unknown agency": ("forwardings", lambda _: {"agency": f"{REGENCY}/navy"}, {"/agency"}),
    "an agency of a regency that lends none": ("forwardings", lambda _: {"agency": "99.77/fire"}, {"/agency"}),
    "a deadline in the past": (
        "forwardings",
        lambda desk: {"agency": f"{REGENCY}/transport", "acknowledge_by": deadline(desk, seconds=1)},
        {"/acknowledge_by"},
    ),
    "a deadline of this moment": (
        "forwardings",
        lambda desk: {"agency": f"{REGENCY}/transport", "acknowledge_by": deadline(desk)},
        {"/acknowledge_by"},
    ),
    "a share with oneself that is over": (
        "shares",
        lambda desk: {"to": REGENCY, "profile": "none", "until": deadline(desk, hours=1)},
        {"/to", "/until"},
    ),
    "a share with nobody": (
        "shares",
        lambda desk: {"to": "98.76", "profile": "none", "until": deadline(desk, hours=-1)},
        {"/to"},
    ),
    "an offer to oneself": ("transfers", lambda _: {"to": REGENCY}, {"/to"}),
    "an end in the future": (
        "close",
        lambda desk: {"disposition": "doused", "at": deadline(desk, minutes=-10)},
        {"/at"},
    ),
    "an unknown end": ("close", lambda _: {"disposition": "meteor"}, {"/disposition"}),
}


@pytest.mark.parametrize("case", REQUESTS)
async def test_a_request_that_makes_no_sense_is_refused_and_changes_nothing(desk: Desk, case: str) -> None:
    await desk.classified(1)
    incident = await desk.incident()
    below, body, places = REQUESTS[case]
    before = await everything(desk, incident)
    refused = await desk.ask("POST", path(incident, below), body(desk))
    assert refused.status_code == 422, refused.text
    assert {error["pointer"].removeprefix("#") for error in refused.json()["errors"]} == places
    assert all(error["detail"] for error in refused.json()["errors"])
    assert await everything(desk, incident) == before


async def everything(desk: Desk, *incidents: Shown) -> list[Any]:
    """What is shown of the incidents, and their timelines."""
    return [(await read(desk, one), await desk.timeline(one)) for one in incidents]


async def test_a_merger_with_itself_in_a_ring_or_of_what_is_closed_is_refused_and_changes_nothing(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    third = await third_beside(desk, first, second)
    all_three = (first, second, third)

    async def refused(one: Shown, into: Shown, *expected: Any) -> None:
        before = await everything(desk, *all_three)
        answer = await desk.ask("POST", path(one, "merge"), {"other": into["id"]})
        assert answer.status_code == expected[0], answer.text
        problem = answer.json()
        errors = [error["code"] for error in problem.get("errors", ())]
        assert (errors or [problem["state"]]) == [expected[1]]
        assert problem["title"]
        assert await everything(desk, *all_three) == before

    await refused(first, first, 422, "merge_with_itself")
    await merge(desk, second, first)
    await refused(first, second, 409, "merged")
    await refused(second, third, 409, "merged")
    await refused(third, second, 409, "merged")
    await merge(desk, first, third)
    for last in (first, second):
        await refused(third, last, 409, "merged")
    assert (await desk.ask("POST", path(third, "close"), {"disposition": "doused"})).status_code == 200
    await refused(third, first, 409, "closed")
    assert (await desk.ask("POST", path(first, "unmerge"))).status_code == 200
    await refused(first, third, 409, "closed")
