"""What stands open on an incident that is merged stands on the one that goes on, and goes back if the merger ends."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid5

import pytest
from services.dispatch.tests.dispatch_histories import (
    INCIDENT_ID,
    NOON,
    REGENCY,
    Desk,
    History,
    Part,
    Shown,
    a_pack,
    forwarded_to,
    only,
)
from services.dispatch.tests.test_agency_reports import AMBULANCE, asking, said
from services.dispatch.tests.test_duplicates import (
    Other,
    merge,
    merged,
    opens,
    path,
    read,
    third_beside,
    two_at_the_market,
)
from services.dispatch.tests.test_informing import informing_pack
from services.dispatch.tests.test_units import names, units

from sigap_common.contracts.agencies import AgencyResponded, Response
from sigap_common.contracts.agency_reports import HelpAskedFor, SaidBeside
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.duplicates import IncidentReleased
from sigap_common.contracts.incidents import ForwardingRevised, ForwardingWithdrawn
from sigap_common.contracts.informing import IncidentInformed, InformationEnded
from sigap_common.contracts.proposals import ForwardingProposed, ProposalReason
from sigap_common.contracts.questions import QuestionAsked
from sigap_common.contracts.units import UnitReleased, UnitTakenOver
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.alarm_levels import DismissAlarmLevel, SetAlarmLevel
from sigap_dispatch.domain.attention import Reason, attention
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, Command, RecordAnswer, Respond, Tick, Withdraw
from sigap_dispatch.domain.duplicates import CarryOver, ReadReports, Release, Unmerge
from sigap_dispatch.domain.escalation import NoteStandDown, WaiveRole
from sigap_dispatch.domain.lifecycle import Cancel, Reopen
from sigap_dispatch.domain.needs import needs, unmet
from sigap_dispatch.domain.proposals import DismissProposal
from sigap_dispatch.domain.protection import Protect
from sigap_dispatch.domain.questions import AnswerQuestion, HearAnswer
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_dispatch.domain.turning_back import TurnBack
from sigap_dispatch.domain.units import ReleaseUnit, busy, status

EN_ROUTE, ON_SCENE, DONE = Response.EN_ROUTE, Response.ON_SCENE, Response.DONE
FIRE = f"{REGENCY}/fire"


@pytest.fixture
def other() -> Other:
    """A fire at the market, forwarded to fire and police."""
    opened = Other()
    opens(opened, number="CTH-20240219-0009")
    return opened


def unmerged(history: History, other: History) -> list[Event]:
    """What the events of the one that went on are."""
    before, into = history.incident, other.incident
    history.when(Unmerge(into), by="ani")
    events = other.when(Release(before, NOON, None), by="ani")
    assert history.replayed() == history.incident
    assert other.replayed() == other.incident
    return events


def questions(history: History) -> list[str]:
    return [one.text.clear for one in history.incident.open_questions]


def test_a_question_stands_on_the_incident_that_goes_on(history: History, other: Other) -> None:
    opens(history)
    history.responds("fire", ON_SCENE, beside=said(question="Ke rumah sakit mana?"))
    [asked] = only(QuestionAsked, merged(history, other))
    assert (asked.by, asked.forwarding_id) == (None, other.forwarding("fire").id)
    other.when(ReadReports(2))
    for code in ("fire", "police"):
        other.responds(code, Response.ACKNOWLEDGED)
    place = attention(other.incident)
    assert place
    assert place.reason is Reason.PROPOSAL
    events = other.when(AnswerQuestion(asked.question_id, "RSUD"), by="sari")
    assert FIRE in {event.agency for event in only(ForwardingRevised, events)}
    heard = history.when(HearAnswer(asked.question_id, "RSUD", other.incident), by="sari")
    assert only(ForwardingRevised, heard) == [], "the brigade has it from the other one"
    assert questions(history) == []
    unmerged(history, other)
    assert (questions(history), questions(other)) == ([], []), "an answer stays one"
    assert "RSUD" in history.incident.notes[-1].text.clear


def test_a_question_that_nobody_answered_goes_back(history: History, other: Other) -> None:
    opens(history)
    history.responds("fire", ON_SCENE, beside=said(question="Ke rumah sakit mana?"))
    other.responds("police", ON_SCENE, beside=said(question="Jalan mana ditutup?"))
    for _ in range(2):
        merged(history, other)
        assert questions(other) == ["Jalan mana ditutup?", "Ke rumah sakit mana?"]
        unmerged(history, other)
        assert questions(other) == ["Jalan mana ditutup?"]
        assert questions(history) == ["Ke rumah sakit mana?"]


def test_the_answer_reaches_an_agency_whose_part_was_done_before_the_merger(history: History, other: Other) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DONE, beside=said(question="Siapa membayar derek?"))
    [asked] = only(QuestionAsked, merged(history, other))
    other.when(AnswerQuestion(asked.question_id, "Pemilik"), by="sari")
    command = HearAnswer(asked.question_id, "Pemilik", other.incident)
    [told] = only(ForwardingRevised, history.when(command, by="sari"))
    assert told.forwarding_id == asked.forwarding_id == history.forwarding("transport").id
    assert "Pemilik" in told.content.notes[-1].text.clear
    assert history.when(command, by="sari") == []


def test_a_question_asked_after_the_merger_is_carried_over_once(history: History, other: Other) -> None:
    opens(history)
    merged(history, other)
    history.responds("fire", ON_SCENE, beside=said(question="Ke mana?"))
    history.responds("police", ON_SCENE, beside=said(asks_for=HelpAskedFor(agency=AMBULANCE)))
    asked = only(QuestionAsked, other.when(CarryOver(history.incident)))
    assert [one.agency for one in asked] == [FIRE, f"{REGENCY}/police"], "help, too, stands as a question"
    assert other.when(CarryOver(history.incident)) == []


def proposed(history: History) -> list[tuple[str, str | None, ProposalReason]]:
    return [(one.agency, one.asked_by, one.reason) for one in history.incident.proposals]


def test_an_agency_that_is_asked_for_stays_proposed(history: History, other: Other) -> None:
    opens(history)
    history.responds("fire", ON_SCENE, beside=asking(agency=AMBULANCE))
    wanted = [(AMBULANCE, FIRE, ProposalReason.ASKED_FOR)]
    merged(history, other)
    assert (proposed(history), proposed(other)) == ([], wanted)
    assert other.incident.proposals[0].text == Sealed("dua rumah terbakar")
    unmerged(history, other)
    assert (proposed(history), proposed(other)) == (wanted, [])
    merged(history, other)
    other.when(DismissProposal(AMBULANCE), by="sari")
    unmerged(history, other)
    assert (proposed(history), proposed(other)) == ([], []), "a person dismissed it"


def levels(*histories: History) -> list[int | None]:
    proposals = [history.incident.proposed_level for history in histories]
    return [one.alarm_level if one else None for one in proposals]


def test_an_alarm_level_that_is_asked_for_stays_proposed(history: History, other: Other) -> None:
    opens(history)
    history.responds("fire", ON_SCENE, beside=asking(alarm_level=2))
    merged(history, other)
    assert levels(history, other) == [None, 2]
    unmerged(history, other)
    assert levels(history, other) == [2, None]
    merged(history, other)
    other.when(SetAlarmLevel(2, 1, "dua rumah"), by="sari")
    unmerged(history, other)
    assert levels(history, other) == [2, None], "this incident itself was not raised"


def test_a_level_that_a_person_dismissed_on_the_other_one_does_not_come_back(history: History, other: Other) -> None:
    opens(history)
    history.responds("fire", ON_SCENE, beside=asking(alarm_level=2))
    merged(history, other)
    other.when(DismissAlarmLevel(2), by="sari")
    unmerged(history, other)
    assert levels(history, other) == [None, None]


# --- units


def sends(*callsigns: str) -> SaidBeside:
    return SaidBeside(units=callsigns)


def out(history: History, code: str = "fire") -> dict[str, str]:
    """The units that are out for the agency's open part, and what they do."""
    parts = [part for part in history.incident.open_forwardings() if part.agency == f"{REGENCY}/{code}"]
    return {unit.callsign: status(part, unit).value for part in parts for unit in busy(part)}


