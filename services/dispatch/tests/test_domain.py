"""How incidents begin and what becomes known of them, as histories."""

from datetime import timedelta

import pytest
from services.dispatch.tests.dispatch_histories import (
    HARBOUR,
    MARKET,
    NOON,
    REGENCY,
    History,
    a_note,
    a_pack,
    call_id,
    forwarded_to,
    only,
)

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import CallerDetails
from sigap_common.contracts.incidents import (
    ForwardingRevised,
    IncidentCreated,
    IncidentForwarded,
    IncidentReportAdded,
    IncidentState,
    IncidentUpdated,
    Source,
)
from sigap_common.contracts.notes import IncidentNoted
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.commands import (
    Amend,
    Close,
    CorrectCall,
    DescribeCaller,
    DoubtCall,
    LocateFromCall,
    NoteFromCall,
    Tick,
)
from sigap_testing.histories import then, then_one

OURS, THEIRS = Zone(owner="99.01"), Zone(owner="99.02", neighbours=("99.01",))


def test_the_plan_of_regency_and_type_names_the_agencies_each_with_a_deadline(history: History) -> None:
    events = history.opens("fire", priority=2)
    then(events, IncidentCreated, IncidentForwarded, IncidentForwarded)
    assert forwarded_to(events) == ["fire", "police"]
    assert {e.acknowledge_by for e in only(IncidentForwarded, events)} == {NOON + timedelta(seconds=60)}
    assert history.incident.state == IncidentState.FORWARDED


def test_a_more_urgent_incident_wants_more_agencies_and_a_kind_without_a_plan_uses_its_parents(
    history: History,
) -> None:
    assert forwarded_to(history.opens("fire", priority=1)) == ["fire", "police", "ambulance"]
    small = History(a_pack())
    assert forwarded_to(small.opens("fire_small", priority=None)) == ["fire", "police"]
    assert small.incident.priority == 4


@pytest.mark.parametrize(("kind", "place"), [(None, None), ("unheard_of", None), ("earthquake", None)])
def test_an_emergency_without_place_known_type_or_plan_still_opens_one(
    history: History, kind: str | None, place: Place | None
) -> None:
    then(history.opens(kind, priority=None, place=place), IncidentCreated)
    assert history.incident.state == IncidentState.CREATED
    assert history.incident.incident_type == kind


def test_an_incident_with_no_agency_told_within_30_s_is_an_alarm(history: History) -> None:
    history.opens(None)
    assert history.incident.due_at == NOON + timedelta(seconds=30)
    assert history.at(29.9).when(Tick()) == []
    alarm = then_one(history.at(30).when(Tick()), AlarmRaised)
    assert (alarm.kind, alarm.label) == ("no_agency", "CTH-20240219-0001")
    assert history.at(60).when(Tick()) == []
    assert history.incident.due_at is None
    [cleared] = only(AlarmCleared, history.at(70).when(Amend(incident_type="fire")))
    assert cleared.alarm_id == alarm.alarm_id


def test_what_an_agency_may_see_goes_with_each_forwarding(history: History) -> None:
    content = only(IncidentForwarded, history.opens())[0].content
    assert content.place == MARKET
    assert content.caller_number == Sealed("+628111222333")
    assert [note.text.clear for note in content.notes] == ["api besar"]
    assert (content.type_label, content.reports, content.drill) == ("Kebakaran", 1, False)


def test_a_protected_type_marks_incident_and_content_and_correcting_it_does_not_lift_protection(
    history: History,
) -> None:
    events = history.opens("domestic_violence")
    then(events, IncidentCreated, IncidentForwarded)
    [created], [forwarded] = only(IncidentCreated, events), only(IncidentForwarded, events)
    assert created.protected
    assert forwarded.content.protected
    events = history.when(Amend(incident_type="traffic_accident"))
    assert history.incident.protected
    told = [e.content.protected for e in events if isinstance(e, IncidentForwarded | ForwardingRevised)]
    assert told == [True, True]


def test_a_type_corrected_to_a_protected_one_protects(history: History) -> None:
    history.opens("fire")
    history.when(Amend(incident_type="domestic_violence"))
    assert history.incident.protected


def test_a_call_that_asked_for_help_in_silence_is_protected_whatever_its_type(history: History) -> None:
    [created] = only(IncidentCreated, history.opens("crime", protected=True))
    assert created.protected
    history.when(Amend(incident_type="fire"))
    assert history.incident.protected


