"""How an incident gets a responsible dispatcher."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.handovers import IncidentTaken
from sigap_dispatch.domain.state.incident import Incident


def _taken(incident: Incident, event: IncidentTaken) -> Incident:
    return incident.model_copy(update={"responsible": event.responsible, "responsible_name": event.name})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {IncidentTaken: _taken}
