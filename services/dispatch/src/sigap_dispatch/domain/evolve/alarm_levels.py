"""Applies the events about alarm levels."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.alarm_levels import AlarmLevelProposalEnded, AlarmLevelProposed, IncidentEscalated
from sigap_common.contracts.base import Event
from sigap_dispatch.domain.state.asked import ProposedLevel
from sigap_dispatch.domain.state.incident import Incident


def _escalated(incident: Incident, event: IncidentEscalated) -> Incident:
    new: dict[str, Any] = {"alarm_level": event.alarm_level, "proposed_withdrawals": event.proposed_withdrawals}
    proposed = incident.proposed_level
    if proposed and proposed.alarm_level <= event.alarm_level:
        new["proposed_level"] = None
    return incident.model_copy(update=new)


def _proposed(incident: Incident, event: AlarmLevelProposed) -> Incident:
    level = ProposedLevel(alarm_level=event.alarm_level, agency=event.agency, since=event.at, text=event.text)
    return incident.model_copy(update={"proposed_level": level})


def _ended(incident: Incident, event: AlarmLevelProposalEnded) -> Incident:
    dismissed = event.alarm_level if event.how == "dismissed" else incident.dismissed_level
    return incident.model_copy(update={"proposed_level": None, "dismissed_level": dismissed})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    IncidentEscalated: _escalated,
    AlarmLevelProposed: _proposed,
    AlarmLevelProposalEnded: _ended,
}
