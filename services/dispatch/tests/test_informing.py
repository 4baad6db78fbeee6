"""Those who are only informed: who they are, what they are told, and what they never are."""

from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import HARBOUR, PACK, REGENCY, Desk, History, a_note, a_pack, only

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import IncidentForwarded
from sigap_common.contracts.informing import IncidentInformed, InformationEnded
from sigap_common.regency import Pack
from sigap_dispatch.domain.alarm_levels import SetAlarmLevel
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, Tick
from sigap_dispatch.domain.lifecycle import Cancel, Reopen
from sigap_dispatch.domain.protection import LiftProtection
from sigap_dispatch.domain.state.alarms import AlarmKind

CAMAT, LURAH = f"{REGENCY}/camat", f"{REGENCY}/lurah"
HEADS = [{"code": code, "name": code.title(), "kind": "government"} for code in ("camat", "lurah", "mayor")]
INFORMING: list[dict[str, Any]] = [
    {"incident_type": "fire", "informs": ["camat"]},
    {"incident_type": "fire", "alarm_level": 2, "informs": ["camat", "mayor"]},
    {"incident_type": "traffic_accident", "informs": ["lurah"]},
    {"incident_type": "domestic_violence", "informs": ["camat"]},
]


def informing_pack(*plans: dict[str, Any]) -> Pack:
    return a_pack(agencies=[*PACK["agencies"], *HEADS], response_plans=[*PACK["response_plans"], *(plans or INFORMING)])


@pytest.fixture
def history() -> History:
    return History(informing_pack())


def informed(events: list[Any]) -> list[tuple[str, int, str | None]]:
    return [(one.agency.partition("/")[2], one.revision, one.reason) for one in only(IncidentInformed, events)]


def ended(events: list[Any]) -> list[tuple[str, str]]:
    return [(one.agency.partition("/")[2], one.reason) for one in only(InformationEnded, events)]


def test_the_plan_informs_at_once_and_shows_neither_caller_nor_notes(history: History) -> None:
    events = history.opens()
    assert informed(events) == [("camat", 1, None)]
    [content] = [one.content for one in only(IncidentInformed, events)]
    assert content.place
    assert content.type_label == "Kebakaran"
    assert (content.caller_number, content.caller_name, content.callback_number) == (None, None, None)
    assert content.notes == ()
    assert CAMAT not in {one.agency for one in only(IncidentForwarded, events)}


def test_who_is_informed_is_no_agency_told() -> None:
    """The alarm that nobody has been told is raised all the same, and nothing waits for the recipient."""
    history = History(informing_pack({"incident_type": "flood", "informs": ["camat"]}))
    assert informed(history.opens("flood")) == [("camat", 1, None)]
    assert history.incident.without_agency_since is not None
    assert history.incident.state == "created"
    history.at(40).when(Tick())
    assert {alarm.kind for alarm in history.incident.alarms} == {AlarmKind.NO_AGENCY}


def test_an_informed_recipient_never_alarms(history: History) -> None:
    history.opens()
    for code in ("fire", "police"):
        history.responds(code, Response.ACKNOWLEDGED)
    assert history.incident.due_at is None
    history.at(86_400).when(Tick())
    assert history.incident.alarms == ()


def test_a_higher_alarm_level_informs_only_who_is_new(history: History) -> None:
    history.opens()
    assert informed(history.when(SetAlarmLevel(2, 1, "besar"))) == [("mayor", 1, None)]
    assert ended(history.when(SetAlarmLevel(1, 2, "padam"))) == [("mayor", "not_wanted")]
    assert informed(history.when(SetAlarmLevel(2, 1, "besar lagi"))) == [("mayor", 3, None)]


def test_a_changed_type_tells_the_new_ones_and_ends_it_for_the_others(history: History) -> None:
    history.opens()
    events = history.when(Amend(incident_type="traffic_accident"))
    assert informed(events) == [("lurah", 1, None)]
    assert ended(events) == [("camat", "not_wanted")]


