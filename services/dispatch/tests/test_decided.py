"""What a person decided stands: no rule changes it, and of two persons' words the later one holds."""

from datetime import timedelta

from services.dispatch.tests.dispatch_histories import HARBOUR, MARKET, NOON, REGENCY, Desk, History, call_id, only

from sigap_common.contracts.incidents import ForwardingRevised, IncidentUpdated
from sigap_common.contracts.zones import Zone
from sigap_dispatch.domain.commands import Amend, Command, CorrectCall, DoubtCall, LocateFromCall
from sigap_testing.histories import then_one

ZONE = Zone(owner=REGENCY)


def corrected(kind: str, priority: int | None = None, *, seconds: float = 0) -> CorrectCall:
    return CorrectCall(call_id(1), kind, priority, True, NOON + timedelta(seconds=seconds))


def located(seconds: float = 0, by: str | None = "ani") -> LocateFromCall:
    return LocateFromCall(HARBOUR, ZONE, True, 1, NOON + timedelta(seconds=seconds), by)


def test_the_priority_of_the_operator_survives_a_retyping_and_the_types_own_is_shown_beside_it(
    history: History,
) -> None:
    history.opens("fire", priority=2)
    [updated] = only(IncidentUpdated, history.when(Amend(incident_type="fire_small")))
    assert (updated.incident_type, updated.priority) == ("fire_small", None)
    assert (history.incident.priority, history.incident.proposed_priority) == (2, 4)
    history.when(Amend(priority=4))
    assert (history.incident.priority, history.incident.proposed_priority) == (4, None)


def test_the_priority_of_a_dispatcher_survives_the_calls_correction(history: History) -> None:
    history.opens("fire", priority=None)
    history.at(5).when(Amend(priority=3))
    history.at(10).when(corrected("fire_small", seconds=10))
    assert (history.incident.priority, history.incident.proposed_priority) == (3, 4)
    history.at(20).when(corrected("fire_small", 5, seconds=20))
    assert history.incident.priority == 5, "the operator said it later"


def test_a_priority_that_a_rule_set_follows_the_type(history: History) -> None:
    history.opens("fire", priority=None)
    history.when(Amend(incident_type="fire_small"))
    assert (history.incident.priority, history.incident.proposed_priority) == (4, None)


def test_a_dispatcher_decides_a_value_also_by_leaving_it_as_it_is(history: History) -> None:
    history.opens("fire", priority=None)
    decided = then_one(history.when(Amend(priority=history.incident.priority)), IncidentUpdated)
    assert (decided.priority, decided.by_hand) == (None, ("priority",))
    assert history.when(Amend(priority=history.incident.priority)) == []
    history.when(Amend(incident_type="fire_small"))
    assert (history.incident.priority, history.incident.proposed_priority) == (1, 4)


def test_what_an_operator_said_before_the_dispatcher_and_what_arrives_after_changes_nothing_back(
    history: History,
) -> None:
    history.opens("fire", priority=None, place=None)
    history.at(60).when(Amend(incident_type="traffic_accident", priority=2, place=MARKET, zone=ZONE))
    late: list[Command] = [corrected("medical", 1, seconds=30), located(seconds=30)]
    history.at(70).when(*late)
    now = history.incident
    assert (now.incident_type, now.priority, now.place) == ("traffic_accident", 2, MARKET)
    assert "Pelabuhan" in now.notes[-1].text.clear, "what was said is kept, and agencies read it"


def test_the_operators_later_word_holds(history: History) -> None:
    history.opens("fire", priority=None)
    history.at(60).when(Amend(incident_type="traffic_accident", place=MARKET))
    history.at(70).when(corrected("medical", seconds=70), located(seconds=70))
    assert (history.incident.incident_type, history.incident.place) == ("medical", HARBOUR)


def test_a_place_that_no_person_gave_does_not_replace_one_that_a_person_gave(history: History) -> None:
    history.opens("fire")
    history.at(60).when(located(seconds=60, by=None))
    assert history.incident.place == MARKET


def test_a_dispatcher_sets_doubt_aside_and_further_doubted_calls_do_not_bring_it_back(history: History) -> None:
    history.opens("fire")
    history.reported_by(2)
    history.when(DoubtCall(call_id(1), history.now), DoubtCall(call_id(2), history.now))
    assert history.incident.doubted
    events = history.when(Amend(doubted=False))
    assert {e.reason for e in only(ForwardingRevised, events)} == {"doubted"}
    history.reported_by(3)
    told = history.when(DoubtCall(call_id(3), history.now))
    assert (history.incident.doubted, only(ForwardingRevised, told)) == (False, [])
    assert call_id(3) in history.incident.doubted_calls, "the timeline and the board have it all the same"


def test_a_dispatchers_doubt_outlasts_further_reports_and_corrections(history: History) -> None:
    history.opens("fire")
    history.when(DoubtCall(call_id(1), history.now), Amend(doubted=True))
    history.reported_by(2)
    history.when(corrected("fire"))
    assert history.incident.doubted
    assert history.when(Amend(doubted=True)) == []


async def test_the_board_shows_what_people_decided_and_the_types_own_priority(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    path = f"/v1/incidents/{incident['id']}"
    body = {"incident_type": "fire_small", "priority": 1, "doubted": False}
    answer = await desk.ask("PATCH", path, body, **{"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    shown = await desk.incident()
    assert (shown["priority"], shown["proposed_priority"]) == (1, 4)
    assert shown["by_hand"] == ["incident_type", "priority", "place", "doubted"]
    await desk.corrected(kind="fire")
    after = await desk.incident()
    assert (after["incident_type"], after["priority"], after["doubted"]) == ("fire", 1, False)
