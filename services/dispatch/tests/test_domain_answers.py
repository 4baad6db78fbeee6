"""What agencies answer, what dispatchers order, and what time does, as histories."""

from datetime import timedelta
from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import (
    HARBOUR,
    MARKET,
    NOON,
    REGENCY,
    History,
    a_note,
    a_pack,
    answers,
    call_id,
    only,
)

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_answers import MOST_REPEATS
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import (
    AcknowledgementMissed,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclined,
    IncidentForwarded,
    IncidentState,
    IncidentStatusChanged,
)
from sigap_common.contracts.proposals import ProposalEnded
from sigap_common.core.errors import Fault, Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.commands import (
    AddAgency,
    Amend,
    Close,
    NoteFromCall,
    RecordAnswer,
    Respond,
    Tick,
    Withdraw,
)
from sigap_dispatch.domain.escalation import WaiveRole
from sigap_dispatch.domain.state.forwarding import ForwardingState
from sigap_testing.histories import then, then_one

ACKNOWLEDGED, DECLINED = Response.ACKNOWLEDGED, Response.DECLINED
EN_ROUTE, ON_SCENE, DONE = Response.EN_ROUTE, Response.ON_SCENE, Response.DONE


@pytest.fixture
def fire(history: History) -> History:
    """Forwarded to the fire brigade and the police at noon, to be acknowledged within a minute."""
    history.opens("fire", priority=2)
    return history


def test_an_acknowledgement_heard_twice_is_one_fact(fire: History) -> None:
    event = then_one(fire.at(7).responds("fire", ACKNOWLEDGED), IncidentAcknowledged)
    assert (event.revision, event.at, event.overtaken) == (1, NOON + timedelta(seconds=7), False)
    assert fire.responds("fire", ACKNOWLEDGED) == []
    assert fire.forwarding("fire").acknowledged_at == NOON + timedelta(seconds=7)


@pytest.mark.parametrize("response", [ACKNOWLEDGED, DECLINED, EN_ROUTE])
def test_what_the_agency_says_itself_after_it_told_us_is_a_word_of_its_own(fire: History, response: Response) -> None:
    """Until then its gateway did not know: of what it contradicts the later is asked for."""
    by_telephone(fire.at(7), "fire", response, reason="no_unit")
    [event] = answers(fire.at(8).responds("fire", response))
    assert not event.on_behalf
    assert by_telephone(fire.at(9), "fire", response, reason="no_unit") == []


def test_an_incidents_state_derives_from_its_forwardings(fire: History) -> None:
    states = []
    for code, response in [
        ("fire", ACKNOWLEDGED),
        ("fire", EN_ROUTE),
        ("police", ACKNOWLEDGED),
        ("fire", ON_SCENE),
        ("fire", DONE),
        ("police", DONE),
    ]:
        fire.responds(code, response)
        states.append(fire.incident.state.value)
    assert states == ["acknowledged", "en_route", "en_route", "on_scene", "on_scene", "done"]


def test_progress_says_the_incidents_state_that_follows_from_it(fire: History) -> None:
    fire.responds("fire", ACKNOWLEDGED)
    event = then_one(fire.responds("fire", EN_ROUTE), IncidentStatusChanged)
    assert (event.progress, event.state) == ("en_route", IncidentState.EN_ROUTE)


def test_who_is_on_the_way_has_acknowledged(fire: History) -> None:
    then(fire.responds("fire", EN_ROUTE), IncidentAcknowledged, IncidentStatusChanged)
    assert fire.forwarding("fire").acknowledged


def test_progress_told_out_of_order_is_recorded_and_nothing_goes_back(fire: History) -> None:
    fire.responds("fire", ON_SCENE)
    event = then_one(fire.responds("fire", EN_ROUTE), IncidentStatusChanged)
    assert event.overtaken
    assert fire.forwarding("fire").state == ForwardingState.ON_SCENE
    assert fire.responds("fire", ON_SCENE) == []


def test_a_declined_forwarding_keeps_the_reason(fire: History) -> None:
    events = fire.responds("fire", DECLINED, reason="no_unit")
    then(events, IncidentDeclined, AlarmRaised)
    [event] = only(IncidentDeclined, events)
    assert (event.reason, event.overtaken) == ("no_unit", False)
    assert fire.forwarding("fire").state == ForwardingState.DECLINED
    assert fire.responds("fire", DECLINED, reason="no_unit") == []