def test_what_they_are_shown_changes_and_nothing_else_is_told(history: History) -> None:
    history.opens()
    assert informed(history.when(Amend(place=HARBOUR))) == [("camat", 2, "located")]
    assert informed(history.when(Amend(priority=1))) == [("camat", 3, "reprioritised")]
    assert informed(history.when(Amend(doubted=True))) == [("camat", 4, "doubted")]
    assert informed(history.reported_by(2, notes=(a_note("padam"),))) == []


@pytest.mark.parametrize(("command", "reason"), [(Close("doused"), "closed"), (Cancel("salah"), "cancelled")])
def test_the_end_is_told_and_so_is_a_reopening(history: History, command: Any, reason: str) -> None:
    history.opens()
    assert ended(history.when(command)) == [("camat", reason)]
    assert ended(history.when(Tick())) == []
    assert informed(history.when(Reopen("ternyata belum", True))) == [("camat", 3, "reopened")]


def test_of_a_protected_incident_nobody_is_informed(history: History) -> None:
    assert informed(history.opens("domestic_violence")) == []
    assert informed(history.when(Amend(priority=1))) == []


def test_an_incident_that_becomes_protected_leaves_them_its_number_alone(history: History) -> None:
    history.opens()
    events = history.when(Amend(incident_type="domestic_violence"))
    assert ended(events) == [("camat", "protected")]
    [end] = only(InformationEnded, events)
    shown = {name for name, value in end.content.model_dump(exclude_defaults=True).items() if value is not None}
    assert shown == {"incident_number", "type_label", "priority", "protected", "started_at"}
    assert end.content.type_label == "Kejadian yang dilindungi"
    assert end.content.priority != history.incident.priority
    assert informed(events) == []
    assert informed(history.when(LiftProtection("keliru"), Amend(incident_type="fire")))[-1][0] == "camat"


def test_whom_the_incident_is_forwarded_to_is_not_informed_too() -> None:
    history = History(informing_pack({"incident_type": "fire", "informs": ["camat", "transport"]}))
    assert [code for code, *_ in informed(history.opens())] == ["camat", "transport"]
    assert ended(history.when(AddAgency(f"{REGENCY}/transport"))) == [("transport", "forwarded")]
    history.responds("transport", Response.DECLINED)
    assert informed(history.when(SetAlarmLevel(2, 1, "besar"))) == []


@pytest.mark.parametrize("drill", [True, False])
def test_a_late_entry_and_a_drill_inform_nobody(drill: bool) -> None:
    history = History(informing_pack(), drill=drill)
    assert informed(history.opens(backfilled=not drill, notify=drill)) == []


def test_a_kind_that_only_informs_keeps_the_plans_of_the_wider_kind() -> None:
    history = History(informing_pack({"incident_type": "fire_small", "informs": ["lurah"]}))
    events = history.opens("fire_small")
    assert informed(events) == [("lurah", 1, None)]
    assert {one.agency for one in only(IncidentForwarded, events)} == {f"{REGENCY}/fire", f"{REGENCY}/police"}


def test_what_the_events_say_is_what_the_incident_is(history: History) -> None:
    history.opens()
    history.when(Amend(place=HARBOUR), SetAlarmLevel(2, 1, "besar"), Close("doused"), Reopen())
    assert history.replayed().informed == history.incident.informed


async def test_the_incident_names_them_apart_from_its_forwardings(desk: Desk) -> None:
    await desk.kit.configure(informing_pack(), version=2)
    await desk.classified(1)
    shown = await desk.incident()
    assert [one["agency"] for one in shown["informed"]] == [CAMAT]
    assert CAMAT not in {one["agency"] for one in shown["forwardings"]}
    assert CAMAT not in {one["agency"] for one in shown["proposals"]}
    answer = await desk.ask("GET", f"/v1/incidents/{shown['id']}/timeline")
    [words] = [one["in_words"] for one in answer.json()["items"] if one["type"].startswith("sigap.IncidentInformed")]
    assert words["en"].startswith("Camat was informed")
    plans = (await desk.ask("GET", f"/v1/response-plans?regency={REGENCY}")).json()["items"]
    assert [CAMAT] in [one["informs"] for one in plans]
