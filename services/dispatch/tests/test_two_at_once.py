"""Two dispatchers give the same incident opposite orders in one moment: one wins, the other gets the new state."""

import asyncio
from typing import Any

import httpx
import pytest
from services.dispatch.tests.dispatch_histories import Desk, Shown

from sigap_dispatch.main import service
from sigap_testing.kit import another_process

Order = tuple[str, str, dict[str, Any]]
CLOSE: Order = ("POST", "/close", {"disposition": "resolved"})
CANCEL: Order = ("POST", "/cancel", {"reason": "anak bermain"})
LEVEL: Order = ("POST", "/alarm-level", {"alarm_level": 2, "seen": 1, "reason": "merambat"})
PRIORITY: Order = ("PATCH", "", {"priority": 3})
REOPEN: Order = ("POST", "/reopen", {})


async def give(desk: Desk, incident: Shown, order: Order, **headers: str) -> httpx.Response:
    method, path, body = order
    return await desk.ask(method, f"/v1/incidents/{incident['id']}{path}", body, **headers)


async def both(desk: Desk, incident: Shown, one: Order, other: Order) -> list[httpx.Response]:
    """Both orders in one moment, in two processes, by dispatchers whose screens show the same version."""
    read = {"If-Match": f'"{incident["version"]}"'}
    async with another_process(desk.kit, service) as kit:
        return list(await asyncio.gather(give(desk, incident, one, **read), give(Desk(kit), incident, other, **read)))


@pytest.mark.parametrize("one", [CLOSE, CANCEL])
@pytest.mark.parametrize("other", [LEVEL, PRIORITY])
async def test_of_an_end_and_a_change_one_wins_and_the_other_gets_the_new_state(
    desk: Desk, one: Order, other: Order
) -> None:
    await desk.classified(1)
    answers = await both(desk, await desk.incident(), one, other)
    [won] = [answer for answer in answers if answer.status_code == 200]
    [lost] = [answer for answer in answers if answer.status_code == 412]
    assert lost.json()["state"] == won.json()["state"]
    assert lost.headers["etag"] == won.headers["etag"] == f'"{(await desk.incident())["version"]}"'


async def test_of_two_who_reopen_one_wins(desk: Desk) -> None:
    await desk.classified(1)
    await give(desk, await desk.incident(), CLOSE)
    answers = await both(desk, await desk.incident(), REOPEN, REOPEN)
    assert sorted(answer.status_code for answer in answers) == [200, 412]


@pytest.mark.parametrize("order", [CANCEL, CLOSE, LEVEL])
async def test_a_refusal_by_the_state_has_its_etag(desk: Desk, order: Order) -> None:
    await desk.classified(1)
    incident = await desk.incident()
    closed = await give(desk, incident, CLOSE)
    refused = await give(desk, incident, order)
    assert (refused.status_code, refused.json()["state"]) == (409, "closed")
    assert refused.headers["etag"] == closed.headers["etag"]