def test_who_declined_and_comes_after_all_finds_a_closed_incident_closed(fire: History) -> None:
    fire.responds("fire", DECLINED)
    fire.when(Close("resolved"))
    events = fire.at(1).responds("fire", ACKNOWLEDGED)
    then(events, IncidentAcknowledged, ForwardingWithdrawn)
    [after_all], [withdrawn] = only(IncidentAcknowledged, events), only(ForwardingWithdrawn, events)
    assert (after_all.overtaken, withdrawn.stand_down) == (True, True)
    assert fire.forwarding("fire").state == ForwardingState.STANDING_DOWN
    assert fire.incident.state == IncidentState.CLOSED


def test_who_declined_and_comes_after_all_is_told_what_changed_meanwhile(fire: History) -> None:
    fire.responds("fire", DECLINED)
    fire.when(Amend(place=HARBOUR))
    events = fire.at(20).responds("fire", ACKNOWLEDGED)
    then(events, IncidentAcknowledged, ForwardingRevised, ProposalEnded, AlarmCleared)
    [revised] = only(ForwardingRevised, events)
    assert (revised.reason, revised.revision, revised.needs_acknowledgement) == ("located", 2, True)
    assert (revised.content.place, revised.content.previous_place) == (HARBOUR, MARKET)
    assert not fire.forwarding("fire").acknowledged
    assert len(fire.responds("fire", ACKNOWLEDGED, revision=2)) == 1
    assert (fire.forwarding("fire").acknowledged, fire.forwarding("fire").previous_place) == (True, None)


def test_who_declined_and_comes_after_all_hears_nothing_where_nothing_changed(fire: History) -> None:
    fire.responds("fire", DECLINED)
    then(fire.at(1).responds("fire", ACKNOWLEDGED), IncidentAcknowledged, AlarmCleared)


def test_contradictory_facts_are_recorded_as_such_and_the_last_word_holds(fire: History) -> None:
    fire.at(1).responds("fire", ACKNOWLEDGED)
    [declined] = only(IncidentDeclined, fire.at(2).responds("fire", DECLINED))
    assert declined.overtaken
    assert fire.forwarding("fire").state == ForwardingState.DECLINED
    [after_all] = only(IncidentAcknowledged, fire.at(3).responds("fire", ACKNOWLEDGED))
    assert after_all.overtaken
    assert fire.forwarding("fire").state == ForwardingState.ACKNOWLEDGED


def test_when_all_have_declined_nobody_is_told_and_that_is_an_alarm_after_30_s(fire: History) -> None:
    fire.at(5).responds("fire", DECLINED)
    fire.at(6).responds("police", DECLINED)
    assert fire.incident.state == IncidentState.CREATED
    assert fire.incident.due_at == NOON + timedelta(seconds=36)
    alarm = then_one(fire.at(36).when(Tick()), AlarmRaised)
    assert alarm.kind == "no_agency"


def test_a_missed_deadline_is_an_event_once_and_an_alarm_until_it_is_acknowledged(fire: History) -> None:
    assert fire.incident.due_at == NOON + timedelta(seconds=60)
    assert fire.at(59).when(Tick()) == []
    events = fire.at(60).when(Tick())
    then(events, AcknowledgementMissed, AcknowledgementMissed, AlarmRaised, AlarmRaised)
    assert [(e.label, e.role, e.agency) for e in only(AlarmRaised, events)] == [
        ("CTH-20240219-0001 fire 99.01/fire", "fire", "99.01/fire"),
        ("CTH-20240219-0001 police 99.01/police", "police", "99.01/police"),
    ]
    assert fire.at(61).when(Tick()) == []
    then(fire.at(70).responds("fire", ACKNOWLEDGED), IncidentAcknowledged, AlarmCleared)
    withdrawn = fire.when(Withdraw(fire.forwarding("police").id, "tidak perlu"))
    then(withdrawn, ForwardingWithdrawn, AlarmCleared)
    assert fire.incident.alarms == ()


