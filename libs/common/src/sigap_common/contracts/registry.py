"""The registry of all events: what the contract modules declare."""

from collections.abc import Iterator
from typing import TypeGuard

from sigap_common.contracts import (
    agencies,
    alarm_levels,
    alarms,
    audit,
    blocks,
    call_transfers,
    callbacks,
    calls,
    duplicates,
    handovers,
    incidents,
    informing,
    needs,
    notes,
    operators,
    proposals,
    protection,
    questions,
    referrals,
    regencies,
    reopening,
    reports,
    rosters,
    shares,
    transfers,
    units,
)
from sigap_common.contracts.base import Event
from sigap_common.contracts.topics import AGENCIES, CALLS, INCIDENTS, ROSTERS

_MODULES = (
    regencies,
    calls,
    incidents,
    agencies,
    rosters,
    alarms,
    callbacks,
    blocks,
    operators,
    proposals,
    audit,
    protection,
    needs,
    transfers,
    call_transfers,
    handovers,
    referrals,
    duplicates,
    reopening,
    alarm_levels,
    notes,
    reports,
    shares,
    informing,
    questions,
    units,
)

SERVICE_TOPICS = (CALLS, INCIDENTS, AGENCIES, ROSTERS)
"""The topics that services publish on; an alarm may come on any of them."""


def event_types() -> Iterator[type[Event]]:
    """Every event that a contract module declares, without the base classes of several events."""
    for module in _MODULES:
        for name in vars(module).values():
            if _is_event_of(name, module.__name__):
                yield name


def _is_event_of(name: object, module: str) -> TypeGuard[type[Event]]:
    if not (isinstance(name, type) and issubclass(name, Event) and name.__module__ == module):
        return False
    return not any(below.__module__ == module for below in name.__subclasses__())


def topics_of(event: type[Event]) -> tuple[str, ...]:
    """The topics on which an event may come."""
    return (event.topic,) if event.topic else SERVICE_TOPICS
