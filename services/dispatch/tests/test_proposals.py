"""Agencies that a rule may only propose, because a person decides about them."""

import pytest
from services.dispatch.tests.dispatch_histories import HARBOUR, History, a_pack, forwarded_to, only

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import IncidentForwarded
from sigap_common.contracts.proposals import ForwardingProposed, ProposalEnded, ProposalReason
from sigap_common.core.errors import NotAllowed, NotFound
from sigap_dispatch.domain.commands import Amend, Close, Withdraw
from sigap_dispatch.domain.proposals import DismissProposal, TakeProposal
from sigap_testing.histories import then_one

AMBULANCE, POLICE = "99.01/ambulance", "99.01/police"


def test_a_plan_that_is_not_automatic_proposes_its_agencies(history: History) -> None:
    events = history.opens("medical")
    assert forwarded_to(events) == []
    [proposed] = only(ForwardingProposed, events)
    assert (proposed.agency, proposed.role, proposed.reason) == (AMBULANCE, "ambulance", ProposalReason.BY_PLAN)


def test_a_proposal_is_taken_with_one_command_and_a_repetition_changes_nothing(history: History) -> None:
    history.opens("medical")
    forwarded = then_one(history.when(TakeProposal(AMBULANCE)), IncidentForwarded)
    assert (forwarded.agency, forwarded.role, forwarded.automatic) == (AMBULANCE, "ambulance", False)
    assert history.incident.proposals == ()
    assert history.when(TakeProposal(AMBULANCE)) == []


def test_whom_a_person_withdrew_is_only_proposed_when_the_plan_is_read_again(history: History) -> None:
    history.opens("fire", priority=2)
    history.when(Withdraw(history.forwarding("police").id, "warga sudah mengatur lalu lintas"))
    events = history.when(Amend(priority=1))
    assert forwarded_to(events) == ["ambulance"]
    assert [(e.agency, e.reason) for e in only(ForwardingProposed, events)] == [
        (POLICE, ProposalReason.WITHDRAWN_BEFORE)
    ]


def test_an_agency_that_declined_is_only_proposed_when_the_plan_is_read_again(history: History) -> None:
    history.opens("fire", priority=2)
    history.responds("police", Response.DECLINED)
    events = history.when(Amend(priority=1))
    assert forwarded_to(events) == ["ambulance"]
    assert [e.reason for e in only(ForwardingProposed, events)] == [ProposalReason.DECLINED_BEFORE]


def test_a_dismissed_proposal_is_not_made_again_unless_the_plan_newly_wants_the_agency(history: History) -> None:
    history.opens("medical")
    then_one(history.when(DismissProposal(AMBULANCE)), ProposalEnded)
    assert history.when(DismissProposal(AMBULANCE)) == []
    assert only(ForwardingProposed, history.when(Amend(priority=1))) == []
    history.when(Amend(incident_type="traffic_accident"))
    events = history.when(Amend(incident_type="fire", priority=1))
    assert [(e.agency, e.reason) for e in only(ForwardingProposed, events)] == [
        (AMBULANCE, ProposalReason.DISMISSED_BEFORE)
    ]


def test_a_dismissal_outlasts_the_proposal_that_is_made_again_and_its_lapse(history: History) -> None:
    history.opens("medical")
    history.when(DismissProposal(AMBULANCE))
    history.when(Amend(incident_type="traffic_accident"))
    history.when(Amend(incident_type="fire", priority=1))
    assert [one.reason for one in history.incident.proposals] == [ProposalReason.DISMISSED_BEFORE]
    assert forwarded_to(history.when(Amend(place=HARBOUR))) == []
    history.when(Amend(incident_type="traffic_accident"))
    assert history.incident.proposals == ()
    events = history.when(Amend(incident_type="fire"))
    assert forwarded_to(events) == []
    assert [e.reason for e in only(ForwardingProposed, events)] == [ProposalReason.DISMISSED_BEFORE]


def test_a_proposal_lapses_when_the_plan_no_longer_wants_the_agency_or_the_incident_is_closed(
    history: History,
) -> None:
    history.opens("medical")
    [ended] = only(ProposalEnded, history.when(Amend(incident_type="traffic_accident")))
    assert (ended.agency, ended.how) == (AMBULANCE, "lapsed")
    other = History(a_pack())
    other.opens("medical")
    [ended] = only(ProposalEnded, other.when(Close("doused")))
    assert (ended.agency, ended.how) == (AMBULANCE, "lapsed")


def test_what_is_not_proposed_cannot_be_taken_or_dismissed(history: History) -> None:
    history.opens("medical")
    for command in (TakeProposal(POLICE), DismissProposal(POLICE)):
        with pytest.raises(NotFound):
            history.when(command)
    history.when(Close("doused"))
    for command in (TakeProposal(AMBULANCE), DismissProposal(AMBULANCE)):
        with pytest.raises(NotAllowed):
            history.when(command)


def test_a_proposal_lapses_when_the_agency_that_declined_comes_after_all(history: History) -> None:
    history.opens("fire", priority=2)
    history.responds("police", Response.DECLINED)
    history.when(Amend(priority=1))
    events = history.at(30).responds("police", Response.ACKNOWLEDGED)
    assert [(e.agency, e.how) for e in only(ProposalEnded, events)] == [(POLICE, "lapsed")]