def test_a_unit_that_is_out_goes_on_for_the_other_incident(history: History, other: Other) -> None:
    opens(history)
    history.at(60).responds("fire", EN_ROUTE, beside=sends("DAMKAR 1"))
    other.at(70).responds("fire", EN_ROUTE, beside=sends("DAMKAR 2"))
    history.at(80)
    [taken] = only(UnitTakenOver, merged(history, other))
    assert (taken.callsign, taken.other, taken.came_with) == ("DAMKAR 1", history.incident.id, history.incident.id)
    assert (taken.assigned_at, taken.times_taken_over) == (NOON + timedelta(seconds=60), 1)
    assert out(other) == {"DAMKAR 2": "en_route", "DAMKAR 1": "en_route"}
    assert [one.how for one in only(UnitReleased, history.events)] == ["merged"]
    [left] = history.forwarding("fire").units
    assert left.released_at is not None
    other.at(90).responds("fire", ON_SCENE)
    assert out(other) == {"DAMKAR 2": "on_scene", "DAMKAR 1": "on_scene"}


def test_a_unit_goes_on_also_if_its_agency_has_not_answered_on_the_other_incident(
    history: History, other: Other
) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", EN_ROUTE, beside=sends("DEREK 1"))
    merged(history, other)
    assert out(other, "transport") == {"DEREK 1": "en_route"}
    assert other.forwarding("transport").state == "forwarded"
    withdrawn = other.when(Withdraw(other.forwarding("transport").id, "tidak perlu"), by="sari")
    [told] = only(ForwardingWithdrawn, withdrawn)
    assert told.stand_down, "its unit is out, so the agency confirms that it turns back"
    assert other.forwarding("transport").state == "standing_down"


def test_a_unit_comes_back_if_the_merger_ends(history: History, other: Other) -> None:
    opens(history)
    history.at(60).responds("fire", EN_ROUTE, beside=sends("DAMKAR 1"))
    for _ in range(2):
        merged(history, other)
        other.at(90).responds("fire", ON_SCENE, beside=sends("DAMKAR 1", "DAMKAR 2"))
        events = unmerged(history, other)
        assert [(one.callsign, one.how) for one in only(UnitReleased, events)] == [("DAMKAR 1", "unmerged")]
        assert out(other) == {"DAMKAR 2": "on_scene"}
        assert out(history) == {"DAMKAR 1": "en_route"}, "at the other place it was no step of this incident"
        assert history.forwarding("fire").state == "forwarded"


def test_a_unit_that_has_gone_elsewhere_does_not_come_back(history: History, other: Other) -> None:
    opens(history)
    history.responds("fire", EN_ROUTE, beside=sends("DAMKAR 1"))
    merged(history, other)
    other.when(ReleaseUnit(other.forwarding("fire").id, "DAMKAR 1", "moved", other.now))
    assert only(UnitReleased, unmerged(history, other)) == []
    assert out(history) == {}


