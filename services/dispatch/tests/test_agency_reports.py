"""What an agency says beside its step: words, a question, a request for help, an outcome."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import NOON, REGENCY, Desk, History, a_pack, only

from sigap_common.contracts.agencies import AgencyResponded, Response
from sigap_common.contracts.agency_reports import HelpAskedFor, PartOutcome, SaidBeside
from sigap_common.contracts.alarm_levels import AlarmLevelProposalEnded, AlarmLevelProposed, IncidentEscalated
from sigap_common.contracts.incidents import (
    ForwardingRevised,
    IncidentClosed,
    IncidentForwarded,
    IncidentState,
    IncidentStatusChanged,
)
from sigap_common.contracts.notes import IncidentNoted
from sigap_common.contracts.proposals import ForwardingProposed, ProposalEnded, ProposalReason
from sigap_common.contracts.questions import QuestionAnswered, QuestionAsked
from sigap_common.core.errors import Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.alarm_levels import DismissAlarmLevel, SetAlarmLevel
from sigap_dispatch.domain.attention import Reason, attention
from sigap_dispatch.domain.commands import Amend, Close, RecordAnswer, Respond
from sigap_dispatch.domain.proposals import DismissProposal, TakeProposal
from sigap_dispatch.domain.questions import AnswerQuestion
from sigap_testing.histories import then

EN_ROUTE, ON_SCENE = Response.EN_ROUTE, Response.ON_SCENE
UNDER_CONTROL, DONE = Response.UNDER_CONTROL, Response.DONE
AMBULANCE, TRANSPORT = f"{REGENCY}/ambulance", f"{REGENCY}/transport"


def said(text: str | None = None, question: str | None = None, **more: Any) -> SaidBeside:
    sealed = {"text": Sealed(text) if text else None, "question": Sealed(question) if question else None}
    return SaidBeside(**sealed, **more)


def asking(**wanted: Any) -> SaidBeside:
    return said("dua rumah terbakar", asks_for=HelpAskedFor(**wanted))


@pytest.fixture
def fire(history: History) -> History:
    """At noon to the fire brigade and the police."""
    history.opens("fire", priority=2)
    return history


def test_under_control_lies_between_on_scene_and_done(fire: History) -> None:
    states = []
    for code, response in [("fire", ON_SCENE), ("fire", UNDER_CONTROL), ("police", ON_SCENE), ("fire", DONE)]:
        fire.responds(code, response)
        states.append(fire.incident.state)
    under_control = IncidentState.UNDER_CONTROL
    assert states == [IncidentState.ON_SCENE, under_control, under_control, under_control]
    assert fire.forwarding("fire").under_control_at == NOON


def test_an_agency_that_has_it_under_control_was_there(fire: History) -> None:
    fire.responds("fire", UNDER_CONTROL)
    assert fire.forwarding("fire").attended


def test_the_newest_words_stand_whatever_arrives_last(fire: History) -> None:
    fire.at(60).responds("fire", UNDER_CONTROL, beside=said("padam, 1 luka"))
    earlier = NOON + timedelta(seconds=30)
    fire.when(an_answer(fire, ON_SCENE, earlier, said("api besar")))
    part = fire.forwarding("fire")
    assert (part.text, part.text_at) == (Sealed("padam, 1 luka"), NOON + timedelta(seconds=60))


def an_answer(history: History, response: Response, at: datetime, beside: SaidBeside) -> Respond:
    return Respond(history.forwarding("fire").id, 1, response, "api", at, beside=beside)


def test_the_same_answer_heard_twice_asks_once(fire: History) -> None:
    command = an_answer(fire, ON_SCENE, NOON, said(question="ke rumah sakit mana?"))
    assert len(only(QuestionAsked, fire.when(command))) == 1
    assert fire.when(command) == []


def test_a_person_who_records_the_same_twice_records_one_fact(fire: History) -> None:
    part = fire.forwarding("fire").id
    first = RecordAnswer(part, ON_SCENE, "radio", "Pak Harun", beside=said("api besar"))
    assert only(IncidentStatusChanged, fire.when(first, by="sari"))
    assert fire.when(first, by="dodi") == []
    assert fire.when(RecordAnswer(part, ON_SCENE, "radio", "Pak Harun"), by="dodi") == []
    more = RecordAnswer(part, ON_SCENE, "radio", "Pak Harun", beside=said("padam"))
    then(fire.when(more, by="dodi"), IncidentStatusChanged)


def test_a_question_stands_on_the_board_until_a_person_answers_it(fire: History) -> None:
    fire.responds("police", Response.ACKNOWLEDGED)
    fire.responds("fire", ON_SCENE, beside=said(question="Ke rumah sakit mana?"))
    place = attention(fire.incident)
    assert place is not None
    assert place.reason is Reason.PROPOSAL
    [question] = fire.incident.open_questions
    events = fire.at(30).when(AnswerQuestion(question.id, "RSUD"), by="sari")
    then(events, QuestionAnswered, IncidentNoted, ForwardingRevised, ForwardingRevised)
    [note] = only(IncidentNoted, events)
    assert note.text == Sealed("Jawaban atas pertanyaan Fire, “Ke rumah sakit mana?”: RSUD")
    assert all(not revised.needs_acknowledgement for revised in only(ForwardingRevised, events))
    assert fire.incident.open_questions == ()
    place = attention(fire.incident)
    assert place is not None
    assert place.reason is Reason.UNDER_WAY


def test_a_question_is_answered_once(fire: History) -> None:
    fire.responds("fire", ON_SCENE, beside=said(question="Ke mana?"))
    [question] = fire.incident.questions
    fire.when(AnswerQuestion(question.id, "RSUD"), by="sari")
    with pytest.raises(NotAllowed) as refused:
        fire.when(AnswerQuestion(question.id, "Puskesmas"), by="dodi")
    assert refused.value.params["by"] == "sari"
    with pytest.raises(NotFound):
        fire.when(AnswerQuestion(fire.incident.id, "RSUD"), by="dodi")


def test_the_answer_reaches_an_agency_whose_part_is_done_by_now(fire: History) -> None:
    fire.responds("fire", DONE, beside=said(question="Siapa mengunci gedung?"))
    [question] = fire.incident.questions
    events = fire.when(AnswerQuestion(question.id, "Satpam"), by="sari")
    assert {event.agency for event in only(ForwardingRevised, events)} == {f"{REGENCY}/fire", f"{REGENCY}/police"}


def test_an_agency_that_is_asked_for_is_proposed_and_taken_with_one_request(fire: History) -> None:
    events = fire.responds("fire", ON_SCENE, beside=asking(agency=AMBULANCE))
    [proposed] = only(ForwardingProposed, events)
    assert (proposed.agency, proposed.reason, proposed.asked_by) == (
        AMBULANCE,
        ProposalReason.ASKED_FOR,
        f"{REGENCY}/fire",
    )
    assert proposed.text == Sealed("dua rumah terbakar")
    [forwarded] = only(IncidentForwarded, fire.when(TakeProposal(AMBULANCE), by="sari"))
    assert (forwarded.agency, forwarded.automatic) == (AMBULANCE, False)


def test_what_is_asked_for_stays_proposed_although_the_plan_does_not_name_it(fire: History) -> None:
    fire.responds("fire", ON_SCENE, beside=asking(agency=AMBULANCE))
    assert only(ProposalEnded, fire.when(Amend(priority=3), by="sari")) == []
    assert fire.incident.proposal(AMBULANCE)


def test_an_agency_that_was_dismissed_and_is_asked_for_again_is_proposed_again(fire: History) -> None:
    fire.responds("fire", ON_SCENE, beside=asking(agency=AMBULANCE))
    fire.when(DismissProposal(AMBULANCE), by="sari")
    again = said("tiga luka", asks_for=HelpAskedFor(agency=AMBULANCE))
    assert only(ForwardingProposed, fire.at(60).responds("fire", ON_SCENE, beside=again))


def test_a_capability_proposes_who_has_it_and_is_not_told_yet(fire: History) -> None:
    events = fire.responds("fire", ON_SCENE, beside=asking(capability="ambulance"))
    assert [(e.agency, e.role) for e in only(ForwardingProposed, events)] == [(AMBULANCE, "ambulance")]
    nobody = fire.at(9).responds("fire", UNDER_CONTROL, beside=asking(capability="police"))
    assert only(ForwardingProposed, nobody) == []
    [question] = only(QuestionAsked, nobody)
    assert question.text == Sealed(
        "Meminta polisi; tidak ada instansi lain yang mampu pada paket wilayah. dua rumah terbakar"
    )


def test_help_that_is_there_asks_nothing(fire: History) -> None:
    events = fire.responds("fire", ON_SCENE, beside=asking(agency=f"{REGENCY}/police"))
    assert [event for event in events if isinstance(event, ForwardingProposed | QuestionAsked)] == []


def test_a_higher_alarm_level_is_proposed_and_taken_by_raising_it(fire: History) -> None:
    [proposed] = only(AlarmLevelProposed, fire.responds("fire", ON_SCENE, beside=asking(alarm_level=3)))
    assert proposed.alarm_level == 2, "the plans have no higher one"
    events = fire.when(SetAlarmLevel(2, 1, "diminta damkar"), by="sari")
    then(events, IncidentEscalated, IncidentForwarded)
    assert fire.incident.proposed_level is None
    more = fire.at(9).responds("fire", UNDER_CONTROL, beside=asking(alarm_level=3))
    assert [event.text.clear for event in only(QuestionAsked, more)] == [
        "Meminta tingkat alarm 3; rencana tidak mempunyai tingkat yang lebih tinggi. dua rumah terbakar"
    ]


def test_a_dismissed_alarm_level_is_dismissed_once_and_may_be_asked_for_again(fire: History) -> None:
    fire.responds("fire", ON_SCENE, beside=asking(alarm_level=2))
    then(fire.when(DismissAlarmLevel(2), by="sari"), AlarmLevelProposalEnded)
    assert fire.when(DismissAlarmLevel(2), by="dodi") == []
    with pytest.raises(NotFound):
        fire.when(DismissAlarmLevel(3), by="dodi")
    again = said("merambat", asks_for=HelpAskedFor(alarm_level=2))
    assert only(AlarmLevelProposed, fire.at(9).responds("fire", ON_SCENE, beside=again))
    events = fire.when(Close("doused"), by="sari")
    assert [event.how for event in only(AlarmLevelProposalEnded, events)] == ["lapsed"]


def test_help_that_the_pack_does_not_name_is_refused_to_a_person(fire: History) -> None:
    part = fire.forwarding("fire").id
    for asked in (HelpAskedFor(agency=f"{REGENCY}/marines"), HelpAskedFor(capability="submarine")):
        with pytest.raises(Invalid):
            fire.when(RecordAnswer(part, ON_SCENE, "radio", "Pak Harun", beside=SaidBeside(asks_for=asked)), by="sari")


def test_what_an_agency_asks_after_the_end_is_recorded_and_proposes_nothing(fire: History) -> None:
    fire.responds("fire", ON_SCENE)
    fire.when(Close("doused"), by="sari")
    events = fire.at(5).responds("fire", UNDER_CONTROL, beside=asking(agency=AMBULANCE))
    then(events, IncidentStatusChanged)


@pytest.mark.parametrize("outcome", [PartOutcome.FALSE_ALARM, PartOutcome.NOT_FOUND])
def test_what_the_agencies_found_is_proposed_as_disposition_and_closes_nothing(
    fire: History, outcome: PartOutcome
) -> None:
    fire.responds("fire", DONE, beside=said(outcome=outcome))
    assert fire.incident.proposed_disposition == outcome.value
    fire.responds("police", DONE, beside=said(outcome=outcome))
    assert fire.incident.state is IncidentState.DONE
    fire.at(9).responds("police", DONE, beside=said(outcome=PartOutcome.HANDLED))
    assert fire.incident.proposed_disposition is None


def test_the_packs_rule_closes_with_what_the_agencies_found() -> None:
    rule = {"when_all_ended": "automatic", "disposition": "resolved"}
    history = History(a_pack(closing=rule))
    history.opens("fire", priority=2)
    history.responds("fire", DONE, beside=said(outcome=PartOutcome.FALSE_ALARM))
    [closed] = only(IncidentClosed, history.responds("police", DONE))
    assert (closed.disposition, closed.automatic) == ("false_alarm", True)


async def answered(desk: Desk, path: str, body: dict[str, Any], status: int = 200, *roles: str) -> Any:
    answer = await desk.ask("POST", path, body, *roles)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_board_and_timeline_show_what_the_agency_says(desk: Desk) -> None:
    await desk.classified(1)
    part = await desk.part("fire")
    beside = said("padam, 1 luka", "Ke rumah sakit mana?", asks_for=HelpAskedFor(agency=TRANSPORT))
    told = {"response": UNDER_CONTROL, "channel": "api", **beside.beside}
    await part.hear(part.event(AgencyResponded, **told))
    incident = await desk.incident()
    shown = await part.shown()
    assert (incident["state"], shown["state"], shown["text"]) == ("under_control", "under_control", "padam, 1 luka")
    [question] = incident["questions"]
    assert (question["text"], question["answered_at"]) == ("Ke rumah sakit mana?", None)
    assert [(one["reason"], one["text"]) for one in incident["proposals"] if one["agency"] == TRANSPORT] == [
        ("asked_for", "padam, 1 luka")
    ]
    path = f"/v1/incidents/{incident['id']}"
    alone = (await desk.ask("GET", path)).json()
    assert {name: alone[name] for name in ("questions", "proposals")} == {
        name: incident[name] for name in ("questions", "proposals")
    }
    unopened = (await desk.ask("GET", path, None, "admin")).json()
    assert (unopened["questions"][0]["text"], unopened["proposals"][0]["text"]) == (None, None)
    await answered(desk, f"{path}/questions/{question['id']}/answer", {"text": "RSUD"}, 200, "operator")
    again = await answered(desk, f"{path}/questions/{question['id']}/answer", {"text": "Lain"}, 409)
    assert "tester" in again["detail"]
    entries = (await desk.ask("GET", f"{path}/timeline")).json()["items"]
    words = " ".join(entry["in_words"]["id"] for entry in entries)
    for sentence in (
        "sudah terkendali",
        "“padam, 1 luka”",
        "Fire bertanya: “Ke rumah sakit mana?”",
        "Meminta instansi",
    ):
        assert sentence in words


async def test_a_person_takes_down_the_same_and_is_told_all_that_is_wrong(desk: Desk) -> None:
    await desk.classified(1)
    part = await desk.part("fire")
    path = f"/v1/incidents/{part.incident_id}"
    body = {"response": "on_scene", "spoke_to": "Pak Harun", "channel": "radio"}
    answers = f"{path}/forwardings/{part.id}/answers"
    more = {"text": "api besar", "question": "Ke mana?", "asks_for": {"alarm_level": 2}}
    incident = await answered(desk, answers, body | more)
    assert incident["proposed_alarm_level"]["alarm_level"] == 2
    assert incident["questions"][0]["text"] == "Ke mana?"
    wrong_ones: list[dict[str, Any]] = [
        {"outcome": "handled"},
        {"asks_for": {}},
        {"asks_for": {"alarm_level": 2, "capability": "fire"}},
        {"asks_for": {"capability": "submarine"}},
        {"response": "acknowledged", "question": "Ke mana?"},
    ]
    for wrong in wrong_ones:
        refused = await answered(desk, answers, body | wrong, 422)
        assert refused["errors"], wrong
    after = await answered(desk, f"{path}/alarm-level/dismiss", {"alarm_level": 2})
    assert after["proposed_alarm_level"] is None
    done = await answered(desk, answers, body | {"response": "done", "outcome": "not_found"})
    assert done["proposed_disposition"] == "not_found"