def test_after_an_hour_away_each_overdue_deadline_fires_once(fire: History) -> None:
    assert len(only(AcknowledgementMissed, fire.at(3_600).when(Tick(), Tick()))) == 2


def test_each_revision_that_needs_it_has_a_deadline_of_its_own(fire: History) -> None:
    fire.at(60).when(Tick())
    fire.at(100).when(Amend(place=HARBOUR))
    assert fire.incident.due_at == NOON + timedelta(seconds=160)
    fire.at(110).when(NoteFromCall(a_note("catatan")))
    events = fire.at(160).when(Tick())
    then(events, AcknowledgementMissed, AcknowledgementMissed)  # the alarm is still there
    assert {e.revision for e in only(AcknowledgementMissed, events)} == {3}


def test_an_acknowledgement_of_an_older_revision_counts_for_that_revision_only(fire: History) -> None:
    fire.at(5).when(Amend(place=HARBOUR))
    event = then_one(fire.at(6).responds("fire", ACKNOWLEDGED, revision=1), IncidentAcknowledged)
    assert event.revision == 1
    assert not fire.forwarding("fire").acknowledged
    assert fire.forwarding("fire").due_at is not None
    assert len(fire.at(7).responds("fire", ACKNOWLEDGED, revision=2)) == 1
    assert fire.forwarding("fire").acknowledged


def test_an_acknowledgement_of_a_revision_that_needed_none_suffices_for_what_came_before(fire: History) -> None:
    fire.when(NoteFromCall(a_note("catatan")))
    fire.responds("fire", ACKNOWLEDGED, revision=1)
    assert fire.forwarding("fire").acknowledged


# orders


def test_a_dispatcher_adds_an_agency_once(fire: History) -> None:
    event = then_one(fire.when(AddAgency(f"{REGENCY}/ambulance"), by="sari"), IncidentForwarded)
    assert (event.automatic, event.by) == (False, "sari")
    assert event.acknowledge_by == NOON + timedelta(seconds=60)
    with pytest.raises(NotAllowed) as refused:
        fire.when(AddAgency(f"{REGENCY}/ambulance"))
    assert refused.value.params["state"] == "forwarded"


@pytest.mark.parametrize("agency", ["99.01/unheard_of", "99.02/fire", "fire", "99.01/drill"])
def test_an_agency_that_the_regency_does_not_have_cannot_be_added(fire: History, agency: str) -> None:
    with pytest.raises(Invalid):
        fire.when(AddAgency(agency))


def test_an_agency_that_was_withdrawn_declined_or_done_can_be_asked_again(fire: History) -> None:
    fire.responds("fire", DECLINED)
    fire.when(AddAgency(f"{REGENCY}/fire"))
    assert fire.forwarding("fire").state == ForwardingState.FORWARDED


def test_an_agency_that_was_asked_again_has_one_open_part(fire: History) -> None:
    fire.responds("fire", DECLINED)
    first = fire.forwarding("fire").id
    then(fire.when(AddAgency(f"{REGENCY}/fire")), ForwardingWithdrawn, IncidentForwarded, AlarmCleared)
    parts = [f for f in fire.incident.forwardings if f.agency.endswith("/fire")]
    assert [(f.state, f.decline_reason) for f in parts] == [("withdrawn", "other"), ("forwarded", None)]
    fire.at(1).when(Respond(first, 1, ACKNOWLEDGED, "desk", fire.now))
    assert [f.state for f in fire.incident.forwardings if f.id == first] == [ForwardingState.STANDING_DOWN]
    assert fire.forwarding("fire").state == ForwardingState.FORWARDED


def test_who_is_on_scene_while_we_hear_that_it_declined_is_told_what_changed(fire: History) -> None:
    by_telephone(fire.at(5), "fire", DECLINED, reason="no_unit")
    fire.at(6).when(Amend(place=HARBOUR))
    forwarding = fire.forwarding("fire").id
    events = fire.at(7).when(Respond(forwarding, 1, ON_SCENE, "desk", NOON + timedelta(seconds=4)))
    then(events, IncidentAcknowledged, IncidentStatusChanged, ForwardingRevised, ProposalEnded, AlarmCleared)
    assert [revised.reason for revised in only(ForwardingRevised, events)] == ["located"]
    assert fire.forwarding("fire").state == ForwardingState.ON_SCENE