def test_an_open_part_moves_to_an_incident_where_its_agency_is_done(history: History, other: Other) -> None:
    other.responds("fire", DONE)
    opens(history)
    history.responds("fire", EN_ROUTE, beside=sends("DAMKAR 1"))
    assert forwarded_to(merged(history, other)) == ["fire"]
    assert out(other) == {"DAMKAR 1": "en_route"}
    assert [part.state for part in other.incident.forwardings if part.agency == FIRE] == ["done", "forwarded"]
    [released] = only(IncidentReleased, unmerged(history, other))
    assert released.proposed_withdrawals == (FIRE,)
    assert out(history) == {"DAMKAR 1": "en_route"}


def test_who_was_withdrawn_on_the_other_incident_after_it_was_done_is_not_told_again(
    history: History, other: Other
) -> None:
    other.responds("fire", DONE)
    other.when(AddAgency(FIRE), by="sari")
    other.when(Withdraw(other.forwarding("fire").id, "tidak perlu"), by="sari")
    opens(history)
    assert forwarded_to(merged(history, other)) == []


def test_units_go_on_through_two_mergers_and_come_back_by_both(history: History, other: Other) -> None:
    opens(history)
    history.responds("fire", EN_ROUTE, beside=sends("DAMKAR 1"))
    merged(history, other)
    third = History(a_pack(), subject=uuid5(INCIDENT_ID, "third"))
    opens(third, number="CTH-20240219-0010")
    merged(other, third)
    assert (out(history), out(other), out(third)) == ({}, {}, {"DAMKAR 1": "en_route"})
    unmerged(other, third)
    assert (out(history), out(other), out(third)) == ({}, {"DAMKAR 1": "en_route"}, {})
    unmerged(history, other)
    assert (out(history), out(other), out(third)) == ({"DAMKAR 1": "en_route"}, {}, {})
    taken = only(UnitTakenOver, [*third.events, *other.events, *history.events])
    assert sorted(event.times_taken_over for event in taken) == [1, 2, 3, 4]


# --- agencies that declined an incident that is merged, and a role that nobody fills then

ACKNOWLEDGED, DECLINED = Response.ACKNOWLEDGED, Response.DECLINED


def answers(history: History, other: History, code: str, response: Response, *units: str) -> list[Event]:
    """The agency answers on its part of the merged incident; what the one that goes on says to it, and what the merged
    one does.
    """
    before = history.forwarding(code)
    history.responds(code, response, beside=sends(*units))
    comes = before.declined and response is not DECLINED
    assert history.replayed() == history.incident
    told = [] if other.incident.closed_at else other.when(CarryOver(history.incident, before.id, units, comes))
    return [*told, *history.when(TurnBack(before.id, other.incident, history.now))]


def test_an_agency_that_declined_the_merged_incident_and_comes_after_all_has_the_other_one(
    history: History, other: Other
) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    assert forwarded_to(merged(history, other)) == []
    history.at(60)
    told = answers(history, other.at(60), "transport", EN_ROUTE, "DEREK 1")
    assert forwarded_to(told) == ["transport"]
    assert out(other, "transport") == {"DEREK 1": "en_route"}
    assert not list(history.incident.open_forwardings()), "it works for the other one alone"
    other.when(Withdraw(other.forwarding("transport").id, "tidak perlu"), by="sari")
    assert forwarded_to(answers(history, other, "transport", ON_SCENE, "DEREK 1")) == [], "it was told, and called off"


def test_an_agency_that_is_at_work_on_the_other_one_is_not_told_twice(history: History, other: Other) -> None:
    opens(history)
    history.responds("fire", DECLINED)
    merged(history, other)
    assert forwarded_to(answers(history, other, "fire", ACKNOWLEDGED)) == []


def test_an_agency_that_declined_both_and_comes_after_all_has_the_one_that_goes_on(
    history: History, other: Other
) -> None:
    opens(history)
    for one in (history, other):
        one.responds("fire", DECLINED)
    merged(history, other)
    assert forwarded_to(answers(history.at(60), other.at(60), "fire", ACKNOWLEDGED)) == ["fire"]
    assert [part.state for part in other.incident.forwardings if part.agency == FIRE] == ["withdrawn", "forwarded"]


@pytest.mark.parametrize(
    ("order", "reason"),
    [(Close("doused"), "closed"), (Cancel("anak bermain"), "cancelled")],
    ids=["closed", "cancelled"],
)
def test_an_agency_that_comes_after_all_when_the_other_one_is_over_is_asked_to_turn_back(
    history: History, other: Other, order: Command, reason: str
) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    merged(history, other)
    other.when(order, by="sari")
    assert history.incident.due_at is None
    [told] = only(ForwardingWithdrawn, answers(history.at(60), other.at(60), "transport", EN_ROUTE, "DEREK 1"))
    assert (told.agency, told.reason, told.stand_down) == (f"{REGENCY}/transport", reason, True)
    assert answers(history, other, "transport", ON_SCENE, "DEREK 1") == [], "it is asked once"
    part = history.forwarding("transport")
    assert (part.state, [unit.callsign for unit in busy(part)]) == ("standing_down", ["DEREK 1"])
    place = attention(history.incident)
    assert place
    assert place.reason is Reason.WAITING, "the merged incident is on the board"
    [raised] = only(AlarmRaised, history.at(60 + 300).when(Tick()))
    assert (raised.kind, raised.agency) == ("stand_down_unconfirmed", f"{REGENCY}/transport")
    [cleared] = only(AlarmCleared, history.responds("transport", ACKNOWLEDGED, revision=told.revision))
    assert cleared.alarm_id == raised.alarm_id
    assert (history.forwarding("transport").state, busy(history.forwarding("transport"))) == ("withdrawn", [])
    assert attention(history.incident) is None
    assert history.replayed() == history.incident


