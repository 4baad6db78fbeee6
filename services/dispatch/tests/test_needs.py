"""What an incident needs: roles that nobody fills, waivers, and stand-downs that nobody confirms."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from services.dispatch.tests.dispatch_histories import HARBOUR, NOON, REGENCY, Desk, History, a_pack, forwarded_to, only

from sigap_common.app.background import timers_together
from sigap_common.contracts.agencies import Response
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.incidents import (
    AcknowledgementMissed,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentDeclined,
    IncidentForwarded,
)
from sigap_common.contracts.needs import RoleWaived, RoleWaiverEnded, WithdrawalNoted, WithdrawalUnconfirmed
from sigap_common.contracts.proposals import ForwardingProposed, ProposalEnded, ProposalReason
from sigap_common.core.errors import Invalid, NotAllowed, NotFound
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, RecordAnswer, Tick, Withdraw
from sigap_dispatch.domain.escalation import EndWaiver, NoteStandDown, WaiveRole
from sigap_dispatch.domain.needs import NeedState, needs
from sigap_dispatch.domain.proposals import DismissProposal, TakeProposal
from sigap_dispatch.domain.state.forwarding import ForwardingState
from sigap_dispatch.models import incidents
from sigap_dispatch.use_cases.incidents import meet_deadlines
from sigap_testing.histories import then, then_one

ACKNOWLEDGED, DECLINED, DONE = Response.ACKNOWLEDGED, Response.DECLINED, Response.DONE


@pytest.fixture
def fire(history: History) -> History:
    """A fire, of which fire brigade and police were told at noon. Both must acknowledge within 60 s."""
    history.opens("fire", priority=2)
    return history


def states(history: History) -> dict[str, str]:
    return {need.role: need.state.value for need in needs(history.incident)}


def alarms(history: History) -> list[str]:
    return [alarm.kind.value for alarm in history.incident.alarms]


# --- roles


def test_a_role_is_unmet_when_its_only_agency_declines_although_another_agency_comes(fire: History) -> None:
    fire.responds("police", ACKNOWLEDGED)
    events = fire.at(5).responds("fire", DECLINED)
    [raised] = only(AlarmRaised, events)
    assert (raised.kind, raised.role, raised.agency) == ("role_unmet", "fire", "99.01/fire")
    assert states(fire) == {"fire": "unmet", "police": "met"}


def test_a_role_is_met_while_another_agency_of_the_role_stands() -> None:
    plan = {"incident_type": "fire", "agencies": ["ambulance", "transport"], "role": "ambulance"}
    history = History(a_pack(response_plans=[plan]))
    history.opens("fire")
    assert only(AlarmRaised, history.responds("ambulance", DECLINED)) == []
    assert states(history) == {"ambulance": "met"}
    [raised] = only(AlarmRaised, history.responds("transport", DECLINED))
    assert (raised.kind, raised.role, raised.agency) == ("role_unmet", "ambulance", "99.01/transport")


def test_an_agency_that_is_late_while_another_fills_its_role_is_an_alarm_about_the_agency() -> None:
    plan = {"incident_type": "fire", "agencies": ["ambulance", "transport"], "role": "ambulance"}
    history = History(a_pack(response_plans=[plan]))
    history.opens("fire")
    history.responds("ambulance", ACKNOWLEDGED)
    [raised] = only(AlarmRaised, history.at(60).when(Tick()))
    assert (raised.kind, raised.agency, raised.role) == ("acknowledgement_missed", "99.01/transport", None)
    events = history.at(70).responds("ambulance", DECLINED)
    assert [e.kind for e in only(AlarmRaised, events)] == ["role_unmet"]
    assert [e.kind for e in only(AlarmCleared, events)] == ["acknowledgement_missed"], "the role's alarm says it"


def test_a_late_agency_that_acknowledges_after_all_meets_its_role(fire: History) -> None:
    fire.responds("police", ACKNOWLEDGED)
    then(fire.at(60).when(Tick()), AcknowledgementMissed, AlarmRaised)
    then(fire.at(61).responds("fire", ACKNOWLEDGED), IncidentAcknowledged, AlarmCleared)
    assert states(fire) == {"fire": "met", "police": "met"}


def test_a_correction_gives_a_late_agency_time_but_does_not_clear_its_alarm(fire: History) -> None:
    fire.at(60).when(Tick())
    assert only(AlarmCleared, fire.at(70).when(Amend(place=HARBOUR))) == []
    assert only(AlarmRaised, fire.at(130).when(Tick())) == []
    assert alarms(fire) == ["role_unmet", "role_unmet"]


def test_an_agency_on_its_way_that_misses_a_correction_still_fills_its_role(fire: History) -> None:
    fire.responds("fire", ACKNOWLEDGED)
    fire.responds("police", ACKNOWLEDGED)
    fire.at(10).when(Amend(place=HARBOUR))
    events = fire.at(70).when(Tick())
    assert {e.kind for e in only(AlarmRaised, events)} == {"acknowledgement_missed"}
    assert states(fire) == {"fire": "met", "police": "met"}


def test_another_agency_for_the_role_deals_with_the_alarm(fire: History) -> None:
    fire.responds("fire", DECLINED)
    events = fire.at(10).when(AddAgency("99.01/transport", role="fire"), by="sari")
    assert [e.kind for e in only(AlarmCleared, events)] == ["role_unmet"]
    assert states(fire)["fire"] == "met"


def test_whom_a_person_withdraws_is_not_an_alarm_but_is_said(fire: History) -> None:
    fire.responds("police", ACKNOWLEDGED)
    fire.at(60).when(Tick())
    events = fire.at(61).when(Withdraw(fire.forwarding("fire").id, "tidak jadi"), by="sari")
    then(events, ForwardingWithdrawn, AlarmCleared)
    assert states(fire)["fire"] == "called_off"


def test_an_agency_that_fails_after_a_person_withdrew_another_of_its_role_is_an_alarm() -> None:
    plan = {"incident_type": "fire", "agencies": ["ambulance", "transport"], "role": "ambulance"}
    history = History(a_pack(response_plans=[plan]))
    history.opens("fire")
    history.at(1).when(Withdraw(history.forwarding("ambulance").id, "terlalu jauh"), by="sari")
    assert [e.kind for e in only(AlarmRaised, history.at(2).responds("transport", DECLINED))] == ["role_unmet"]


def test_a_proposed_role_is_wanted_until_somebody_takes_it(history: History) -> None:
    history.opens("medical")
    assert states(history) == {"ambulance": "wanted"}


def test_a_drill_has_unmet_roles_but_raises_no_alarm() -> None:
    history = History(a_pack(), drill=True)
    history.opens("fire", with_agencies=True)
    events = history.at(3_600).when(Tick()) + history.responds("fire", DECLINED)
    assert only(AlarmRaised, events) == []
    assert states(history)["fire"] == "unmet"
    assert history.incident.due_at is None


def test_an_incident_with_an_unmet_role_is_not_closed_by_the_packs_rule() -> None:
    history = History(a_pack(closing={"when_all_ended": "automatic", "disposition": "resolved"}))
    history.opens("fire", priority=2)
    history.responds("fire", DECLINED)
    history.responds("police", ACKNOWLEDGED, DONE)
    assert history.incident.closed_at is None
    history.when(WaiveRole("fire", "api sudah padam"), by="sari")
    assert history.incident.closed_at is not None


def test_agencies_of_an_unnamed_kind_do_not_stand_in_for_each_other() -> None:
    agencies = [{"code": code, "name": code, "kind": "other"} for code in ("satpol", "tagana")]
    plan = {"incident_type": "fire", "agencies": ["satpol", "tagana"]}
    history = History(a_pack(agencies=agencies, response_plans=[plan]))
    history.opens("fire")
    [raised] = only(AlarmRaised, history.responds("satpol", DECLINED))
    assert (raised.kind, raised.role) == ("role_unmet", "satpol")


def test_a_deadline_in_the_past_is_refused_and_changes_nothing(fire: History) -> None:
    for seconds in (-1, 0, 86_401):
        added = AddAgency("99.01/ambulance", acknowledge_by=fire.now + timedelta(seconds=seconds))
        with pytest.raises(Invalid):
            fire.when(added)
    assert len(fire.incident.forwardings) == 2
    fire.when(AddAgency("99.01/ambulance", acknowledge_by=fire.now + timedelta(seconds=20)))
    assert fire.incident.due_at == NOON + timedelta(seconds=20)


# --- next agencies


def chain(next_: str, agencies: Sequence[str] = ("fire", "transport", "police")) -> History:
    """A fire for which one agency of the role `fire` is told at once, and the others one after the other."""
    plan = {"incident_type": "fire", "agencies": agencies, "role": "fire", "at_once": 1, "next": next_}
    history = History(a_pack(response_plans=[plan]))
    assert forwarded_to(history.opens("fire")) == ["fire"]
    return history


def test_the_next_agency_is_told_at_once_if_the_pack_says_so() -> None:
    history = chain("automatic")
    events = history.at(5).responds("fire", DECLINED)
    then(events, IncidentDeclined, IncidentForwarded)
    [told] = only(IncidentForwarded, events)
    assert (told.agency, told.role, told.instead_of) == ("99.01/transport", "fire", "99.01/fire")
    assert states(history) == {"fire": "met"}
    then(history.at(65).when(Tick()), AcknowledgementMissed, IncidentForwarded)
    assert history.forwarding("police").instead_of == "99.01/transport"


def test_the_next_agency_is_proposed_otherwise_and_the_alarm_stands_until_it_is_taken() -> None:
    history = chain("propose")
    events = history.at(60).when(Tick())
    then(events, AcknowledgementMissed, ForwardingProposed, AlarmRaised)
    [proposed] = only(ForwardingProposed, events)
    assert (proposed.reason, proposed.instead_of) == (ProposalReason.NEXT_AGENCY, "99.01/fire")
    then(history.at(70).when(TakeProposal("99.01/transport"), by="sari"), IncidentForwarded, AlarmCleared)
    assert history.forwarding("transport").instead_of == "99.01/fire"


def test_a_chain_of_next_agencies_ends_with_nobody_left() -> None:
    history = chain("automatic", ("fire", "transport"))
    history.at(5).responds("fire", DECLINED)
    [raised] = only(AlarmRaised, history.at(6).responds("transport", DECLINED))
    assert (raised.kind, raised.role, raised.agency) == ("nobody_left", "fire", "99.01/transport")
    history.at(7).when(AddAgency("99.01/ambulance", role="fire"), by="sari")
    assert alarms(history) == []


def test_an_agency_that_comes_after_the_next_was_told_leaves_both_and_one_is_surplus() -> None:
    history = chain("automatic")
    history.at(60).when(Tick())
    then(history.at(70).responds("fire", ACKNOWLEDGED), IncidentAcknowledged)
    assert [f.fills for f in history.incident.forwardings] == [True, True]
    [need] = needs(history.incident)
    assert (need.state, need.surplus) == ("met", ("99.01/transport",))


def test_a_proposal_of_the_next_agency_lapses_when_the_late_one_acknowledges() -> None:
    history = chain("propose")
    history.at(60).when(Tick())
    events = history.at(70).responds("fire", ACKNOWLEDGED)
    then(events, IncidentAcknowledged, ProposalEnded, AlarmCleared)
    assert history.incident.proposals == ()


def test_a_dismissed_next_agency_is_passed_over() -> None:
    history = chain("propose")
    history.at(60).when(Tick())
    events = history.at(61).when(DismissProposal("99.01/transport"), by="sari")
    then(events, ProposalEnded, ForwardingProposed)
    assert [one.agency for one in history.incident.proposals] == ["99.01/police"]


def test_whom_a_person_withdrew_is_not_followed_by_the_next_agency() -> None:
    history = chain("automatic")
    events = history.at(5).when(Withdraw(history.forwarding("fire").id, "tidak jadi"), by="sari")
    assert forwarded_to(events) == []


def test_a_waived_role_is_not_escalated() -> None:
    history = chain("propose")
    history.at(60).when(Tick())
    history.at(61).when(WaiveRole("fire", "api sudah padam"), by="sari")
    assert history.incident.proposals == ()
    assert history.at(70).when(Amend(place=HARBOUR)) != []
    assert history.incident.proposals == ()


def test_a_deadline_that_a_clock_ahead_set_calls_no_next_agency_by_itself() -> None:
    history = chain("automatic")
    events = history.at(-3_600).when(Tick())
    then(events, AcknowledgementMissed, ForwardingProposed, AlarmRaised)


# --- waivers


def test_a_waiver_deals_with_the_alarm_and_can_be_taken_back(fire: History) -> None:
    fire.responds("fire", DECLINED)
    events = fire.when(WaiveRole("fire", "api sudah padam"), by="sari")
    then(events, RoleWaived, AlarmCleared)
    assert states(fire)["fire"] == NeedState.WAIVED
    assert fire.when(WaiveRole("fire", "api sudah padam"), by="budi") == []
    events = fire.when(EndWaiver("fire"), by="budi")
    then(events, RoleWaiverEnded, AlarmRaised)
    assert fire.when(EndWaiver("fire")) == []


def test_a_waiver_of_a_proposed_role_dismisses_the_proposal(history: History) -> None:
    history.opens("medical")
    history.when(WaiveRole("ambulance", "sudah diantar warga"), by="sari")
    assert (history.incident.proposals, history.incident.dismissed) == ((), ("99.01/ambulance",))


def test_a_role_that_is_told_again_is_no_longer_waived(fire: History) -> None:
    fire.responds("fire", DECLINED)
    fire.when(WaiveRole("fire", "api sudah padam"), AddAgency("99.01/fire"), by="sari")
    assert [e.kind for e in only(AlarmRaised, fire.responds("fire", DECLINED))] == ["role_unmet"]


def test_what_cannot_be_waived_is_refused_with_the_state(fire: History) -> None:
    with pytest.raises(NotAllowed):
        fire.when(WaiveRole("fire", "tidak perlu"))
    for command in (WaiveRole("boat", "tidak perlu"), EndWaiver("boat")):
        with pytest.raises(Invalid):
            fire.when(command)
    fire.responds("fire", DECLINED)
    fire.when(Close("resolved"))
    with pytest.raises(NotAllowed):
        fire.when(WaiveRole("fire", "tidak perlu"))


# --- stand-downs


def stood_down(history: History, *, closed: bool) -> None:
    history.responds("fire", ACKNOWLEDGED)
    history.responds("police", ACKNOWLEDGED, DONE)
    order = Close("resolved") if closed else Withdraw(history.forwarding("fire").id, "tidak perlu")
    history.at(100).when(order, by="sari")


@pytest.mark.parametrize("closed", [True, False])
def test_a_stand_down_that_nobody_confirms_is_an_alarm_once(fire: History, closed: bool) -> None:
    stood_down(fire, closed=closed)
    assert fire.incident.due_at == NOON + timedelta(seconds=400)
    assert fire.at(399.999).when(Tick()) == []
    events = fire.at(400).when(Tick())
    then(events, WithdrawalUnconfirmed, AlarmRaised)
    assert [(e.kind, e.agency) for e in only(AlarmRaised, events)] == [("stand_down_unconfirmed", "99.01/fire")]
    assert fire.at(4_000).when(Tick()) == []
    assert fire.incident.due_at is None
    assert fire.incident.needs_somebody


@pytest.mark.parametrize("response", [ACKNOWLEDGED, DONE])
def test_a_confirmation_clears_the_alarm_of_a_closed_incident(fire: History, response: Response) -> None:
    stood_down(fire, closed=True)
    fire.at(400).when(Tick())
    events = fire.at(500).responds("fire", response, revision=2)
    assert len(only(AlarmCleared, events)) == 1
    assert not fire.incident.needs_somebody


def test_a_confirmation_recorded_on_behalf_clears_it_too(fire: History) -> None:
    stood_down(fire, closed=True)
    fire.at(400).when(Tick())
    answer = RecordAnswer(fire.forwarding("fire").id, ACKNOWLEDGED, "telephone", "Pak Harun")
    assert len(only(AlarmCleared, fire.at(410).when(answer, by="sari"))) == 1


def test_a_person_can_note_a_stand_down_and_a_confirmation_after_that_is_recorded(fire: History) -> None:
    stood_down(fire, closed=True)
    fire.at(400).when(Tick())
    note = NoteStandDown(fire.forwarding("fire").id, "unit sudah di pos")
    then(fire.when(note, by="sari"), WithdrawalNoted, AlarmCleared)
    assert fire.forwarding("fire").state == ForwardingState.WITHDRAWN
    assert fire.when(note, by="budi") == []
    then_one(fire.at(600).responds("fire", ACKNOWLEDGED, revision=2), IncidentAcknowledged)
    assert fire.forwarding("fire").stood_down_at is not None


def test_a_late_acknowledgement_after_a_noted_stand_down_has_to_be_confirmed_anew(fire: History) -> None:
    """It says that the agency did not know of the withdrawal: a unit may be out, whatever the person heard."""
    stood_down(fire, closed=True)
    fire.at(400).when(Tick())
    fire.when(NoteStandDown(fire.forwarding("fire").id, "unit sudah di pos"), by="sari")
    fire.at(500).responds("fire", ACKNOWLEDGED, revision=1)
    assert fire.forwarding("fire").state == ForwardingState.STANDING_DOWN
    then(fire.at(800).when(Tick()), WithdrawalUnconfirmed, AlarmRaised)
    assert fire.replayed() == fire.incident


def test_only_a_stand_down_can_be_noted(fire: History) -> None:
    with pytest.raises(NotAllowed):
        fire.when(NoteStandDown(fire.forwarding("fire").id, "sudah pulang"))
    with pytest.raises(NotFound):
        fire.when(NoteStandDown(fire.incident.id, "sudah pulang"))


def test_a_unit_that_was_out_already_has_the_whole_time_to_confirm(fire: History) -> None:
    """The acknowledgement crosses the withdrawal, so the time counts from when dispatch hears of it."""
    fire.at(10).when(Withdraw(fire.forwarding("fire").id, "tidak perlu"), by="sari")
    fire.at(20).responds("fire", ACKNOWLEDGED, revision=1)
    assert fire.forwarding("fire").confirm_by == NOON + timedelta(seconds=320)


def test_a_backfilled_stand_down_is_no_alarm() -> None:
    history = History(a_pack())
    history.opens("fire", backfilled=True, notify=True)
    history.responds("fire", ACKNOWLEDGED)
    history.when(Close("resolved"))
    assert history.incident.due_at is None


# --- over HTTP


async def declined(desk: Desk) -> str:
    """The path of a fire that the fire brigade has declined."""
    await desk.classified(1)
    fire = await desk.part("fire")
    await fire.hear(fire.responded(DECLINED))
    return f"/v1/incidents/{fire.incident_id}"


async def test_a_dispatcher_waives_a_role_and_takes_it_back(desk: Desk) -> None:
    path = await declined(desk)
    assert (await desk.incident())["unmet_roles"] == ["fire"]
    waiver = {"role": "fire", "reason": "api sudah padam"}
    waived = (await desk.ask("POST", f"{path}/waivers", waiver)).json()
    assert (waived["unmet_roles"], waived["needs"][0]["state"]) == ([], "waived")
    entries = (await desk.ask("GET", f"{path}/timeline")).json()["items"]
    assert any("Peran pemadam kebakaran dinyatakan" in entry["in_words"]["id"] for entry in entries)
    assert (await desk.incident())["needs"] == waived["needs"]
    back = (await desk.ask("POST", f"{path}/waivers/take-back", {"role": "fire"})).json()
    assert back["unmet_roles"] == ["fire"]
    assert (await desk.ask("POST", f"{path}/waivers", waiver, "operator")).status_code == 403


async def test_of_two_dispatchers_one_waives_the_role_that_the_other_tells_an_agency_for(desk: Desk) -> None:
    path = await declined(desk)
    waiver = {"role": "fire", "reason": "api sudah padam"}
    added = {"agency": f"{REGENCY}/transport", "role": "fire"}
    answers = await asyncio.gather(
        desk.ask("POST", f"{path}/waivers", waiver),
        desk.ask("POST", f"{path}/forwardings", added, **{"Idempotency-Key": "one"}),
    )
    assert (answers[0].status_code, answers[1].status_code) in {(200, 201), (409, 201)}
    assert [need["state"] for need in (await desk.incident())["needs"] if need["role"] == "fire"] == ["met"]


async def test_a_closed_incident_is_on_the_board_until_its_stand_down_is_settled(desk: Desk) -> None:
    await desk.classified(1)
    fire = await desk.part("fire")
    await fire.hear(fire.responded(ACKNOWLEDGED))
    path = f"/v1/incidents/{fire.incident_id}"
    await desk.ask("POST", f"{path}/close", {"disposition": "resolved"})
    desk.kit.clock.advance(301)
    assert await timers_together(desk.kit.runtime, incidents, meet_deadlines).meet_due()
    assert not await timers_together(desk.kit.runtime, incidents, meet_deadlines).meet_due()
    assert [e.event.kind for e in await desk.kit.said(AlarmRaised)] == ["stand_down_unconfirmed"]
    assert [one["state"] for one in await desk.incidents(open="true")] == ["closed"]
    note = f"{path}/forwardings/{fire.id}/note-stand-down"
    settled = await desk.ask("POST", note, {"reason": "terlihat di pos"})
    assert settled.json()["forwardings"][0]["state"] == "withdrawn"
    assert await desk.incidents(open="true") == []


async def test_a_deadline_in_the_past_is_a_problem_that_names_the_field(desk: Desk) -> None:
    path = await declined(desk)
    added = {"agency": f"{REGENCY}/transport", "acknowledge_by": "2000-01-01T00:00:00Z"}
    refused = await desk.ask("POST", f"{path}/forwardings", added, **{"Idempotency-Key": "one"})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/acknowledge_by"]