def test_a_withdrawal_of_an_unacknowledged_forwarding_ends_it_with_a_revision_of_its_own(fire: History) -> None:
    event = then_one(fire.when(Withdraw(fire.forwarding("police").id, "tidak perlu")), ForwardingWithdrawn)
    assert (event.stand_down, event.revision) == (False, 2)
    assert fire.forwarding("police").state == ForwardingState.WITHDRAWN
    assert fire.when(Withdraw(fire.forwarding("police").id, "tidak perlu")) == []


def test_a_stand_down_of_an_acknowledged_one_is_itself_acknowledged_until_then_the_unit_goes_on(fire: History) -> None:
    fire.responds("fire", ACKNOWLEDGED, EN_ROUTE)
    event = then_one(fire.when(Withdraw(fire.forwarding("fire").id, "padam")), ForwardingWithdrawn)
    assert event.stand_down
    assert fire.forwarding("fire").state == ForwardingState.STANDING_DOWN
    goes_on = then_one(fire.responds("fire", ON_SCENE), IncidentStatusChanged)
    assert goes_on.overtaken
    assert fire.forwarding("fire").state == ForwardingState.STANDING_DOWN
    confirmed = then_one(fire.responds("fire", ACKNOWLEDGED, revision=2), IncidentAcknowledged)
    assert not confirmed.overtaken
    assert fire.forwarding("fire").state == ForwardingState.WITHDRAWN


def test_who_acknowledged_before_they_knew_of_a_withdrawal_confirms_that_they_stand_down(fire: History) -> None:
    fire.when(Withdraw(fire.forwarding("fire").id, "keliru"))
    crossed = then_one(fire.responds("fire", ACKNOWLEDGED), IncidentAcknowledged)
    assert not crossed.overtaken
    assert fire.forwarding("fire").state == ForwardingState.STANDING_DOWN
    assert fire.responds("fire", ACKNOWLEDGED) == []
    fire.responds("fire", ACKNOWLEDGED, revision=2)
    assert fire.forwarding("fire").state == ForwardingState.WITHDRAWN


def test_who_declines_what_they_are_to_stand_down_from_is_not_out(fire: History) -> None:
    fire.responds("fire", ACKNOWLEDGED)
    fire.when(Withdraw(fire.forwarding("fire").id, "padam"))
    declined = then_one(fire.at(1).responds("fire", DECLINED), IncidentDeclined)
    assert declined.overtaken
    assert fire.forwarding("fire").state == ForwardingState.WITHDRAWN


def test_a_decline_after_a_withdrawal_is_recorded_as_late_and_it_stays_withdrawn(fire: History) -> None:
    fire.when(Withdraw(fire.forwarding("fire").id, "keliru"))
    event = then_one(fire.responds("fire", DECLINED), IncidentDeclined)
    assert event.overtaken
    assert fire.forwarding("fire").state == ForwardingState.WITHDRAWN


def test_what_has_ended_cannot_be_withdrawn(fire: History) -> None:
    fire.responds("fire", DONE)
    with pytest.raises(NotAllowed) as refused:
        fire.when(Withdraw(fire.forwarding("fire").id, "terlambat"))
    assert refused.value.params["state"] == "done"


def by_telephone(history: History, code: str, response: Response, **told: Any) -> list[Event]:
    forwarding = history.forwarding(code).id
    return history.when(RecordAnswer(forwarding, response, "telephone", "Pak Harun", **told), by="sari")


def test_an_agencys_answer_by_telephone_names_whom_we_spoke_to_and_is_shown_as_such(fire: History) -> None:
    event = then_one(by_telephone(fire, "fire", ACKNOWLEDGED), IncidentAcknowledged)
    assert (event.on_behalf, event.channel, event.by) == (True, "telephone", "sari")
    assert event.spoke_to == Sealed("Pak Harun")
    assert by_telephone(fire, "fire", ACKNOWLEDGED) == []