def test_an_acknowledgement_that_crosses_the_merger_and_the_closing_is_of_an_agency_that_must_turn_back(
    history: History, other: Other
) -> None:
    opens(history, kind="traffic_accident")
    merged(history, other)
    other.at(30).when(Close("doused"), by="sari")
    assert other.forwarding("transport").state == "withdrawn", "it had not answered there"
    [told] = only(ForwardingWithdrawn, answers(history.at(60), other.at(60), "transport", ACKNOWLEDGED))
    assert told.stand_down
    assert history.forwarding("transport").state == "standing_down"


@pytest.mark.parametrize("said", [ACKNOWLEDGED, DONE, DECLINED])
def test_who_said_on_the_other_one_that_nobody_is_out_is_not_asked_again_for_what_it_said_before(
    history: History, other: Other, said: Response
) -> None:
    opens(history)
    history.responds("fire", DECLINED)
    merged(history, other)
    other.at(10).responds("fire", ACKNOWLEDGED)
    other.at(20).when(Close("doused"), by="sari")
    part = other.forwarding("fire")
    before = history.forwarding("fire")
    history.at(30).responds("fire", ACKNOWLEDGED)
    asked_there = TurnBack(before.id, other.incident, history.now)
    assert history.when(asked_there) == [], "it is asked on the other one"
    other.at(40).when(Respond(part.id, part.revision, said, "desk", other.now))
    assert other.forwarding("fire").state == "withdrawn"
    assert history.at(50).when(TurnBack(before.id, other.incident, NOON + timedelta(seconds=30))) == []
    [told] = only(ForwardingWithdrawn, history.when(TurnBack(before.id, other.incident, history.now)))
    assert told.stand_down, "it comes again since"


def test_an_agency_that_must_turn_back_has_its_incident_again_if_the_merger_ends(
    history: History, other: Other
) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    merged(history, other)
    other.at(10).when(Close("doused"), by="sari")
    answers(history.at(60), other.at(60), "transport", ACKNOWLEDGED)
    history.at(70).when(Unmerge(other.incident), by="ani")
    states = [part.state for part in history.incident.forwardings if part.agency.endswith("transport")]
    assert states == ["standing_down", "forwarded"]


def test_an_agency_that_comes_after_all_when_the_merger_has_ended_and_its_incident_too_must_turn_back(
    history: History, other: Other
) -> None:
    opens(history)
    history.responds("fire", DECLINED)
    merged(history, other)
    unmerged(history, other)
    history.at(30).when(Close("doused"), by="sari")
    [told] = only(ForwardingWithdrawn, history.at(60).responds("fire", ACKNOWLEDGED))
    assert (told.reason, told.stand_down) == ("closed", True)
    assert history.forwarding("fire").state == "standing_down"


@pytest.mark.parametrize("is_there", [True, False], ids=["at work on the other one", "told by the merger"])
def test_an_agency_that_was_on_its_way_when_its_incident_was_merged_confirms_that_it_turns_back(
    history: History, other: Other, is_there: bool
) -> None:
    code = "fire" if is_there else "transport"
    opens(history, kind="fire" if is_there else "traffic_accident")
    history.responds(code, EN_ROUTE)
    merged(history, other)
    told = {e.agency: e.stand_down for e in only(ForwardingWithdrawn, other.when(Close("doused"), by="sari"))}
    others = {"fire", "police"} - {code}
    assert told == {f"{REGENCY}/{code}": True} | {f"{REGENCY}/{one}": False for one in others}
    assert other.forwarding(code).state == "standing_down"


def test_it_is_on_its_way_through_two_mergers_and_back(history: History, other: Other) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", EN_ROUTE)
    merged(history, other)
    third = History(a_pack(), subject=uuid5(INCIDENT_ID, "third"))
    opens(third, number="CTH-20240219-0010")
    merged(other, third)
    unmerged(other, third)
    unmerged(history, other)
    for one in (third, other, history):
        [told] = only(ForwardingWithdrawn, one.when(Withdraw(one.forwarding("transport").id, "tidak perlu"), by="sari"))
        assert told.stand_down


def test_an_agency_that_is_on_its_way_for_an_incident_goes_with_it_when_the_merger_ends(
    history: History, other: Other
) -> None:
    opens(history)
    history.responds("fire", EN_ROUTE)
    merged(history, other)
    unmerged(history, other)
    third = History(a_pack(), subject=uuid5(INCIDENT_ID, "third"))
    opens(third, number="CTH-20240219-0010")
    third.when(Withdraw(third.forwarding("fire").id, "tidak perlu"), by="sari")
    assert forwarded_to(merged(other, third)) == [], "a person called it off, and it has said nothing for this one"
    assert other.replayed() == other.incident


@pytest.mark.parametrize("noted", [True, False], ids=["noted by a person", "confirmed"])
def test_an_agency_that_turned_back_does_not_count_as_coming_when_it_has_its_incident_again(
    history: History, other: Other, noted: bool
) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    merged(history, other)
    other.at(10).when(Close("doused"), by="sari")
    [told] = only(ForwardingWithdrawn, answers(history.at(60), other.at(60), "transport", ACKNOWLEDGED))
    if noted:
        history.at(70).when(NoteStandDown(told.forwarding_id, "lewat radio"), by="sari")
    else:
        history.at(70).responds("transport", ACKNOWLEDGED, revision=told.revision)
    assert history.forwarding("transport").state == "withdrawn"
    assert forwarded_to(history.at(80).when(Unmerge(other.incident), by="ani")) == ["police", "transport"]
    again = history.forwarding("transport").id
    [told] = only(ForwardingWithdrawn, history.when(Withdraw(again, "tidak perlu"), by="sari"))
    assert not told.stand_down


