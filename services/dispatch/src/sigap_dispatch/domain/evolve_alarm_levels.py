"""Applies the events about alarm levels."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.alarm_levels import IncidentEscalated
from sigap_common.contracts.base import Event
from sigap_dispatch.domain.state import Incident


def _escalated(incident: Incident, event: IncidentEscalated) -> Incident:
    new = {"alarm_level": event.alarm_level, "proposed_withdrawals": event.proposed_withdrawals}
    return incident.model_copy(update=new)


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {IncidentEscalated: _escalated}
