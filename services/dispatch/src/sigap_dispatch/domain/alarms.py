"""How an alarm of an incident is raised and cleared."""

from typing import Any
from uuid import UUID

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_dispatch.domain.alarm_groups import INCIDENTS
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.state.alarms import Alarm, AlarmKind, alarm_id
from sigap_dispatch.domain.state.incident import Incident


def raise_once(
    decision: IncidentDecision, subject: UUID, kind: AlarmKind, role: str | None = None, **shown: Any
) -> None:
    """Raises an alarm unless it stands. A drill raises none. `subject`: the incident or the forwarding. `shown`: what
    people see of the alarm.
    """
    incident, which = decision.incident, alarm_id(subject, kind, role)
    if not incident.drill and not incident.has_alarm(which):
        what = {"alarm_id": which, "kind": kind, "about": _about(incident), "role": role}
        decision.emit(AlarmRaised(**decision.stamp(), **what, **shown))


def clear(decision: IncidentDecision, alarm: Alarm) -> None:
    about = _about(decision.incident)
    decision.emit(AlarmCleared(**decision.stamp(), alarm_id=alarm.id, kind=alarm.kind, about=about))


def _about(incident: Incident) -> str:
    return f"{INCIDENTS}{incident.id}"