def test_an_agency_that_came_after_all_goes_back_if_the_merger_ends(history: History, other: Other) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    merged(history, other)
    answers(history.at(60), other.at(60), "transport", EN_ROUTE, "DEREK 1")
    events = unmerged(history, other)
    assert [part.state for part in history.incident.open_forwardings() if part.agency.endswith("transport")]
    assert (out(history, "transport"), out(other, "transport")) == ({"DEREK 1": "en_route"}, {})
    [released] = only(IncidentReleased, events)
    assert f"{REGENCY}/transport" in released.proposed_withdrawals


def test_an_agency_that_declined_while_the_incident_was_merged_is_not_told_again(
    history: History, other: Other
) -> None:
    opens(history)
    merged(history, other)
    history.at(60).responds("fire", DECLINED)
    unmerged(history, other)
    assert [part.state for part in history.incident.forwardings if part.agency == FIRE] == ["withdrawn"]
    assert [(one.agency, one.reason) for one in history.incident.proposals] == [(FIRE, ProposalReason.DECLINED_BEFORE)]


def test_an_agency_that_comes_after_all_when_the_merger_has_ended_has_its_incident_again(
    history: History, other: Other
) -> None:
    opens(history)
    history.responds("fire", DECLINED)
    merged(history, other)
    unmerged(history, other)
    assert forwarded_to(history.at(60).responds("fire", ACKNOWLEDGED)) == ["fire"]
    history.when(Withdraw(history.forwarding("fire").id, "tidak perlu"), by="sari")
    old = next(part for part in history.incident.forwardings if part.agency == FIRE)
    for response in (DECLINED, ACKNOWLEDGED):
        history.at(61 if response is DECLINED else 62)
        told = history.when(Respond(old.id, 1, response, "desk", history.now))
        assert forwarded_to(told) == [], "a person called it off since"
    assert history.forwarding("fire").state == "standing_down", "it had said that it comes"


def test_an_acknowledgement_that_crosses_a_merger_its_end_and_a_withdrawal_is_of_an_agency_that_must_turn_back(
    history: History, other: Other
) -> None:
    opens(history)
    old = history.forwarding("fire").id
    merged(history, other)
    unmerged(history, other)
    history.at(60).when(Withdraw(history.forwarding("fire").id, "tidak perlu"), by="sari")
    assert history.forwarding("fire").state == "withdrawn", "it had not answered"
    [told] = only(ForwardingWithdrawn, history.at(61).when(Respond(old, 1, ACKNOWLEDGED, "desk", history.now)))
    assert (told.forwarding_id, told.reason, told.stand_down) == (old, "by_dispatcher", True)


def lacking(history: History) -> list[tuple[str, str]]:
    """The roles that nobody fills, each with the agency that failed last. If there is one, an alarm says so."""
    kinds = {alarm.kind for alarm in history.incident.alarms}
    found = [(need.role, need.failed[-1].agency.partition("/")[2]) for need in unmet(history.incident)]
    assert bool(found) == bool(kinds & {AlarmKind.ROLE_UNMET, AlarmKind.NOBODY_LEFT})
    return found


def test_a_role_that_nobody_fills_is_unmet_on_the_incident_that_goes_on(history: History, other: Other) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    for _ in range(2):
        [raised] = only(AlarmRaised, merged(history, other))
        assert (raised.kind, raised.role, raised.agency) == ("role_unmet", "transport", f"{REGENCY}/transport")
        assert (lacking(history), lacking(other)) == ([], [("transport", "transport")])
        [cleared] = only(AlarmCleared, unmerged(history, other))
        assert cleared.alarm_id == raised.alarm_id
        assert (lacking(history), lacking(other)) == ([("transport", "transport")], [])


def test_such_a_role_is_met_when_its_agency_comes_after_all(history: History, other: Other) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    merged(history, other)
    events = answers(history.at(60), other.at(60), "transport", ACKNOWLEDGED)
    assert len(only(AlarmCleared, events)) == 1
    assert [need.state for need in needs(other.incident) if need.role == "transport"] == ["met"]


def test_a_person_deals_with_such_a_role(history: History, other: Other) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    merged(history, other)
    told = other.when(AddAgency(f"{REGENCY}/transport", role="transport"), by="sari")
    assert (forwarded_to(told), lacking(other)) == (["transport"], [])
    part = other.forwarding("transport").id
    other.when(RecordAnswer(part, EN_ROUTE, "telephone", "Pak Harun"), by="sari")
    other.when(RecordAnswer(part, DECLINED, "telephone", "Pak Harun", "no_unit"), by="sari")
    assert lacking(other) == [("transport", "transport")]
    assert len(only(AlarmCleared, other.when(WaiveRole("transport", "minggir sendiri"), by="sari"))) == 1


def test_an_agency_that_declined_the_merged_incident_is_only_proposed_by_the_plan_of_the_other_one(
    history: History, other: Other
) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    merged(history, other)
    events = other.when(Amend(incident_type="traffic_accident"), by="sari")
    assert forwarded_to(events) == []
    [proposed] = only(ForwardingProposed, events)
    assert (proposed.agency, proposed.reason) == (f"{REGENCY}/transport", ProposalReason.DECLINED_BEFORE)


