"""How the people of an incident, its glasses and its protection follow from its events."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.duplicates import IncidentAbsorbed, IncidentReleased
from sigap_common.contracts.incidents import (
    Answer,
    ForwardingRevised,
    IncidentCreated,
    IncidentReportAdded,
    IncidentStatusChanged,
)
from sigap_common.contracts.need import with_person
from sigap_common.contracts.protection import GlassBroken, GlassSeen, ProtectionLifted
from sigap_common.contracts.shares import ShareAsked, ShareEnded
from sigap_dispatch.domain.state.glass import Glass
from sigap_dispatch.domain.state.incident import Incident

_NO_WORK = (
    *(GlassBroken, GlassSeen, ProtectionLifted, ShareAsked, ShareEnded),
    *(IncidentReleased, ForwardingRevised, AlarmRaised, AlarmCleared),
)


def with_people(incident: Incident, event: Event) -> Incident:
    """The incident with those whom the event shows to have taken its call or worked on it. Who asks for a share, or
    gives it back, works for another regency; who takes a merged incident out works on that one. What agencies are told
    and which alarms stand only follows from what was done.
    """
    if isinstance(event, _NO_WORK):
        return incident
    people = with_person(incident.people, (*_who_took_calls(event), _worker(incident, event)))
    return incident if people == incident.people else incident.model_copy(update={"people": people})


def _who_took_calls(event: Event) -> tuple[str, ...]:
    """A merger brings the people of the other incident along, since its calls are reports of this one now."""
    if isinstance(event, IncidentAbsorbed):
        return event.people
    return event.operators if isinstance(event, IncidentCreated | IncidentReportAdded) else ()


def _worker(incident: Incident, event: Event) -> str | None:
    """Who gave the order that the event follows from; None for an agency's own answer. An order through a broken glass
    gives no need that would outlast the glass.
    """
    if isinstance(event, Answer | IncidentStatusChanged) and not event.on_behalf:
        return None
    if isinstance(event, IncidentCreated) and event.through_glass:
        return None
    through_glass = any(glass.is_open(event.by, event.recorded_at) for glass in incident.glasses)
    return None if through_glass else event.by


def _glass_broken(incident: Incident, event: GlassBroken) -> Incident:
    told = {"id": event.glass_id, "by": event.by, "at": event.at, "until": event.until, "reason": event.reason}
    glass = Glass.model_validate(told)
    # What is over and seen is in the timeline, so that the document does not grow without end.
    kept = tuple(one for one in incident.glasses if not one.seen or event.at < one.until)
    return incident.model_copy(update={"glasses": (*kept, glass)})


def _glass_seen(incident: Incident, event: GlassSeen) -> Incident:
    glasses = tuple(one.model_copy(update={"seen": one.seen or one.id in event.glasses}) for one in incident.glasses)
    return incident.model_copy(update={"glasses": glasses})


def _lifted(incident: Incident, _: ProtectionLifted) -> Incident:
    return incident.model_copy(update={"protected": False})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    GlassBroken: _glass_broken,
    GlassSeen: _glass_seen,
    ProtectionLifted: _lifted,
}
