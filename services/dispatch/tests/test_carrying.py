"""What stands open on an incident that is merged stands on the one that goes on, and goes back if the merger ends."""

import asyncio
from typing import Any
from uuid import uuid5

import pytest
from services.dispatch.tests.dispatch_histories import (
    INCIDENT_ID,
    NOON,
    REGENCY,
    Desk,
    History,
    a_pack,
    forwarded_to,
    only,
)
from services.dispatch.tests.test_agency_reports import AMBULANCE, asking, said
from services.dispatch.tests.test_duplicates import Other, merged, opens, path, read, two_at_the_market
from services.dispatch.tests.test_informing import informing_pack
from services.dispatch.tests.test_units import names, units

from sigap_common.contracts.agencies import AgencyResponded, Response
from sigap_common.contracts.agency_reports import HelpAskedFor, SaidBeside
from sigap_common.contracts.base import Event
from sigap_common.contracts.duplicates import IncidentReleased
from sigap_common.contracts.incidents import ForwardingRevised, ForwardingWithdrawn
from sigap_common.contracts.informing import IncidentInformed, InformationEnded
from sigap_common.contracts.proposals import ProposalReason
from sigap_common.contracts.questions import QuestionAsked
from sigap_common.contracts.units import UnitReleased, UnitTakenOver
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.alarm_levels import DismissAlarmLevel, SetAlarmLevel
from sigap_dispatch.domain.attention import Reason, attention
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, Withdraw
from sigap_dispatch.domain.duplicates import CarryOver, ReadReports, Release, Unmerge
from sigap_dispatch.domain.lifecycle import Reopen
from sigap_dispatch.domain.proposals import DismissProposal
from sigap_dispatch.domain.protection import Protect
from sigap_dispatch.domain.questions import AnswerQuestion, HearAnswer
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


# --- units and those who are only informed


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


def test_who_declined_a_merged_incident_and_comes_after_all_works_on_it_no_more(history: History, other: Other) -> None:
    opens(history)
    history.responds("fire", Response.DECLINED)
    merged(history, other)
    history.at(60).responds("fire", Response.ACKNOWLEDGED)
    assert not list(history.incident.open_forwardings()), "it has the other one"
    assert history.replayed() == history.incident


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


async def test_a_unit_goes_on_and_comes_back_on_both_timelines(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    await desk.ask("POST", path(second, "rejected-duplicates"), {"other": first["id"]})
    fire = await desk.part("fire", await read(desk, second))
    await names(fire, EN_ROUTE, "DAMKAR 1")
    assert (await desk.ask("POST", path(second, "merge"), {"other": first["id"]})).status_code == 200
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


async def test_a_unit_named_elsewhere_while_its_incident_is_merged_works_there(desk: Desk) -> None:
    first, second = await two_at_the_market(desk)
    await desk.classified(3)
    third = next(one for one in await desk.incidents() if one["id"] not in {first["id"], second["id"]})
    await desk.ask("POST", path(second, "rejected-duplicates"), {"other": first["id"]})
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
    assert (await desk.ask("POST", path(second, "merge"), {"other": first["id"]})).status_code == 200
    shown = await read(desk, first)
    assert [(one["agency"], one["ended_at"]) for one in shown["informed"]] == [(f"{REGENCY}/lurah", None)]
    assert (await desk.ask("POST", path(second, "unmerge"))).status_code == 200
    ended = (await read(desk, first))["informed"]
    assert [one["reason"] for one in ended] == ["not_wanted"]
    assert [one["ended_at"] for one in (await read(desk, second))["informed"]] == [None]