def test_the_next_agency_is_one_that_did_not_decline_the_merged_incident() -> None:
    plan = {"incident_type": "fire", "agencies": ["ambulance", "transport", "police"], "role": "rescue"}
    chain = plan | {"at_once": 1, "next": "automatic"}
    pack = a_pack(response_plans=[plan | {"incident_type": "medical", "agencies": ["transport"]}, chain])
    history, other = History(pack), Other()
    other.pack = pack
    opens(history, kind="medical")
    history.responds("transport", DECLINED)
    opens(other, number="CTH-20240219-0009")
    merged(history, other)
    assert forwarded_to(other.at(5).responds("ambulance", DECLINED)) == ["police"]


def test_a_role_goes_on_through_two_mergers(history: History, other: Other) -> None:
    opens(history, kind="traffic_accident")
    history.responds("transport", DECLINED)
    merged(history, other)
    third = History(a_pack(), subject=uuid5(INCIDENT_ID, "third"))
    opens(third, number="CTH-20240219-0010")
    assert len(only(AlarmRaised, merged(other, third))) == 1
    unmerged(other, third)
    assert (lacking(other), lacking(third)) == ([("transport", "transport")], [])


# --- those who are only informed


def informed(*histories: History) -> list[list[str]]:
    """The codes of those who are informed."""
    told = [[one.agency for one in each.incident.informed if one.ended_at is None] for each in histories]
    return [[agency.partition("/")[2] for agency in each] for each in told]


def of_two_kinds() -> tuple[History, Other]:
    """A fire of which the camat is informed, and an accident of which camat and lurah are."""
    plans = [{"incident_type": "fire", "informs": ["camat"]}]
    plans += [{"incident_type": "traffic_accident", "informs": ["camat", "lurah"]}]
    other = Other()
    other.pack = informing_pack(*plans)
    opens(other, number="CTH-20240219-0009")
    history = History(other.pack)
    opens(history, kind="traffic_accident")
    return history, other


def test_whom_a_merged_incident_informed_is_informed_of_the_other_one_once() -> None:
    history, other = of_two_kinds()
    assert informed(history, other) == [["camat", "lurah"], ["camat"]]
    [told] = only(IncidentInformed, merged(history, other))
    assert (told.agency, told.revision, told.reason) == (f"{REGENCY}/lurah", 1, None)
    assert informed(history, other) == [[], ["camat", "lurah"]]
    assert len(only(IncidentInformed, other.when(Amend(priority=1), by="sari"))) == 2
    assert only(InformationEnded, other.when(Amend(incident_type="medical"), by="sari")) == []
    assert only(InformationEnded, other.when(Close("doused"), by="sari"))
    other.when(Reopen("ternyata belum", True), by="sari")
    assert informed(other) == [["camat", "lurah"]], "the merger lasts"
    events = unmerged(history, other)
    ended = [(one.agency.partition("/")[2], one.reason) for one in only(InformationEnded, events)]
    assert ended == [("camat", "not_wanted"), ("lurah", "not_wanted")], "the plan for this type informs nobody"
    assert informed(history, other) == [["camat", "lurah"], []]


def test_who_helps_on_the_other_incident_is_not_informed_of_it() -> None:
    history, other = of_two_kinds()
    other.when(AddAgency(f"{REGENCY}/lurah"), by="sari")
    assert only(IncidentInformed, merged(history, other)) == []


def test_a_protected_incident_informs_nobody_who_comes_with_a_merger() -> None:
    history, other = of_two_kinds()
    other.when(Protect())
    assert only(IncidentInformed, merged(history, other)) == []
    assert informed(history, other) == [[], []]


# --- on both databases


async def two_that_are_not_the_same(desk: Desk) -> tuple[Shown, Shown]:
    """Two incidents at the market of which a person has said that they are two."""
    first, second = await two_at_the_market(desk)
    await desk.ask("POST", path(second, "rejected-duplicates"), {"other": first["id"]})
    return first, second


async def asks(desk: Desk, incident: dict[str, Any], text: str) -> None:
    part = await desk.part("fire", incident)
    told = {"response": ON_SCENE, "channel": "desk", "question": Sealed(text)}
    await part.hear(part.event(AgencyResponded, **told))


async def test_a_question_is_answered_on_the_incident_that_goes_on(desk: Desk) -> None:
    first, second = await two_that_are_not_the_same(desk)
    second = await read(desk, second)
    await asks(desk, second, "Ke rumah sakit mana?")
    await merge(desk, second, first)
    desk.kit.clock.advance(5)
    await asks(desk, second, "Siapa di lokasi?")
    into = await read(desk, first)
    assert [one["text"] for one in into["questions"]] == ["Ke rumah sakit mana?", "Siapa di lokasi?"]
    [one, _] = into["questions"]
    refused = await desk.ask("POST", path(second, f"questions/{one['id']}/answer"), {"text": "RSUD"})
    assert (refused.status_code, refused.json()["number"]) == (409, first["number"])
    answer = await desk.ask("POST", path(first, f"questions/{one['id']}/answer"), {"text": "RSUD"})
    assert answer.status_code == 200, answer.text
    back = (await desk.ask("POST", path(second, "unmerge"))).json()
    assert [bool(one["answered_at"]) for one in back["questions"]] == [True, False]
    first = await read(desk, first)
    assert [bool(one["answered_at"]) for one in first["questions"]] == [True]


