"""The deadlines of dispatch: each agency's own, and each exact to the millisecond."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from services.dispatch.tests.dispatch_histories import HARBOUR, NOON, REGENCY, History, a_note, a_pack, only

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import AcknowledgementMissed, ForwardingRevised, IncidentForwarded
from sigap_dispatch.domain.commands import AddAgency, Amend, NoteFromCall, Tick
from sigap_testing.histories import then

OWN_PLANS = [
    {"incident_type": "fire", "agencies": ["fire"], "acknowledge_within_s": 45},
    {"incident_type": "fire", "agencies": ["police"], "acknowledge_within_s": 120},
    {"incident_type": "fire", "agencies": ["ambulance"]},
    {"incident_type": "traffic_accident", "agencies": ["fire"], "acknowledge_within_s": 15},
    {"incident_type": "traffic_accident", "agencies": ["police", "ambulance"], "acknowledge_within_s": 200},
]
LEVELS = {"acknowledge_within_s": 75}
A_MILLISECOND = 0.001


@pytest.fixture
def planned() -> History:
    """Fire must acknowledge within 45 s, the police within 120 s, the ambulance within the regency's 75 s."""
    history = History(a_pack(response_plans=OWN_PLANS, service_levels=LEVELS))
    history.opens("fire")
    return history


def deadlines(kind: type[IncidentForwarded | ForwardingRevised], events: Sequence[Event]) -> dict[str, float]:
    """The deadline of each agency, in seconds from noon."""
    told = [(event.agency.partition("/")[2], event.acknowledge_by) for event in only(kind, events)]
    return {code: (deadline - NOON).total_seconds() for code, deadline in told if deadline is not None}


def acknowledged(history: History, *codes: str) -> None:
    for code in codes:
        history.responds(code, Response.ACKNOWLEDGED)


def test_each_agency_has_the_deadline_of_its_plan(planned: History) -> None:
    own = {"fire": 45.0, "police": 120.0, "ambulance": 75.0}
    assert deadlines(IncidentForwarded, planned.events) == own


def test_a_revision_that_needs_an_acknowledgement_gives_each_agency_its_own_time_again(planned: History) -> None:
    acknowledged(planned.at(10), "fire", "police", "ambulance")
    events = planned.at(1000).when(Amend(place=HARBOUR))
    own = {"fire": 1045.0, "police": 1120.0, "ambulance": 1075.0}
    assert deadlines(ForwardingRevised, events) == own


def test_after_a_corrected_type_the_time_is_that_of_the_new_plan(planned: History) -> None:
    acknowledged(planned.at(10), "fire", "police", "ambulance")
    events = planned.at(1000).when(Amend(incident_type="traffic_accident"))
    new = {"fire": 1015.0, "police": 1200.0, "ambulance": 1200.0}
    assert deadlines(ForwardingRevised, events) == new


def test_a_revision_gives_no_more_time_to_an_agency_that_has_not_answered(planned: History) -> None:
    events = planned.at(30).when(Amend(place=HARBOUR))
    assert deadlines(ForwardingRevised, events) == {"fire": 45.0, "police": 120.0, "ambulance": 75.0}


def test_a_note_leaves_each_agency_its_deadline(planned: History) -> None:
    events = planned.at(30).when(NoteFromCall(a_note("ada korban")))
    assert deadlines(ForwardingRevised, events) == {"fire": 45.0, "police": 120.0, "ambulance": 75.0}


def test_an_agency_that_no_plan_names_has_the_time_of_the_service_levels(planned: History) -> None:
    added = planned.at(100).when(AddAgency("99.01/transport"), by="sari")
    assert deadlines(IncidentForwarded, added) == {"transport": 175.0}
    acknowledged(planned, "transport")
    revised = planned.at(1000).when(Amend(place=HARBOUR))
    assert deadlines(ForwardingRevised, revised)["transport"] == 1075.0


# On the millisecond


@pytest.mark.parametrize(("code", "within"), [("fire", 45), ("ambulance", 75), ("police", 120)])
def test_an_acknowledgement_is_missed_on_the_millisecond_of_its_deadline(
    planned: History, code: str, within: int
) -> None:
    acknowledged(planned, *{"fire", "ambulance", "police"} - {code})
    assert planned.at(within - A_MILLISECOND).when(Tick()) == []
    [missed] = only(AcknowledgementMissed, planned.at(within).when(Tick()))
    assert missed.agency == f"99.01/{code}"
    assert missed.acknowledge_by == NOON + timedelta(seconds=within)


@pytest.mark.parametrize("code", ["fire", "police"])
def test_the_60_s_of_a_plan_are_exact(history: History, code: str) -> None:
    history.opens("fire")
    acknowledged(history, *{"fire", "police"} - {code})
    assert history.at(60 - A_MILLISECOND).when(Tick()) == []
    then(history.at(60).when(Tick()), AcknowledgementMissed, AlarmRaised)


def test_the_30_s_until_some_agency_must_be_told_are_exact(history: History) -> None:
    history.opens(None)
    assert history.at(30 - A_MILLISECOND).when(Tick()) == []
    then(history.at(30).when(Tick()), AlarmRaised)


def test_who_missed_a_change_and_declined_and_comes_to_the_old_place_after_all_is_an_alarm_again() -> None:
    history = History(a_pack())
    history.opens("fire")
    history.responds("fire", Response.ACKNOWLEDGED)
    history.at(10).when(Amend(place=HARBOUR))
    history.at(100).when(Tick())
    history.at(110).responds("fire", Response.DECLINED)
    events = history.at(120).responds("fire", Response.EN_ROUTE, revision=1)
    assert [raised.agency for raised in only(AlarmRaised, events)] == [f"{REGENCY}/fire"]