def test_a_report_that_is_protected_protects_the_incident(history: History) -> None:
    history.opens("fire")
    events = history.reported_by(2, protected=True)
    assert history.incident.protected
    assert all(event.content.protected for event in only(ForwardingRevised, events))
    assert history.replayed() == history.incident
    assert not [e for e in history.reported_by(3, protected=True) if isinstance(e, IncidentUpdated)]


def test_a_backfilled_incident_keeps_its_own_times_and_tells_nobody_unless_asked_to(history: History) -> None:
    history.at(86_400)
    long_ago = NOON - timedelta(days=400)
    then(history.opens(received_at=long_ago, backfilled=True, notify=False), IncidentCreated)
    assert history.incident.started_at == long_ago
    assert history.incident.due_at is None
    assert history.at(90_000).when(Tick()) == []


def test_a_backfilled_incident_with_notify_is_forwarded_without_a_deadline(history: History) -> None:
    events = history.opens(backfilled=True, notify=True)
    assert [e.acknowledge_by for e in only(IncidentForwarded, events)] == [None, None]
    revised = history.when(Amend(place=HARBOUR))
    assert [e.acknowledge_by for e in only(ForwardingRevised, revised)] == [None, None]
    assert history.at(9_000).when(Tick()) == []


def test_a_drill_reaches_the_drill_agency_alone_with_latihan_as_the_first_word() -> None:
    drill = History(a_pack(), drill=True)
    events = drill.opens("fire")
    [forwarded] = only(IncidentForwarded, events)
    assert forwarded.agency == f"{REGENCY}/drill"
    assert forwarded.content.drill
    assert forwarded.content.type_label == "LATIHAN Kebakaran"
    assert forwarded.content.notes[0].text.clear == "LATIHAN api besar"


def test_a_drill_rings_the_real_agencies_when_asked_to() -> None:
    drill = History(a_pack(), drill=True)
    assert forwarded_to(drill.opens("fire", with_agencies=True)) == ["drill", "fire", "police"]


def test_a_prank_corrected_to_an_emergency_is_timed_from_the_answer_and_from_the_correction(history: History) -> None:
    corrected_at = NOON + timedelta(minutes=3)
    [created] = only(IncidentCreated, history.at(180).opens(corrected_at=corrected_at))
    assert created.answered_at == NOON - timedelta(seconds=10)
    assert created.corrected_at == corrected_at


def test_an_incident_without_a_call_keeps_its_source(history: History) -> None:
    events = history.opens_directly("fire", source=Source.OFFICER, place=MARKET, note="asap dari CCTV")
    [created] = only(IncidentCreated, events)
    assert (created.source, created.call_id, created.by) == (Source.OFFICER, None, "dodi")
    assert created.notes[0].text.clear == "asap dari CCTV"
    with pytest.raises(Invalid):
        History(a_pack()).opens_directly("unheard_of")


def test_a_further_incident_of_a_call_is_linked_and_counts_from_the_same_answer(history: History) -> None:
    history.opens()
    first = history.incident
    further = History(a_pack())
    events = further.opens_directly("medical", source=Source.CALL, call_id=call_id(1), first=first)
    [created] = only(IncidentCreated, events)
    assert created.linked_to == first.id
    assert created.answered_at == first.answered_at
    assert created.caller_number == first.caller_number


# further calls


def test_same_adds_a_report_and_tells_the_agencies_called_again_nth_time(history: History) -> None:
    history.opens()
    events = history.reported_by(2, notes=(a_note("makin besar"),))
    then(events, IncidentReportAdded, ForwardingRevised, ForwardingRevised)
    revised = only(ForwardingRevised, events)[0]
    assert (revised.reason, revised.revision, revised.needs_acknowledgement) == ("reported_again", 2, False)
    assert revised.content.reports == 2
    assert [note.text.clear for note in revised.content.notes] == ["api besar", "makin besar"]
    [added] = only(IncidentReportAdded, history.reported_by(3))
    assert added.report == 3


def test_every_report_keeps_its_own_place_and_agencies_read_both(history: History) -> None:
    history.opens()
    events = history.reported_by(2, place=HARBOUR, notes=())
    assert only(IncidentReportAdded, events)[0].place == HARBOUR
    assert history.incident.place == MARKET
    revised = only(ForwardingRevised, events)[0]
    assert not revised.needs_acknowledgement
    assert "Laporan ke-2" in revised.content.notes[-1].text.clear
    assert "Pelabuhan" in revised.content.notes[-1].text.clear


def test_a_report_fills_in_the_place_and_type_that_nobody_knew(history: History) -> None:
    history.opens(None, priority=None, place=None)
    events = history.reported_by(2, "fire")
    assert forwarded_to(events) == ["fire", "police", "ambulance"]
    assert history.incident.place == MARKET