async def test_a_unit_goes_on_and_comes_back_on_both_timelines(desk: Desk) -> None:
    first, second = await two_that_are_not_the_same(desk)
    fire = await desk.part("fire", await read(desk, second))
    await names(fire, EN_ROUTE, "DAMKAR 1")
    await merge(desk, second, first)
    assert await units(desk) == {"DAMKAR 1": ("en_route", first["number"])}
    assert "UnitReleased" in await desk.timeline(second)
    assert "UnitTakenOver" in await desk.timeline(first)
    desk.kit.clock.advance(5)
    await names(fire, ON_SCENE, "DAMKAR 1", "DAMKAR 2")
    expected = {"DAMKAR 1": ("en_route", first["number"]), "DAMKAR 2": ("on_scene", first["number"])}
    assert await units(desk) == expected, "its agency did not know of the merger"
    assert (await desk.ask("POST", path(second, "unmerge"))).status_code == 200
    expected = {"DAMKAR 1": ("on_scene", second["number"]), "DAMKAR 2": ("on_scene", second["number"])}
    assert await units(desk) == expected
    assert "UnitTakenOver" in await desk.timeline(second)


async def claims(desk: Desk) -> list[tuple[str, timedelta, int]]:
    """Of each event that a unit was taken over: the other incident's number, the time from now to its naming, and how
    often it was taken over.
    """
    said = [told.event for told in await desk.kit.said(UnitTakenOver)]
    return [(one.other_number, one.named_at - desk.now, one.times_taken_over) for one in said if one.named_at]


async def test_a_unit_that_is_named_again_on_the_merged_incident_works_for_the_other_one_by_that_naming(
    desk: Desk,
) -> None:
    """The naming is from before the merger, and arrives after it."""
    first, second = await two_that_are_not_the_same(desk)
    fire = await desk.part("fire", await read(desk, second))
    await names(fire, EN_ROUTE, "DAMKAR 1", seconds=-20)
    await merge(desk, second, first)
    await names(fire, ON_SCENE, "DAMKAR 1", seconds=-10, release=True)
    assert await units(desk) == {"DAMKAR 1": ("en_route", first["number"])}
    ago = [timedelta(seconds=-20), timedelta(seconds=-10)]
    assert await claims(desk) == [(second["number"], ago[0], 1), (second["number"], ago[1], 2)]
    assert [told.event.was_here for told in await desk.kit.said(UnitTakenOver)] == [False, True]


async def test_a_unit_that_went_back_with_the_end_of_a_merger_stays_there_if_it_was_named_before(desk: Desk) -> None:
    first, second = await two_that_are_not_the_same(desk)
    await names(await desk.part("fire", await read(desk, second)), EN_ROUTE, "DAMKAR 1", seconds=-20)
    await merge(desk, second, first)
    desk.kit.clock.advance(20)
    assert (await desk.ask("POST", path(second, "unmerge"))).status_code == 200
    there = await desk.part("fire", await read(desk, first))
    await names(there, ON_SCENE, "DAMKAR 1", seconds=-10, release=True)
    assert await units(desk) == {"DAMKAR 1": ("en_route", second["number"])}
    assert (await claims(desk))[-1] == (first["number"], timedelta(seconds=-10), 3)


async def test_a_unit_that_its_agency_sent_elsewhere_does_not_go_on_by_a_late_naming(desk: Desk) -> None:
    first, second = await two_that_are_not_the_same(desk)
    third = await third_beside(desk, first, second)
    await merge(desk, second, first)
    await names(await desk.part("fire", third), EN_ROUTE, "DAMKAR 1", seconds=20)
    await names(await desk.part("fire", await read(desk, second)), EN_ROUTE, "DAMKAR 1", seconds=10)
    assert await units(desk) == {"DAMKAR 1": ("en_route", third["number"])}
    assert await claims(desk) == []


async def test_a_unit_named_elsewhere_while_its_incident_is_merged_works_there(desk: Desk) -> None:
    first, second = await two_that_are_not_the_same(desk)
    third = await third_beside(desk, first, second)
    fire = await desk.part("fire", await read(desk, second))
    await names(fire, EN_ROUTE, "DAMKAR 1")
    merging = desk.ask("POST", path(second, "merge"), {"other": first["id"]})
    naming = names(await desk.part("fire", third), EN_ROUTE, "DAMKAR 1", seconds=10, release=True)
    answer, _ = await asyncio.gather(merging, naming)
    assert answer.status_code == 200, answer.text
    desk.kit.clock.advance(5)
    await desk.kit.retry()  # the answer waits if the unit went on in between
    assert await units(desk) == {"DAMKAR 1": ("en_route", third["number"])}
    await desk.ask("POST", path(second, "unmerge"))
    assert await units(desk) == {"DAMKAR 1": ("en_route", third["number"])}


async def test_a_recipient_who_came_with_a_merger_is_shown_and_told(desk: Desk) -> None:
    plan = {"incident_type": "traffic_accident", "informs": ["lurah"]}
    await desk.kit.configure(informing_pack(plan), version=2)
    await desk.classified(1)
    await desk.classified(2, kind="traffic_accident")
    second, first = await desk.incidents()
    await merge(desk, second, first)
    shown = await read(desk, first)
    assert [(one["agency"], one["ended_at"]) for one in shown["informed"]] == [(f"{REGENCY}/lurah", None)]
    assert (await desk.ask("POST", path(second, "unmerge"))).status_code == 200
    ended = (await read(desk, first))["informed"]
    assert [one["reason"] for one in ended] == ["not_wanted"]
    assert [one["ended_at"] for one in (await read(desk, second))["informed"]] == [None]


async def declined_and_merged_twice(desk: Desk) -> tuple[Part, Shown, Shown]:
    """A part that its agency declined, its incident, and a third one. The incident was merged into a second one, and
    that into the third.
    """
    await desk.classified(1)
    await desk.classified(2, kind="traffic_accident")
    await desk.classified(3)
    third, second, first = await desk.incidents()
    transport = await desk.part("transport", second)
    await transport.hear(transport.responded(DECLINED))
    await merge(desk, second, first)
    await merge(desk, first, third)
    return transport, second, third


