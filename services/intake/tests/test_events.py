"""What intake hears, and what it says to the queue's screens."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from sigap_common.auth import Access, Role
from sigap_common.contracts.calls import CallReceived
from sigap_common.contracts.regencies import RegencyApplied
from sigap_common.regency import Pack
from sigap_intake.main import service
from sigap_intake.visibility.calls import POLICY
from sigap_testing.kit import Kit, started
from sigap_testing.patience import patience
from sigap_testing.sse import messages

from .conftest import Arrive, Desk


def an_access(*roles: Role, regency: str = "99.01", kit: Kit) -> Access:
    return Access("ani", frozenset(roles), frozenset({regency}), None, kit.clock())


async def test_a_regency_that_nobody_wrote_code_for_takes_calls(kit: Kit, desk: Desk) -> None:
    body = {"regency": "99.03", "channel": "walk_in"}
    nation = {"regencies": ("*",)}
    assert (await desk("POST", "/v1/calls", body, **nation)).status_code == 404
    await kit.configure(Pack.model_validate({"code": "99.03", "name": "Baru", "time_zone": "Asia/Jayapura"}))
    assert (await desk("POST", "/v1/calls", body, **nation)).status_code == 201
    applied = [heard.event for heard in await kit.said(RegencyApplied)]
    assert [(answer.service, answer.version) for answer in applied] == [("intake", 1)] * 3


async def test_a_changed_zone_is_in_force_at_once(kit: Kit, desk: Desk) -> None:
    assert (await desk("GET", "/v1/zones?lat=0&lon=100.5")).json()["owner"] == "99.01"
    await kit.configure(Pack.model_validate({"code": "99.01", "name": "Kecil", "time_zone": "Asia/Jakarta"}), version=2)
    assert (await desk("GET", "/v1/zones?lat=0&lon=100.5")).json()["owner"] is None


async def test_the_zones_are_there_again_after_a_restart(kit: Kit, database_url: str, tmp_path: Path) -> None:
    async with started(service, database_url, tmp_path) as again:
        headers = again.bearer("operator")
        assert (await again.client.get("/v1/zones?lat=0&lon=100.5", headers=headers)).json()["owner"] == "99.01"


async def test_an_event_names_its_call_regency_and_order(kit: Kit, arrive: Arrive, desk: Desk) -> None:
    call = await arrive(drill=True)
    await desk("POST", f"/v1/calls/{call['id']}/answer")
    said = [heard.envelope for heard in await kit.said() if heard.envelope.subject == call["id"]]
    assert [(e.type, e.sequence) for e in said] == [("sigap.CallReceived.v1", 1), ("sigap.CallAnswered.v1", 2)]
    assert {(e.source, e.regency, e.drill, e.partitionkey) for e in said} == {("intake", "99.01", True, call["id"])}


async def test_a_queue_screen_sees_its_own_regency_opened(kit: Kit, arrive: Arrive) -> None:
    await arrive(number="081234567890")
    (heard,) = await kit.said(CallReceived)
    operator = POLICY.event(heard, an_access(Role.operator, kit=kit))
    assert operator is not None
    assert operator["number"] == "+6281234567890"
    admin = POLICY.event(heard, an_access(Role.admin, kit=kit))
    assert admin is not None
    assert admin["number"] is None
    assert POLICY.event(heard, an_access(Role.operator, regency="99.02", kit=kit)) is None


async def test_a_late_entry_is_not_seen_waiting(kit: Kit, arrive: Arrive) -> None:
    await arrive("supervisor", backfilled=True, received_at="2024-02-18T03:00:00Z")
    (heard,) = await kit.said(CallReceived)
    assert POLICY.event(heard, an_access(Role.operator, kit=kit)) is None


@pytest.mark.parametrize(("steps", "shown"), [(("answer",), 2), (("end",), 2), (("answer", "notes"), 2)])
async def test_a_queue_screen_sees_what_moves_the_queue(
    kit: Kit, arrive: Arrive, desk: Desk, steps: tuple[str, ...], shown: int
) -> None:
    call = await arrive()
    bodies = {"answer": {}, "end": {"ended_by": "caller"}, "notes": {"text": "halo"}}
    for step in steps:
        await desk("POST", f"/v1/calls/{call['id']}/{step}", bodies[step])
    access = an_access(Role.operator, kit=kit)
    seen = [POLICY.event(heard, access) for heard in await kit.said()]
    assert len([one for one in seen if one is not None]) == shown
    json.dumps(seen, default=str)


async def test_the_queue_is_seen_live(kit: Kit, arrive: Arrive) -> None:
    """From the request through outbox and bus to a listener."""
    access = Access("ani", frozenset({Role.operator}), frozenset({"99.01"}), None, kit.clock() + timedelta(hours=1))
    await kit.runtime.start()
    try:
        with kit.runtime.stream.listener(access, POLICY) as listener:
            sendings = kit.runtime.stream.sendings(listener, None)
            async with asyncio.timeout(patience(20)):
                assert messages((await anext(sendings)).body)[0].event == "ready"
                call = await arrive(number="081234567890")
                (message,) = messages((await anext(sendings)).body)
    finally:
        await kit.runtime.stop()
    assert (message.event, message.data["subject"]) == ("CallReceived", call["id"])
    assert message.data["event"]["number"] == "+6281234567890"
