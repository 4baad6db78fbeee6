"""What stands open on an incident that is merged stands on the one that goes on, and goes back if the merger ends."""

from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import NOON, REGENCY, Desk, History, only
from services.dispatch.tests.test_agency_reports import AMBULANCE, asking, said
from services.dispatch.tests.test_duplicates import Other, merged, opens, path, read, two_at_the_market

from sigap_common.contracts.agencies import AgencyResponded, Response
from sigap_common.contracts.agency_reports import HelpAskedFor
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import ForwardingRevised
from sigap_common.contracts.proposals import ProposalReason
from sigap_common.contracts.questions import QuestionAsked
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.alarm_levels import DismissAlarmLevel, SetAlarmLevel
from sigap_dispatch.domain.attention import Reason, attention
from sigap_dispatch.domain.duplicates import CarryOver, ReadReports, Release, Unmerge
from sigap_dispatch.domain.proposals import DismissProposal
from sigap_dispatch.domain.questions import AnswerQuestion, HearAnswer

ON_SCENE, DONE = Response.ON_SCENE, Response.DONE
FIRE = f"{REGENCY}/fire"


@pytest.fixture
def other() -> Other:
    """A fire at the market, forwarded to fire and police."""
    opened = Other()
    opens(opened, number="CTH-20240219-0009")
    return opened


def unmerged(history: History, other: Other) -> list[Event]:
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


# --- on both databases


async def asks(desk: Desk, incident: dict[str, Any], text: str) -> None:
    part = await desk.part("fire", incident)
    told = {"response": ON_SCENE, "channel": "desk", "question": Sealed(text)}
    await part.hear(part.event(AgencyResponded, **told))


async def test_a_question_is_answered_on_the_incident_that_goes_on(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    await desk.ask("POST", path(second, "rejected-duplicates"), {"other": first["id"]})
    second = await read(desk, second)
    await asks(desk, second, "Ke rumah sakit mana?")
    assert (await desk.ask("POST", path(second, "merge"), {"other": first["id"]})).status_code == 200
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