@pytest.mark.parametrize("response", [ACKNOWLEDGED, EN_ROUTE])
def test_an_answer_by_telephone_is_of_the_revision_that_they_were_told_of(fire: History, response: Response) -> None:
    fire.when(Amend(place=HARBOUR))
    [event] = only(IncidentAcknowledged, by_telephone(fire, "fire", response, revision=1))
    assert (event.revision, fire.forwarding("fire").acknowledged_revision) == (1, 1)
    with pytest.raises(Invalid) as refused:
        by_telephone(fire, "fire", ACKNOWLEDGED, revision=3)
    assert refused.value.errors == (Fault(("body", "revision"), "revision_unknown", {"newest": 2}),)
    [event] = only(IncidentAcknowledged, by_telephone(fire, "fire", response, revision=2))
    assert (event.revision, fire.forwarding("fire").acknowledged_revision) == (2, 2)


def test_progress_by_telephone_says_nothing_of_a_change_that_nobody_read_out(fire: History) -> None:
    by_telephone(fire, "fire", ACKNOWLEDGED)
    fire.when(Amend(place=HARBOUR))
    by_telephone(fire, "fire", EN_ROUTE)
    assert (fire.forwarding("fire").state, fire.forwarding("fire").acknowledged) == (ForwardingState.EN_ROUTE, False)
    by_telephone(fire, "fire", ACKNOWLEDGED)
    assert fire.forwarding("fire").acknowledged


def test_who_is_on_scene_declines_no_more_by_telephone_either(fire: History) -> None:
    fire.responds("fire", ACKNOWLEDGED, ON_SCENE)
    with pytest.raises(NotAllowed) as refused:
        by_telephone(fire, "fire", DECLINED, reason="no_unit")
    assert refused.value.params["state"] == "on_scene"


def test_an_answer_taken_down_by_us_may_be_refused(fire: History) -> None:
    with pytest.raises(Invalid):
        by_telephone(fire, "fire", DECLINED, reason="unheard_of")
    fire.when(Withdraw(fire.forwarding("fire").id, "keliru"))
    with pytest.raises(NotAllowed):
        by_telephone(fire, "fire", ACKNOWLEDGED)


def test_a_stand_down_can_be_confirmed_by_telephone(fire: History) -> None:
    fire.responds("fire", ACKNOWLEDGED)
    fire.when(Close("resolved"))
    by_telephone(fire, "fire", ACKNOWLEDGED)
    assert fire.forwarding("fire").state == ForwardingState.WITHDRAWN


def test_closing_withdraws_what_is_left_and_clears_the_alarms(fire: History) -> None:
    fire.responds("fire", ACKNOWLEDGED)
    fire.at(60).when(Tick())
    events = fire.at(90).when(Close("doused", note="aman"), by="sari")
    then(events, ForwardingWithdrawn, ForwardingWithdrawn, IncidentClosed, AlarmCleared)
    assert [(e.agency, e.stand_down) for e in only(ForwardingWithdrawn, events)] == [
        (f"{REGENCY}/fire", True),
        (f"{REGENCY}/police", False),
    ]
    assert fire.incident.state == IncidentState.CLOSED
    assert fire.incident.due_at == NOON + timedelta(seconds=390), "the fire brigade must confirm the stand-down"


def test_a_closed_incident_refuses_orders_naming_the_state(fire: History) -> None:
    fire.when(Close("resolved"))
    for order in (Close("resolved"), AddAgency(f"{REGENCY}/fire"), Amend(priority=1)):
        with pytest.raises(NotAllowed) as refused:
            fire.when(order)
        assert refused.value.params["state"] == "closed"


def test_an_unknown_disposition_is_refused(fire: History) -> None:
    with pytest.raises(Invalid):
        fire.when(Close("unheard_of"))


def test_facts_after_closing_are_late_never_refused(fire: History) -> None:
    fire.when(Close("resolved"))
    declined, done = fire.responds("fire", DECLINED), fire.responds("police", DONE)
    assert [event.overtaken for event in answers([*declined, *done])] == [True, True]
    assert fire.incident.state == IncidentState.CLOSED