# what a call says after its classification


def test_what_is_noted_after_classification_reaches_the_incident_and_its_agencies(history: History) -> None:
    history.opens()
    events = history.when(NoteFromCall(a_note("ada korban")))
    then(events, IncidentNoted, ForwardingRevised, ForwardingRevised)
    revised = only(ForwardingRevised, events)[0]
    assert (revised.reason, revised.needs_acknowledgement) == ("noted", False)
    assert revised.acknowledge_by == NOON + timedelta(seconds=60)
    assert revised.content.notes[-1].text.clear == "ada korban"


def test_a_changed_place_needs_a_new_acknowledgement_the_old_value_beside_it(history: History) -> None:
    history.opens()
    history.at(10).responds("fire", Response.ACKNOWLEDGED)
    events = history.at(20).when(LocateFromCall(HARBOUR, OURS, True, 1, history.now, "ani"))
    [to_fire, to_police] = only(ForwardingRevised, events)
    assert (to_fire.reason, to_fire.needs_acknowledgement) == ("located", True)
    assert (to_fire.content.place, to_fire.content.previous_place) == (HARBOUR, MARKET)
    assert to_fire.acknowledge_by == NOON + timedelta(seconds=80)
    assert to_police.acknowledge_by == NOON + timedelta(seconds=60)  # no more time for who never answered
    assert not history.forwarding("fire").acknowledged


def test_a_corrected_place_brings_its_own_zone_and_agencies_read_it(history: History) -> None:
    history.opens()
    events = history.when(Amend(place=HARBOUR, zone=THEIRS))
    [updated] = only(IncidentUpdated, events)
    assert (updated.place, updated.zone, updated.zone_owner) == (HARBOUR, THEIRS, "99.02")
    assert history.incident.zone == THEIRS
    assert {e.content.zone_owner for e in only(ForwardingRevised, events)} == {"99.02"}
    history.when(Amend(place=Place.of(None, None, None, "entah di mana")))
    assert history.incident.zone_owner is None  # the zone of the place before is no longer true


def test_the_same_place_in_another_zone_is_told_without_a_new_acknowledgement(history: History) -> None:
    history.opens()
    events = history.when(Amend(place=MARKET, zone=THEIRS))
    assert history.incident.zone_owner == "99.02"
    revised = only(ForwardingRevised, events)
    assert [(e.content.zone_owner, e.needs_acknowledgement) for e in revised] == [("99.02", False)] * 2
    assert history.when(Amend(place=MARKET, zone=THEIRS)) == []


def test_an_incident_of_before_the_zone_was_kept_has_its_owner(history: History) -> None:
    history.opens()
    document = history.incident.model_dump() | {"zone_owner": "99.02"}
    del document["zone"]
    assert Incident.model_validate(document).zone == Zone(owner="99.02", candidates=("99.02",))


def test_what_says_nothing_of_the_place_leaves_its_zone(history: History) -> None:
    history.opens()
    history.when(Amend(priority=1))
    assert history.incident.zone_owner == REGENCY


def test_the_old_place_stays_beside_the_new_until_that_is_acknowledged(history: History) -> None:
    history.opens()
    history.when(Amend(place=HARBOUR))
    to_fire, to_police = only(ForwardingRevised, history.when(NoteFromCall(a_note("lagi"))))
    assert to_fire.content.previous_place == to_police.content.previous_place == MARKET
    history.at(5).responds("fire", Response.ACKNOWLEDGED, revision=2)
    revised = history.when(NoteFromCall(a_note("dan lagi")))
    assert [e.content.previous_place for e in only(ForwardingRevised, revised)] == [None, MARKET]


def test_the_same_place_told_again_changes_nothing(history: History) -> None:
    history.opens()
    assert history.when(LocateFromCall(MARKET, OURS, True, 1, history.now, "ani")) == []


def test_a_later_call_never_moves_the_incident_but_agencies_read_where_it_is(history: History) -> None:
    history.opens()
    history.reported_by(2)
    events = history.when(LocateFromCall(HARBOUR, OURS, False, 2, history.now, "ani"))
    assert history.incident.place == MARKET
    assert [(e.reason, e.needs_acknowledgement) for e in only(ForwardingRevised, events)] == [("located", False)] * 2


