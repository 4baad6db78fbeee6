"""Each event that a service publishes about an aggregate has a branch in its `evolve`."""

from collections.abc import Callable

import pytest

from sigap_agency_gateway.domain import forwarding
from sigap_common.contracts import topics
from sigap_common.contracts.agencies import EndpointDisabled
from sigap_common.contracts.alarms import AlarmCleared, AlarmGroupChanged, AlarmRaised, AlarmRangFurther
from sigap_common.contracts.audit import AuditDigestPublished
from sigap_common.contracts.base import Event
from sigap_common.contracts.decision import NoBranch
from sigap_common.contracts.registry import event_types
from sigap_common.contracts.rosters import AssignmentChanged
from sigap_common.contracts.shares import ShareChanged
from sigap_common.core.aggregate import Aggregate
from sigap_dispatch.domain import Incident, handover, referral
from sigap_dispatch.domain import evolve as evolve_incident
from sigap_intake.domain import Call, block, callback, presence
from sigap_intake.domain import evolve as evolve_call
from sigap_intake.domain.caller_contact import CallerContact
from sigap_intake.domain.caller_contact import evolve as evolve_contact
from sigap_roster.domain import duty, roster

Evolve = Callable[[Aggregate, Event], Aggregate]

OF_TOPIC: dict[str, list[tuple[type[Aggregate], Evolve]]] = {
    topics.CALLS: [
        (Call, evolve_call),
        (callback.Callback, callback.evolve),
        (CallerContact, evolve_contact),
        (block.Block, block.evolve),
        (presence.Presence, presence.evolve),
    ],
    topics.INCIDENTS: [
        (Incident, evolve_incident),
        (handover.Handover, handover.evolve),
        (referral.Referral, referral.evolve),
    ],
    topics.AGENCIES: [(forwarding.Forwarding, forwarding.evolve)],
    topics.ROSTERS: [(roster.Roster, roster.evolve), (duty.Duty, duty.evolve)],
}
OF_NO_AGGREGATE = {
    EndpointDisabled,
    AssignmentChanged,
    AuditDigestPublished,
    AlarmGroupChanged,
    AlarmRangFurther,
    ShareChanged,
}
"""An endpoint, a daily digest, a group of alarms and its ringing are rows; a share is part of its incident; nobody
publishes AssignmentChanged.
"""
EVENTS = [(kind.topic, kind) for kind in event_types() if kind.topic in OF_TOPIC and kind not in OF_NO_AGGREGATE]
ALARMS: list[tuple[str, type[Event]]] = [
    (topic, kind) for topic in (topics.CALLS, topics.INCIDENTS) for kind in (AlarmRaised, AlarmCleared)
]


def has_branch(evolve: Evolve, state: type[Aggregate], kind: type[Event]) -> bool:
    """Tried with an event and a state that are empty: a branch may fail on them, and then there is one."""
    empty_state: Callable[..., Aggregate] = state.model_construct
    empty_event: Callable[..., Event] = kind.model_construct
    try:
        evolve(empty_state(), empty_event())
    except NoBranch:
        return False
    except (AttributeError, KeyError, ValueError, TypeError):
        return True
    return True


@pytest.mark.parametrize(("topic", "kind"), EVENTS + ALARMS)
def test_an_event_has_a_branch_in_evolve(topic: str, kind: type[Event]) -> None:
    evolves = OF_TOPIC[topic]
    told = f"no branch for {kind.__name__} in {' or '.join(evolve.__module__ for _, evolve in evolves)}.evolve"
    assert any(has_branch(evolve, state, kind) for state, evolve in evolves), told


@pytest.mark.parametrize(("state", "evolve"), [one for several in OF_TOPIC.values() for one in several])
def test_an_event_without_a_branch_is_refused(state: type[Aggregate], evolve: Evolve) -> None:
    class Unheard(Event):
        """Of nobody."""

    assert not has_branch(evolve, state, Unheard)