def test_the_packs_rule_closes_when_all_parts_have_ended() -> None:
    history = History(a_pack(closing={"when_all_ended": "automatic", "disposition": "resolved"}))
    history.opens("fire", priority=2)
    history.responds("police", DECLINED)
    assert history.incident.state != IncidentState.CLOSED
    assert only(IncidentClosed, history.responds("fire", ACKNOWLEDGED, DONE)) == [], "nobody came for the police"
    [closed] = only(IncidentClosed, history.when(WaiveRole("police", "tidak perlu"), by="sari"))
    assert (closed.disposition, closed.automatic) == ("resolved", True)


def test_the_packs_rule_closes_nothing_that_nobody_attended() -> None:
    history = History(a_pack(closing={"when_all_ended": "automatic", "disposition": "resolved"}))
    history.opens("fire", priority=2)
    history.responds("police", DECLINED)
    history.responds("fire", DECLINED)
    assert history.incident.state == IncidentState.CREATED


def test_an_ended_part_hears_nothing_more(fire: History) -> None:
    fire.responds("fire", DONE)
    events = fire.when(Amend(place=HARBOUR))
    assert [e.agency for e in only(ForwardingRevised, events)] == [f"{REGENCY}/police"]


def test_an_unknown_forwarding_is_not_found(fire: History) -> None:
    with pytest.raises(NotFound):
        fire.when(Withdraw(call_id(9), "salah"))


def test_an_acknowledgement_carries_its_own_clock(fire: History) -> None:
    event = then_one(fire.responds("fire", ACKNOWLEDGED, clock="agency"), IncidentAcknowledged)
    assert event.clock == "agency"


@pytest.mark.parametrize("response", [Response.ACKNOWLEDGED, Response.EN_ROUTE])
def test_of_500_answers_taken_down_with_other_words_a_bounded_number_is_kept(
    history: History, response: Response
) -> None:
    history.opens()
    part, refused = history.forwarding("fire").id, 0
    for n in range(500):
        beside = SaidBeside(text=Sealed(f"kata {n}"))
        try:
            history.at(n).when(RecordAnswer(part, response, "radio", "Pak Harun", beside=beside), by="sari")
        except NotAllowed:
            refused += 1
    further = RecordAnswer(part, response, "radio", "Pak Harun", beside=SaidBeside(text=Sealed("lagi")))
    with pytest.raises(NotAllowed) as problem:
        history.when(further, by="sari")
    assert problem.value.reason == "too-many-answers"
    said = [word for word in history.forwarding("fire").words if word.response is response]
    assert (len(said), refused) == (MOST_REPEATS + 1, 499 - MOST_REPEATS)
    again = RecordAnswer(part, response, "radio", "Pak Harun", beside=SaidBeside(text=Sealed("kata 1")))
    assert history.when(again, by="sari") == [], "what was said before is no refusal"
    history.when(Amend(priority=1), by="sari")
    first = RecordAnswer(part, Response.ACKNOWLEDGED, "radio", "Pak Harun")
    assert len(only(IncidentAcknowledged, history.when(first, by="sari"))) == 1, "a new revision is acknowledged"


def test_an_agency_that_changes_its_mind_500_times_by_telephone_is_kept_a_bounded_number_of_times(
    history: History,
) -> None:
    history.opens()
    part = history.forwarding("fire").id
    comes = RecordAnswer(part, Response.ACKNOWLEDGED, "telephone", "Pak Harun")
    refused = 0
    for n in range(500):
        declined = RecordAnswer(part, Response.DECLINED, "telephone", "Pak Harun", "no_unit")
        try:
            history.at(2 * n).when(declined, by="sari")
        except NotAllowed:
            refused += 1
        history.at(2 * n + 1).when(comes, by="sari")
    assert refused == 499 - MOST_REPEATS
    assert len(history.forwarding("fire").words) == 2 * (MOST_REPEATS + 1)
    assert history.forwarding("fire").state == "acknowledged", "that it comes is never refused"


def test_an_agencys_own_acknowledgement_that_comes_500_times_is_one_fact(history: History) -> None:
    """Each is the same event again, as a bus may deliver it."""
    history.opens()
    for _ in range(500):
        history.responds("fire", Response.ACKNOWLEDGED)
    assert len(only(IncidentAcknowledged, history.events)) == 1