def test_reclassifying_a_call_never_cancels_it_marks_doubted_and_tells_agencies(history: History) -> None:
    history.opens()
    events = history.when(DoubtCall(call_id(1), history.now))
    then(events, IncidentUpdated, ForwardingRevised, ForwardingRevised)
    revised = only(ForwardingRevised, events)
    assert {(e.reason, e.content.doubted, e.needs_acknowledgement) for e in revised} == {("doubted", True, False)}
    assert history.incident.doubted
    assert history.incident.state == IncidentState.FORWARDED
    assert history.when(DoubtCall(call_id(1), history.now)) == []


def test_with_other_reports_it_goes_on_undoubted_until_all_are_doubted(history: History) -> None:
    history.opens()
    history.reported_by(2)
    then(history.when(DoubtCall(call_id(1), history.now)), IncidentUpdated)
    assert not history.incident.doubted
    history.when(DoubtCall(call_id(2), history.now))
    assert history.incident.doubted


def test_a_further_report_or_a_correction_ends_the_doubt(history: History) -> None:
    history.opens()
    history.when(DoubtCall(call_id(1), history.now))
    events = history.reported_by(2)
    assert not history.incident.doubted
    assert not only(ForwardingRevised, events)[0].content.doubted
    history.when(DoubtCall(call_id(2), history.now))
    assert history.incident.doubted
    history.when(CorrectCall(call_id(1), "fire", None, True, history.now))
    assert not history.incident.doubted


def test_a_corrected_type_tells_newly_wanted_agencies_and_only_proposes_to_withdraw_the_others(
    history: History,
) -> None:
    history.opens("fire")
    events = history.when(CorrectCall(call_id(1), "traffic_accident", None, True, history.now))
    [updated] = only(IncidentUpdated, events)
    assert updated.proposed_withdrawals == (f"{REGENCY}/fire",)
    assert [(c.field, c.before, c.after) for c in updated.changes] == [("incident_type", "fire", "traffic_accident")]
    assert forwarded_to(events) == ["transport"]
    revised = only(ForwardingRevised, events)
    assert [(e.agency, e.reason, e.needs_acknowledgement) for e in revised] == [
        (f"{REGENCY}/fire", "retyped", True),
        (f"{REGENCY}/police", "retyped", True),
    ]
    assert history.forwarding("fire").withdrawn_at is None


def test_a_changed_priority_needs_a_new_acknowledgement_and_may_want_more_agencies(history: History) -> None:
    history.opens("fire", priority=2)
    events = history.when(Amend(priority=1))
    assert {e.reason for e in only(ForwardingRevised, events)} == {"reprioritised"}
    assert forwarded_to(events) == ["ambulance"]
    assert history.when(Amend(priority=1)) == []


def test_facts_about_a_closed_incident_are_recorded_and_tell_nobody(history: History) -> None:
    history.opens()
    history.when(Close("resolved"))
    then(history.when(NoteFromCall(a_note("terlambat"))), IncidentNoted)
    then(history.when(CorrectCall(call_id(1), "medical", None, True, history.now)), IncidentUpdated)
    assert history.incident.state == IncidentState.CLOSED
    with pytest.raises(NotAllowed) as refused:
        history.when(Amend(priority=1))
    assert refused.value.params["state"] == "closed"


def test_a_caller_who_is_entered_after_the_classification_reaches_the_incident_and_its_agencies(
    history: History,
) -> None:
    history.opens("fire", caller_name=None)
    sri = CallerDetails(caller_name=Sealed("Ibu Sri"), callback_number=Sealed("+628123"), language=Sealed("jv"))
    events = history.when(DescribeCaller(sri, leads=True, report=1, at=NOON, by="ani"))
    then(events, IncidentUpdated, ForwardingRevised, ForwardingRevised)
    content = only(ForwardingRevised, events)[0].content
    assert (content.caller_name, content.callback_number, content.caller_language) == (
        Sealed("Ibu Sri"),
        Sealed("+628123"),
        Sealed("jv"),
    )
    assert {e.needs_acknowledgement for e in only(ForwardingRevised, events)} == {False}
    assert history.incident.caller_number == Sealed("+628111222333")
    assert history.replayed() == history.incident


def test_who_made_a_further_report_is_a_note_and_the_incidents_caller_stays(history: History) -> None:
    history.opens("fire")
    history.reported_by(2)
    tono = CallerDetails(caller_name=Sealed("Tono"))
    history.when(DescribeCaller(tono, leads=False, report=2, at=NOON, by="ani"))
    assert history.incident.caller_name == Sealed("Budi")
    assert history.incident.notes[-1].text == Sealed("Laporan ke-2, penelepon: Tono")
    assert history.when(DescribeCaller(CallerDetails(), leads=False, report=2, at=NOON, by="ani")) == []
