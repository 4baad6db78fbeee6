"""The registry of all events: what the contract modules declare."""

from collections.abc import Iterator
from typing import TypeGuard

from sigap_common.contracts import agencies, alarms, calls, incidents, regencies, rosters
from sigap_common.contracts.base import Event


def event_types() -> Iterator[type[Event]]:
    """Every event that a contract module declares; what several have in common is none itself."""

    for module in (regencies, calls, incidents, agencies, rosters, alarms):
        for name in vars(module).values():
            if _is_event_of(name, module.__name__):
                yield name


def _is_event_of(name: object, module: str) -> TypeGuard[type[Event]]:
    if not (isinstance(name, type) and issubclass(name, Event) and name.__module__ == module):
        return False
    return not any(below.__module__ == module for below in name.__subclasses__())
