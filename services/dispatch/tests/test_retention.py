"""Histories of what dispatch forgets of an incident: the caller, where it was, what was said. Never of an open one."""

from datetime import timedelta

from services.dispatch.tests.dispatch_histories import REGENCY, Desk, Shown, a_call, a_pack, call_id

from sigap_common.contracts.calls import CallClass, CallClassified
from sigap_common.messaging.jobs import EVERY

DAY = timedelta(days=1)
SHORT = {"calls_days": 10, "positions_days": 5, "incidents_days": 20}


async def swept(desk: Desk, after: timedelta) -> None:
    desk.kit.clock.advance(after.total_seconds())
    await desk.kit.runtime.sweeps.sweep()


async def the_incident(desk: Desk) -> Shown:
    listed = await desk.incident()
    found: Shown = (await desk.ask("GET", f"/v1/incidents/{listed['id']}")).json()
    return found


async def closed(desk: Desk) -> Shown:
    incident = await desk.incident()
    answer = await desk.ask(
        "POST", f"/v1/incidents/{incident['id']}/close", {"disposition": "resolved", "note": "aman"}
    )
    assert answer.status_code == 200, answer.text
    return incident


async def test_caller_position_and_words_each_go_when_their_own_period_is_over(desk: Desk) -> None:
    await desk.kit.configure(a_pack(retention=SHORT), version=2)
    await desk.classified()
    await closed(desk)

    await swept(desk, 5 * DAY)
    found = await the_incident(desk)
    assert (found["place"]["lat"], found["place"]["address"]) == (None, "Pasar Lama")
    assert found["caller_number"] == "+628111222333"

    await swept(desk, 5 * DAY)
    found = await the_incident(desk)
    assert (found["caller_number"], found["caller_name"]) == (None, None)
    assert [note["text"] for note in found["notes"]][:1] == ["api besar"]

    await swept(desk, 10 * DAY)
    found = await the_incident(desk)
    assert found["place"]["address"] is None
    assert {note["text"] for note in found["notes"]} == {""}
    timeline = await desk.ask("GET", f"/v1/incidents/{found['id']}/timeline")
    assert timeline.status_code == 200
    assert not any(word in timeline.text for word in ("api besar", "Pasar Lama", "+628111222333", "Budi", "aman"))
    assert found["number"], "what figures are made of stays"


async def test_an_open_incident_keeps_all_and_loses_it_after_its_end(desk: Desk) -> None:
    await desk.kit.configure(a_pack(retention=SHORT), version=2)
    await desk.classified()
    await swept(desk, 30 * DAY)
    assert (await the_incident(desk))["caller_number"] == "+628111222333"
    await closed(desk)
    await swept(desk, EVERY)
    assert (await the_incident(desk))["caller_number"] is None


async def test_an_incident_whose_call_the_pack_holds_stays(desk: Desk) -> None:
    holds = [{"subject": str(call_id(1)), "reason": "LP/B/12/II/2024"}]
    await desk.kit.configure(a_pack(retention={**SHORT, "holds": holds}), version=2)
    await desk.classified()
    await closed(desk)
    await swept(desk, 30 * DAY)
    assert (await the_incident(desk))["caller_number"] == "+628111222333"


async def test_an_event_that_comes_again_after_all_is_over_brings_nothing_back(desk: Desk) -> None:
    """Its inbox row is gone by then, as after a restored backup or a dead letter that is replayed."""
    await desk.kit.configure(a_pack(retention=SHORT), version=2)
    call = a_call(received_at=desk.now, answered_at=desk.now)
    event = CallClassified(
        at=desk.now, recorded_at=desk.now, call_class=CallClass.EMERGENCY, incident_type="fire", call=call
    )
    message = desk.kit.message(event, str(call_id(1)), regency=REGENCY)
    await desk.kit.hear_again(message)
    await closed(desk)
    await swept(desk, 30 * DAY)
    await desk.kit.hear_again(message)

    found = await the_incident(desk)
    assert (found["caller_number"], found["place"]["lat"], found["place"]["address"]) == (None, None, None)
