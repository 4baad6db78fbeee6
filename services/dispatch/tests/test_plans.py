"""Response plans: whom they want at once, and who is next."""

from typing import Any

from services.dispatch.tests.dispatch_histories import HARBOUR, MARKET, REGENCY, History, a_pack, forwarded_to, only

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import IncidentUpdated
from sigap_common.contracts.places import Place
from sigap_common.contracts.proposals import ProposalEnded
from sigap_dispatch.domain.commands import AddAgency, Amend, Withdraw
from sigap_dispatch.domain.plans import next_agency
from sigap_dispatch.domain.proposals import DismissProposal

POSTS = [
    {"code": "north", "name": "North", "kind": "health", "capabilities": ["ambulance"], "lat": -3.70, "lon": 102.26},
    {"code": "south", "name": "South", "kind": "health", "capabilities": ["ambulance"], "lat": -3.91, "lon": 102.30},
    {"code": "centre", "name": "Centre", "kind": "health", "capabilities": ["ambulance"], "lat": -3.80, "lon": 102.26},
    {"code": "unplaced", "name": "Unplaced", "kind": "health", "capabilities": ["ambulance"]},
    {"code": "police", "name": "Police", "kind": "police"},
]
"""From the market, the centre is nearest, then the north, then the south."""


def told_of(*plans: dict[str, Any]) -> History:
    return History(a_pack(agencies=POSTS, response_plans=[{"incident_type": "medical"} | plan for plan in plans]))


def nearest_first(**more: Any) -> History:
    return told_of({"capability": "ambulance", "at_once": 1} | more)


def next_of(history: History, role: str = "ambulance") -> str | None:
    found = next_agency(history.incident, role, history.pack)
    return found.agency.removeprefix(f"{REGENCY}/") if found else None


def test_a_capability_tells_the_nearest_agency_and_names_the_others_in_order() -> None:
    history = nearest_first()
    assert forwarded_to(history.opens("medical")) == ["centre"]
    assert history.forwarding("centre").role == "ambulance"
    order = [next_of(history)]
    for code in ("north", "south"):
        history.when(AddAgency(f"{REGENCY}/{code}"))
        order.append(next_of(history))
    assert order == ["north", "south", "unplaced"]


def test_without_a_place_the_order_is_that_of_the_pack() -> None:
    history = nearest_first()
    assert forwarded_to(history.opens("medical", place=None)) == ["north"]


def test_without_at_once_all_are_told_and_none_is_next() -> None:
    history = told_of({"capability": "ambulance"})
    assert forwarded_to(history.opens("medical")) == ["centre", "north", "south", "unplaced"]
    assert next_of(history) is None


def test_the_next_agency_says_whether_it_may_be_told_without_asking() -> None:
    for rule, automatic in (("automatic", True), ("propose", False)):
        history = nearest_first(next=rule, acknowledge_within_s=45)
        history.opens("medical")
        found = next_agency(history.incident, "ambulance", history.pack)
        assert found
        assert (found.automatic, found.within.total_seconds()) == (automatic, 45)


def test_who_was_dismissed_is_not_next() -> None:
    history = told_of(
        {"agencies": ["centre", "north"], "at_once": 1, "role": "ambulance"},
        {"agencies": ["north"], "automatic": False, "role": "ambulance"},
    )
    history.opens("medical")
    assert next_of(history) == "north"
    history.when(DismissProposal(f"{REGENCY}/north"))
    assert next_of(history) is None


def test_another_role_has_no_next_agency() -> None:
    history = nearest_first()
    history.opens("medical")
    assert next_of(history, "police") is None


def test_a_drill_without_agencies_has_no_next_agency() -> None:
    pack = a_pack(
        agencies=POSTS, response_plans=[{"incident_type": "medical", "capability": "ambulance", "at_once": 1}]
    )
    history = History(pack, drill=True)
    history.opens("medical")
    assert next_of(history) is None


def test_a_corrected_place_calls_no_second_agency_for_the_same_need() -> None:
    history = nearest_first()
    history.opens("medical")
    events = history.when(Amend(place=HARBOUR))
    assert forwarded_to(events) == []
    assert history.incident.proposed_withdrawals == ()


def test_a_place_that_becomes_known_has_the_plans_for_its_cell_read() -> None:
    assert MARKET.cell
    history = told_of(
        {"agencies": ["centre"]},
        {"agencies": ["police"], "when": {"cells": [MARKET.cell]}},
    )
    assert forwarded_to(history.opens("medical", place=None)) == ["centre"]
    assert forwarded_to(history.when(Amend(place=MARKET))) == ["police"]
    [updated] = only(IncidentUpdated, history.when(Amend(place=Place.of(-3.99, 102.30))))
    assert updated.proposed_withdrawals == (f"{REGENCY}/police",)
    assert history.incident.proposed_withdrawals == updated.proposed_withdrawals


def test_whom_a_person_withdrew_is_not_told_again_when_the_place_changes() -> None:
    history = nearest_first()
    history.opens("medical")
    history.when(Withdraw(history.forwarding("centre").id, "sudah ada ambulans lain"))
    assert forwarded_to(history.when(Amend(place=MARKET.model_copy(update={"address": None})))) == []
    assert [one.agency for one in history.incident.proposals] == [f"{REGENCY}/centre"]


def test_an_agency_that_was_told_as_the_next_one_is_not_proposed_for_withdrawal() -> None:
    history = nearest_first()
    history.opens("medical")
    history.responds("centre", Response.DECLINED)
    history.when(AddAgency(f"{REGENCY}/north"))
    events = history.when(Amend(priority=1))
    assert forwarded_to(events) == []
    assert only(ProposalEnded, events) == []
    assert history.incident.proposed_withdrawals == ()


def test_conditions_are_those_of_the_incidents_start_however_late_the_plan_is_read_again() -> None:
    history = told_of({"agencies": ["police"], "when": {"start": "11:00", "end": "12:30"}}, {"agencies": ["centre"]})
    assert forwarded_to(history.opens("medical")) == ["police", "centre"]
    history.at(3 * 3600)
    history.when(Amend(priority=1))
    assert history.incident.proposed_withdrawals == ()