async def test_an_agency_that_comes_after_all_has_the_incident_that_goes_on(desk: Desk) -> None:
    transport, _, third = await declined_and_merged_twice(desk)
    assert (await read(desk, third))["unmet_roles"] == ["transport"]
    desk.kit.clock.advance(60)
    await transport.hear(transport.responded(ACKNOWLEDGED))
    await names(transport, EN_ROUTE, "DEREK 1", seconds=1)
    goes_on = await read(desk, third)
    [part] = [one for one in goes_on["forwardings"] if one["agency"] == transport.agency]
    assert (part["state"], goes_on["unmet_roles"]) == ("forwarded", [])
    assert await units(desk) == {"DEREK 1": ("en_route", third["number"])}


async def test_an_agency_that_comes_after_all_when_all_is_over_is_on_the_board_until_it_turns_back(desk: Desk) -> None:
    transport, second, third = await declined_and_merged_twice(desk)
    assert (await desk.ask("POST", path(third, "close"), {"disposition": "doused"})).status_code == 200
    assert await desk.incidents(open="true") == []
    desk.kit.clock.advance(60)
    await transport.hear(transport.responded(ACKNOWLEDGED))
    await names(transport, EN_ROUTE, "DEREK 1", seconds=1)
    [board] = await desk.incidents(open="true")
    assert board["id"] == second["id"]
    assert (await transport.shown())["state"] == "standing_down"
    assert await units(desk) == {"DEREK 1": ("en_route", second["number"])}
    told = (await desk.kit.said(ForwardingWithdrawn))[-1]
    assert (str(told.event.forwarding_id), told.event.stand_down) == (str(transport.id), True)
    await transport.hear(transport.responded(ACKNOWLEDGED, 5, told.event.revision))
    assert await desk.incidents(open="true") == []
    assert await units(desk) == {"DEREK 1": ("available", None)}


async def test_an_agency_that_was_called_off_on_the_other_incident_before_it_answered_is_asked_to_turn_back(
    desk: Desk,
) -> None:
    await desk.classified(1)
    await desk.classified(2, kind="traffic_accident")
    second, first = await desk.incidents()
    transport = await desk.part("transport", second)
    await merge(desk, second, first)
    there = await desk.part("transport", await read(desk, first))
    withdrawn = await desk.ask("POST", path(first, f"forwardings/{there.id}/withdraw"), {"reason": "tidak perlu"})
    assert (withdrawn.status_code, (await there.shown())["state"]) == (200, "withdrawn")
    desk.kit.clock.advance(60)
    await transport.hear(transport.responded(ACKNOWLEDGED))
    assert (await transport.shown())["state"] == "standing_down"
    assert (await read(desk, first))["state"] != "closed"
    told = (await desk.kit.said(ForwardingWithdrawn))[-1].event
    assert (str(told.forwarding_id), told.reason, told.stand_down) == (str(transport.id), "by_dispatcher", True)


@pytest.mark.parametrize("is_done_there", [False, True], ids=["busy elsewhere", "free since"])
async def test_an_agency_that_must_turn_back_takes_no_unit_from_where_it_sent_it_since(
    desk: Desk, is_done_there: bool
) -> None:
    first, second = await two_that_are_not_the_same(desk)
    third = await third_beside(desk, first, second)
    fire, there = await desk.part("fire", await read(desk, second)), await desk.part("fire", first)
    elsewhere = await desk.part("fire", third)
    await there.hear(there.responded(ACKNOWLEDGED))
    await merge(desk, second, first)
    desk.kit.clock.advance(60)
    await names(fire, EN_ROUTE, "DAMKAR 1")
    assert await units(desk) == {"DAMKAR 1": ("en_route", first["number"])}
    assert (await desk.ask("POST", path(first, "close"), {"disposition": "doused"})).status_code == 200
    desk.kit.clock.advance(60)
    await there.hear(there.responded(ACKNOWLEDGED, revision=(await there.shown())["revision"]))
    assert await units(desk) == {"DAMKAR 1": ("available", None)}
    desk.kit.clock.advance(60)
    await names(elsewhere, EN_ROUTE, "DAMKAR 1")
    if is_done_there:
        await names(elsewhere, DONE, seconds=10)
    desk.kit.clock.advance(60)
    expected = await units(desk)
    await fire.hear(fire.responded(ON_SCENE))
    assert (await fire.shown())["state"] == "standing_down"
    assert await units(desk) == expected
    assert [unit["status"] for unit in (await fire.shown())["units"]] == ["available"]
    told = (await desk.kit.said(ForwardingWithdrawn))[-1].event
    await fire.hear(fire.responded(ACKNOWLEDGED, 5, told.revision))
    assert await units(desk) == expected


async def test_a_merger_and_an_agency_that_comes_after_all_at_once(desk: Desk) -> None:
    await desk.classified(1)
    await desk.classified(2, kind="traffic_accident")
    second, first = await desk.incidents()
    transport = await desk.part("transport", second)
    await transport.hear(transport.responded(DECLINED))
    desk.kit.clock.advance(60)
    merging = desk.ask("POST", path(second, "merge"), {"other": first["id"]})
    answer, _ = await asyncio.gather(merging, transport.hear(transport.responded(EN_ROUTE)))
    assert answer.status_code == 200, answer.text
    desk.kit.clock.advance(5)
    await desk.kit.retry()  # the answer waits if the incident was merged in between
    goes_on = await read(desk, first)
    assert [one["state"] for one in goes_on["forwardings"] if one["agency"] == transport.agency] == ["forwarded"]
