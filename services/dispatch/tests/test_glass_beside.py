"""What a person opens or merges through a broken glass is seen as long as the glass is open, and no longer."""

from typing import Any
from uuid import UUID

import pytest
from services.dispatch.tests.dispatch_histories import HARBOUR, REGENCY, Desk, Shown, call_id

from sigap_common.contracts.alarms import AlarmRaised

KDRT = "domestic_violence"
BUDI = "budi"


async def ask(desk: Desk, method: str, path: str, body: Any = None, role: str = "operator") -> Shown:
    bearer = desk.kit.bearer(role, regencies=[REGENCY], subject=BUDI)
    answer = await desk.kit.client.request(method, path, json=body, headers=bearer)
    assert answer.status_code in (200, 201), answer.text
    shown: Shown = answer.json()
    return shown


async def sees(desk: Desk, one: Shown) -> bool:
    return not (await ask(desk, "GET", f"/v1/incidents/{one['id']}"))["hidden"]


async def protected_with_report(desk: Desk) -> Shown:
    await desk.classified(1, kind=KDRT)
    first = await desk.incident()
    await desk.classified(2, same=UUID(first["id"]))
    await ask(desk, "POST", f"/v1/incidents/{first['id']}/break-glass", {"reason": "Petugas minta alamat"})
    return first


async def opened(desk: Desk, first: Shown, how: str) -> Shown:
    if how == "from a report":
        path = f"/v1/incidents/{first['id']}/reports/{call_id(2)}/own-incident"
        return await ask(desk, "POST", path, {"incident_type": "fire"})
    further = {"regency": REGENCY, "source": "call", "call_id": str(call_id(1)), "incident_type": "fire"}
    return await ask(desk, "POST", "/v1/incidents", further)


@pytest.mark.parametrize("how", ["from a report", "a further one of the call"])
async def test_what_was_opened_through_a_glass_is_seen_as_long_as_the_glass_is_open(desk: Desk, how: str) -> None:
    first = await protected_with_report(desk)
    own = await opened(desk, first, how)
    assert [await sees(desk, one) for one in (first, own)] == [True, True]
    kinds = [(one.envelope.subject, one.event.kind) for one in await desk.kit.said(AlarmRaised)]
    assert kinds.count((own["id"], "glass_broken")) == 1, "the supervisor is told"
    desk.kit.clock.advance(3601)
    assert [await sees(desk, one) for one in (first, own)] == [False, False]


async def test_a_dispatcher_does_not_become_responsible_for_good_through_a_glass(desk: Desk) -> None:
    first = await protected_with_report(desk)
    path = f"/v1/incidents/{first['id']}/reports/{call_id(2)}/own-incident"
    own = await ask(desk, "POST", path, {"incident_type": "fire"}, "dispatcher")
    desk.kit.clock.advance(3601)
    assert not await sees(desk, own)


async def test_a_merger_through_a_glass_gives_no_lasting_sight_of_the_other_one(desk: Desk) -> None:
    first = await protected_with_report(desk)
    await desk.classified(3, kind=KDRT, place=HARBOUR, caller_hash="h3")
    second = (await desk.incidents())[0]
    await ask(desk, "POST", f"/v1/incidents/{second['id']}/break-glass", {"reason": "sama?"})
    await ask(desk, "POST", f"/v1/incidents/{first['id']}/merge", {"other": second["id"]})
    await desk.classified(4, place=HARBOUR, caller_hash="h4")
    third = (await desk.incidents())[0]
    assert await sees(desk, second)
    desk.kit.clock.advance(3601)
    assert [await sees(desk, one) for one in (first, second)] == [False, False]
    assert await sees(desk, third)


async def test_what_becomes_protected_by_a_merger_through_a_glass_is_seen_until_it_closes(desk: Desk) -> None:
    first = await protected_with_report(desk)
    await desk.classified(3, place=HARBOUR, caller_hash="h3")
    open_one = (await desk.incidents())[0]
    await ask(desk, "POST", f"/v1/incidents/{first['id']}/merge", {"other": open_one["id"]})
    assert await sees(desk, open_one)
    desk.kit.clock.advance(3601)
    assert not await sees(desk, open_one)


async def test_who_takes_a_merged_incident_out_gets_no_sight_of_the_other_one(desk: Desk) -> None:
    first = await protected_with_report(desk)
    await desk.classified(3, kind=KDRT, place=HARBOUR, caller_hash="h3")
    second = (await desk.incidents())[0]
    merged = await desk.ask("POST", f"/v1/incidents/{first['id']}/merge", {"other": second["id"]}, "supervisor")
    assert merged.status_code == 200, merged.text
    await ask(desk, "POST", f"/v1/incidents/{first['id']}/unmerge")
    assert not await sees(desk, second)
