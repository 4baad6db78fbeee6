"""What dispatch makes of what it hears, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from services.dispatch.tests.dispatch_histories import HARBOUR, Desk, Part, Shown, a_call, a_pack, call_id

from sigap_common.app.background import timers_together, watch_due_together
from sigap_common.app.manifest import Background
from sigap_common.contracts import topics
from sigap_common.contracts.agencies import (
    NotificationDelayed,
    NotificationFailed,
    NotificationRerouted,
    Response,
)
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import CallClass, CallClassified, CallReclassified
from sigap_common.contracts.incidents import (
    AcknowledgementMissed,
    DeliveryFailed,
    ForwardingRevised,
    IncidentAcknowledged,
    IncidentCreated,
    IncidentForwarded,
    IncidentStatusChanged,
)
from sigap_common.contracts.zones import Zone
from sigap_dispatch.main import service
from sigap_dispatch.models import incidents
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.resources import DispatchResources
from sigap_dispatch.settings import DispatchSettings
from sigap_dispatch.use_cases.incidents import meet_deadlines
from sigap_testing.eventually import eventually
from sigap_testing.kit import another_process

PRANK = CallClass.PRANK
Watch = Background[DispatchSettings, DispatchResources, DispatchTransaction]
WEBHOOK = {"endpoint": "hook", "channel": "webhook"}


async def test_a_call_classified_as_an_emergency_becomes_an_incident_with_its_number(desk: Desk) -> None:
    call = await desk.classified()
    incident = await desk.incident()
    assert incident["number"] == "CTH-20240219-0001"
    assert incident["call_id"] == str(call)
    assert [f["agency"] for f in incident["forwardings"]] == ["99.01/fire", "99.01/police", "99.01/ambulance"]
    assert await desk.timeline(incident) == ["IncidentCreated"] + ["IncidentForwarded"] * 3
    created, *forwarded = await desk.kit.said(IncidentCreated, IncidentForwarded)
    assert [one.envelope.sequence for one in (created, *forwarded)] == [1, 2, 3, 4]
    assert created.envelope.causationid is not None


async def test_dispatch_creates_exactly_one_incident_for_each_call_by_its_cause_not_by_the_inbox(desk: Desk) -> None:
    event_id = uuid4()
    await desk.classified(event_id=event_id)
    await desk.classified(event_id=event_id)
    await desk.classified(event_id=uuid4())
    assert len(await desk.incidents()) == 1
    await desk.classified(2)
    assert sorted(i["number"][-4:] for i in await desk.incidents()) == ["0001", "0002"]


async def test_two_replicas_that_hear_of_one_call_at_the_same_moment_open_one_incident(desk: Desk) -> None:
    async with another_process(desk.kit, service) as other:
        replicas = [desk, Desk(other)] * 2
        await asyncio.gather(*(replica.classified(1, event_id=uuid4()) for replica in replicas))
    incident = await desk.incident()
    assert await desk.timeline(incident) == ["IncidentCreated"] + ["IncidentForwarded"] * 3


@pytest.mark.parametrize("other", [c for c in CallClass if c != CallClass.EMERGENCY])
async def test_other_classes_open_nothing(desk: Desk, other: CallClass) -> None:
    await desk.classified(call_class=other)
    assert await desk.incidents() == []


async def test_a_call_that_names_an_open_incident_becomes_a_report_on_it(desk: Desk) -> None:
    await desk.classified(1)
    first = await desk.incident()
    await desk.classified(2, same=UUID(first["id"]))
    await desk.classified(2, same=UUID(first["id"]))
    incident = await desk.incident()
    assert (incident["reports"], incident["version"] - first["version"]) == (2, 4)


async def test_naming_a_closed_or_unknown_incident_opens_a_new_one_linked(desk: Desk) -> None:
    await desk.classified(1)
    first = await desk.incident()
    await desk.ask("POST", f"/v1/incidents/{first['id']}/close", {"disposition": "resolved"})
    await desk.classified(2, same=UUID(first["id"]))
    unknown = uuid4()
    await desk.classified(3, same=unknown)
    assert [i["linked_to"] for i in await desk.incidents(open=True)] == [str(unknown), first["id"]]


async def test_a_drill_matches_no_real_incident_and_has_its_own_number_series(desk: Desk) -> None:
    await desk.classified(1)
    real = await desk.incident()
    await desk.classified(2, drill=True, same=UUID(real["id"]))
    [drill] = await desk.incidents(drill=True)
    assert (drill["number"], drill["linked_to"]) == ("CTH-LATIHAN-20240219-0001", None)
    assert [f["agency"] for f in drill["forwardings"]] == ["99.01/drill"]
    assert (await desk.kit.said(IncidentCreated))[1].envelope.drill
    assert [i["reports"] for i in await desk.incidents(drill=False)] == [1]


async def test_an_emergency_in_anothers_zone_still_opens_where_it_was_answered(desk: Desk) -> None:
    await desk.classified(1, zone=Zone(owner="99.02"))
    incident = await desk.incident()
    assert (incident["regency"], incident["zone_owner"]) == ("99.01", "99.02")
    assert incident["forwardings"]


async def test_the_number_counts_by_the_regencys_local_day(desk: Desk) -> None:
    desk.kit.clock.moment = datetime(2024, 2, 19, 16, 59, tzinfo=UTC)  # 23:59 in Jakarta
    await desk.classified(1)
    desk.kit.clock.advance(120)
    await desk.classified(2)
    assert sorted(i["number"] for i in await desk.incidents()) == ["CTH-20240219-0001", "CTH-20240220-0001"]


async def test_a_late_entry_gives_its_incident_its_number_day_and_start(desk: Desk) -> None:
    long_ago = datetime(2018, 11, 15, 17, 30, tzinfo=UTC)  # already the 16th in Jakarta
    await desk.classified(received_at=long_ago, answered_at=None, backfilled=True, notify=False)
    incident = await desk.incident()
    assert (incident["number"], incident["day"]) == ("CTH-20181116-0001", "2018-11-16")
    assert incident["started_at"] == "2018-11-15T17:30:00Z"
    assert (incident["forwardings"], incident["due_at"]) == ([], None)


async def test_a_call_of_a_regency_that_is_not_configured_yet_waits_for_it(desk: Desk) -> None:
    classified = CallClassified(
        at=desk.now, recorded_at=desk.now, call_class=CallClass.EMERGENCY, incident_type="fire", call=a_call()
    )
    await desk.kit.hear(classified, subject=str(call_id(1)), regency="99.77")
    assert await desk.kit.said(IncidentCreated) == []
    await desk.kit.configure(a_pack(code="99.77"))
    desk.kit.clock.advance(1)
    assert await desk.kit.runtime.consumer.retry_one()
    [created] = await desk.kit.said(IncidentCreated)
    assert created.envelope.regency == "99.77"


async def test_what_is_noted_before_classification_is_ignored_after_it_reaches_the_incident(desk: Desk) -> None:
    await desk.noted(1, "sebelum")
    await desk.classified(1, notes=())
    await desk.noted(1, "sesudah")
    incident = await desk.incident()
    assert [note["text"] for note in incident["notes"]] == ["sesudah"]
    assert {h.event.reason for h in await desk.kit.said(ForwardingRevised)} == {"noted"}


async def test_a_caller_described_after_the_classification_reaches_the_calls_own_incident_and_a_report_as_a_note(
    desk: Desk,
) -> None:
    await desk.classified(1, notes=(), caller_name=None)
    first = await desk.incident()
    await desk.classified(2, same=UUID(first["id"]), notes=())
    await desk.described(1, "Ibu Sri")
    await desk.described(2, "Pak Tono")
    incident = await desk.incident()
    assert (incident["caller_name"], incident["callback_number"]) == ("Ibu Sri", "+628123")
    assert [note["text"] for note in incident["notes"]] == ["Laporan ke-2, penelepon: Pak Tono, +628123"]
    reasons = [h.event.reason for h in await desk.kit.said(ForwardingRevised)]
    assert reasons == ["reported_again"] * 3 + ["caller_described"] * 3 + ["noted"] * 3


async def test_what_is_located_after_classification_moves_the_calls_own_incident_only(desk: Desk) -> None:
    await desk.classified(1)
    first = await desk.incident()
    await desk.classified(2, same=UUID(first["id"]))
    await desk.located(2, HARBOUR)
    assert (await desk.incident())["place"]["address"] == "Pasar Lama"
    await desk.located(1, HARBOUR)
    incident = await desk.incident()
    assert incident["place"]["address"] == "Pelabuhan"
    assert all(f["needs_acknowledgement"] for f in incident["forwardings"])


async def test_reclassifying_marks_doubted_and_correcting_back_ends_the_doubt(desk: Desk) -> None:
    await desk.classified(1)
    await desk.corrected(1, PRANK, None)
    assert (await desk.incident())["doubted"]
    await desk.corrected(1, before=PRANK)
    incident = await desk.incident()
    assert (incident["doubted"], incident["state"]) == (False, "forwarded")


async def test_a_prank_corrected_to_an_emergency_opens_the_incident_at_once(desk: Desk) -> None:
    await desk.classified(1, PRANK, None)
    desk.kit.clock.advance(90)
    await desk.corrected(1, before=PRANK)
    incident = await desk.incident()
    assert incident["corrected_at"] == "2024-02-19T03:01:30Z"
    assert incident["answered_at"] == "2024-02-19T03:01:20Z"
    assert len(incident["forwardings"]) == 3


async def test_help_that_was_cancelled_as_a_prank_is_sent_anew_when_it_was_none(desk: Desk) -> None:
    await desk.classified(1)
    first = await desk.incident()
    await desk.corrected(1, PRANK, None)
    await desk.ask("POST", f"/v1/incidents/{first['id']}/close", {"disposition": "prank"})
    await desk.corrected(1, before=PRANK)
    await desk.corrected(1, before=PRANK)
    [again] = await desk.incidents(open=True)
    assert again["linked_to"] == first["id"]


async def test_what_is_heard_again_of_a_call_opens_nothing_after_its_incident_was_closed(desk: Desk) -> None:
    await desk.classified(1)
    await closed(desk, await desk.incident())
    desk.kit.clock.advance(60)
    await desk.classified(1)
    assert await desk.incidents(open=True) == []


@pytest.mark.parametrize("first", [PRANK, CallClass.EMERGENCY])
async def test_nor_does_a_correction_that_is_heard_again(desk: Desk, first: CallClass) -> None:
    """The prank proves an emergency: its incident opens, or is believed again. It is closed, and the same is heard."""
    await desk.classified(1, first, None)
    if first is CallClass.EMERGENCY:
        await desk.corrected(1, PRANK, None)
    told = proves_an_emergency(desk.now)
    await desk.hear(1, told)
    desk.kit.clock.advance(60)
    await closed(desk, await desk.incident())
    desk.kit.clock.advance(60)
    await desk.hear(1, told)
    assert len(await desk.incidents()) == 1


async def test_an_incident_that_is_cancelled_before_the_correction_is_heard_opens_anew(desk: Desk) -> None:
    await desk.classified(1)
    await desk.corrected(1, PRANK, None)
    told = proves_an_emergency(desk.now)
    desk.kit.clock.advance(1)
    first = await desk.incident()
    await closed(desk, first)
    await desk.hear(1, told)
    [again] = await desk.incidents(open=True)
    assert again["linked_to"] == first["id"]


def proves_an_emergency(at: datetime) -> CallReclassified:
    """The event by which intake says that a call was an emergency, and no prank."""
    is_now = {"call_class": CallClass.EMERGENCY, "incident_type": "fire", "call": a_call()}
    return CallReclassified(at=at, recorded_at=at, before=PRANK, **is_now)


async def closed(desk: Desk, incident: Shown) -> None:
    answer = await desk.ask("POST", f"/v1/incidents/{incident['id']}/close", {"disposition": "prank"})
    assert answer.status_code == 200, answer.text


async def test_a_corrected_type_has_the_plan_evaluated_again(desk: Desk) -> None:
    await desk.classified(1)
    await desk.corrected(1, kind="traffic_accident")
    incident = await desk.incident()
    assert incident["incident_type"] == "traffic_accident"
    assert incident["proposed_withdrawals"] == ["99.01/fire", "99.01/ambulance"]
    assert [f["agency"] for f in incident["forwardings"]][-1] == "99.01/transport"


# --- agencies


async def test_an_agencys_answers_are_followed(desk: Desk) -> None:
    await desk.classified(1)
    fire = await desk.part("fire")
    for response in (Response.ACKNOWLEDGED, Response.EN_ROUTE, Response.ON_SCENE, Response.DONE):
        desk.kit.clock.advance(10)
        await fire.hear(fire.responded(response))
    incident, part = await desk.incident(), await fire.shown()
    assert (incident["state"], part["state"]) == ("on_scene", "done")
    assert part["acknowledged_at"] == "2024-02-19T03:00:10Z"
    assert (await desk.timeline(incident)).count("IncidentAcknowledged") == 1


async def test_what_comes_at_once_of_several_incidents_is_followed_together_and_what_is_unknown_waits_alone(
    desk: Desk,
) -> None:
    for n in (1, 2):
        await desk.classified(n)
    second, first = await desk.incidents()
    known = [await desk.part("fire", incident) for incident in (first, second)]
    messages = []
    for part in (*known, Part(desk, UUID(first["id"]), uuid4(), "99.01/fire")):
        told = (
            part.delivered(channel="desk"),
            part.responded(Response.ACKNOWLEDGED),
            part.responded(Response.ON_SCENE),
        )
        messages += [part.message(event) for event in told]
    mixed = messages[0::3] + messages[1::3] + messages[2::3]
    for _ in range(2):  # the bus brings them again
        await desk.kit.hear_again(*mixed)
    for incident in await desk.incidents():
        fire = incident["forwardings"][0]
        assert (incident["state"], fire["state"], fire["delivered_by"]) == ("on_scene", "on_scene", "desk")
        assert (await desk.timeline(incident))[-2:] == ["IncidentAcknowledged", "IncidentStatusChanged"]
    said = await desk.kit.said(IncidentAcknowledged, IncidentStatusChanged)
    assert {h.envelope.causationid for h in said} == {messages[n].envelope.id for n in (1, 2, 4, 5)}
    assert len(said) == 4
    async with desk.kit.runtime.database.read() as connection:
        waiting = (await connection.execute(desk.kit.runtime.tables.waiting.select())).all()
    assert [row.not_yet for row in waiting] == [True] * 3


async def test_an_answer_or_delivery_of_an_unknown_forwarding_is_waited_for(desk: Desk) -> None:
    one, other = (Part(desk, uuid4(), uuid4(), "99.01/fire") for _ in range(2))
    await one.hear(one.responded(Response.ACKNOWLEDGED))
    await other.hear(other.delivered())
    async with desk.kit.runtime.database.read() as connection:
        waiting = (await connection.execute(desk.kit.runtime.tables.waiting.select())).all()
    assert [row.not_yet for row in waiting] == [True, True]


async def test_the_first_delivery_is_kept_for_the_promise(desk: Desk) -> None:
    await desk.classified(1)
    fire = await desk.part("fire")
    for seconds, revision in ((3, 1), (20, 2)):
        lost = {"attempts": 3, "final": True, "reason": "timeout"}
        failed = fire.event(NotificationFailed, seconds, revision=revision, **WEBHOOK, **lost)
        await fire.hear(failed, fire.delivered(seconds, "desk", revision))
    shown = await fire.shown()
    assert (shown["delivered_at"], shown["delivered_by"]) == ("2024-02-19T03:00:03Z", "desk")
    assert (shown["delivered_revision"], shown["failures"], shown["failure"]) == (2, 2, "timeout")


async def in_words(part: Part) -> tuple[str, str]:
    """The trouble with its delivery, in Indonesian and in English."""
    trouble = (await part.shown())["trouble"]
    return trouble["in_words"]["id"], trouble["in_words"]["en"]


async def test_the_board_tells_the_first_failure_what_comes_of_it_and_that_it_is_over(desk: Desk) -> None:
    await desk.classified(1)
    fire = await desk.part("fire")
    assert (await fire.shown())["trouble"] is None
    await fire.hear(fire.event(NotificationDelayed, **WEBHOOK, reason="status", status=503))
    assert await in_words(fire) == (
        "Penerima (webhook) menjawab 503. Pengiriman dicoba lagi.",
        "The receiver (webhook) answered 503. It is tried again.",
    )
    gone = {"attempts": 2, "final": True, "reason": "gone", "goes_on_by": ["desk"]}
    await fire.hear(fire.event(NotificationFailed, **WEBHOOK, **gone))
    assert (await in_words(fire))[0] == (
        "Penerima (webhook) tidak mau menerima pemberitahuan lagi. Diteruskan lewat desk."
    )
    await fire.hear(fire.delivered(channel="desk"))
    assert (await in_words(fire))[0] == (
        "Penerima (webhook) tidak mau menerima pemberitahuan lagi. Instansi kemudian menerimanya lewat desk."
    )
    timeline = await desk.timeline(await desk.incident())
    assert timeline[-3:] == ["DeliveryFailed", "DeliveryFailed", "DeliveryRecovered"]
    failed, _ = [said.event for said in await desk.kit.said(DeliveryFailed)]
    assert (failed.reason, failed.status, failed.final, failed.topic) == ("status", 503, False, topics.INCIDENTS)
    assert (await fire.shown())["failures"] == 1


async def test_a_way_given_up_later_says_where_it_went_and_counts_no_second_failure(desk: Desk) -> None:
    await desk.classified(1)
    fire = await desk.part("fire")
    past = {"attempts": 4, "final": False, "reason": "share-past"}
    rerouted = {"reason": "endpoint-retired", "goes_on_by": ["desk"]}
    await fire.hear(
        fire.event(NotificationFailed, **WEBHOOK, **past), fire.event(NotificationRerouted, **WEBHOOK, **rerouted)
    )
    assert (await in_words(fire))[0] == "Titik kirim (webhook) tidak dipakai lagi. Diteruskan lewat desk."
    assert (await fire.shown())["failures"] == 1


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_second_way_that_fails_is_no_trouble_where_the_agency_has_it(desk: Desk, at_once: bool) -> None:
    await desk.classified(1)
    fire = await desk.part("fire")
    failing = fire.event(NotificationDelayed, endpoint="hook", channel="radio", reason="timeout")
    await fire.hear(fire.delivered(), failing, at_once=at_once)
    assert (await fire.shown())["trouble"] is None
    await fire.hear(fire.event(NotificationDelayed, revision=2, **WEBHOOK, reason="a-plugin-s-own"))
    assert (await in_words(fire))[0] == "Pengiriman lewat webhook gagal. Pengiriman dicoba lagi."
    await fire.hear(fire.delivered(channel="desk"))
    assert (await fire.shown())["trouble"]["recovered_at"] is None, "an older revision is not what failed"


# --- deadlines and alarms


async def test_a_missed_deadline_is_an_event_and_an_alarm_once(desk: Desk) -> None:
    await desk.classified(1)
    desk.kit.clock.advance(59)
    assert not await timers_together(desk.kit.runtime, incidents, meet_deadlines).meet_due()
    desk.kit.clock.advance(3_600)
    assert await timers_together(desk.kit.runtime, incidents, meet_deadlines).meet_due()
    assert not await timers_together(desk.kit.runtime, incidents, meet_deadlines).meet_due()
    told = await desk.timeline(await desk.incident())
    assert (told.count("AcknowledgementMissed"), told.count("AlarmRaised")) == (3, 3)
    raised = [said.event for said in await desk.kit.said(AlarmRaised)]
    await desk.kit.hear(*raised, subject="1", regency="99.01", source="dispatch")
    alarms = (await desk.ask("GET", "/v1/alarms")).json()["items"]
    assert len({alarm["label"] for alarm in alarms}) == len({alarm["agency"] for alarm in alarms}) == 3
    assert all(alarm["label"].endswith(f" {alarm['agency']}") for alarm in alarms)


async def test_a_deadline_set_by_a_clock_ahead_is_missed_when_that_is_seen(desk: Desk) -> None:
    await desk.classified(1)
    desk.kit.clock.put_back(3_600)
    assert not await timers_together(desk.kit.runtime, incidents, meet_deadlines).meet_due()
    for _ in range(2):
        await timers_together(desk.kit.runtime, incidents, meet_deadlines, timedelta()).meet_put_back()
    told = await desk.timeline(await desk.incident())
    assert (told.count("AcknowledgementMissed"), told.count("AlarmRaised")) == (3, 3)


async def test_a_deadline_set_before_a_small_step_back_is_kept(desk: Desk) -> None:
    await desk.classified(1)
    desk.kit.clock.put_back(5)
    await timers_together(desk.kit.runtime, incidents, meet_deadlines, timedelta()).meet_put_back()
    assert await desk.kit.said(AcknowledgementMissed) == []


async def test_the_running_watch_sees_that_the_clock_was_put_back(desk: Desk) -> None:
    watch: Watch = watch_due_together(incidents, meet_deadlines, timedelta(), incidents.c.priority)
    watching = asyncio.ensure_future(watch(desk.kit.runtime))
    await desk.classified(1)
    desk.kit.clock.put_back(3_600)

    async def missed() -> bool:
        return len(await desk.kit.said(AcknowledgementMissed)) == 3

    await eventually(missed)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_alarms_of_all_services_stand_until_they_are_cleared(desk: Desk) -> None:
    which, stamp = uuid4(), {"at": desk.now, "recorded_at": desk.now}
    raised = AlarmRaised(**stamp, alarm_id=which, kind="endpoint_disabled", about="endpoints/1", label="hook")

    async def hear(*events: Event) -> None:
        await desk.kit.hear(*events, subject="99.01/fire", regency="99.01", source="agency-gateway")

    await hear(raised, raised)
    [alarm] = (await desk.ask("GET", "/v1/alarms?regency=99.01")).json()["items"]
    assert (alarm["service"], alarm["kind"], alarm["label"]) == ("agency-gateway", "endpoint_disabled", "hook")
    desk.kit.clock.advance(5)
    stamp = {"at": desk.now, "recorded_at": desk.now}
    await hear(AlarmCleared(**stamp, alarm_id=which, kind="endpoint_disabled", about="endpoints/1"))
    assert (await desk.ask("GET", "/v1/alarms")).json()["items"] == []
    again = AlarmRaised(**stamp, alarm_id=which, kind="endpoint_disabled", about="endpoints/1")
    await hear(again)
    assert len((await desk.ask("GET", "/v1/alarms")).json()["items"]) == 1


async def test_alarms_are_bound_by_the_tokens_regencies(desk: Desk) -> None:
    raised = AlarmRaised(at=desk.now, recorded_at=desk.now, alarm_id=uuid4(), kind="x", about="calls/1")
    await desk.kit.hear(raised, subject="1", regency="99.02")
    assert (await desk.ask("GET", "/v1/alarms")).json()["items"] == []
    assert (await desk.ask("GET", "/v1/alarms?regency=99.02")).status_code == 403


async def test_no_personal_data_lies_in_the_clear_in_tables_or_events(desk: Desk) -> None:
    await desk.classified(1, notes=())
    await desk.noted(1, "KENARI sedang terbakar")
    runtime = desk.kit.runtime
    async with runtime.database.read() as connection:
        for table in (incidents, runtime.tables.timeline, runtime.tables.outbox):
            text = repr((await connection.execute(table.select())).all())
            # Positions of open incidents are columns, because duplicates are searched by them.
            position = () if table is incidents else ("-3.79",)
            for canary in ("KENARI", "8111222333", "Budi", "Pasar Lama", *position):
                assert canary not in text, (table.name, canary)
