"""The reports of an incident: further calls about it. One about people in danger elsewhere becomes an incident of its
own, linked, in one step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sigap_common.contracts.incidents import IncidentCreated, IncidentReportAdded, Source
from sigap_common.contracts.places import Place
from sigap_common.contracts.reports import ReportSeparated
from sigap_common.contracts.zones import Zone, owner_of
from sigap_common.core.errors import Fault, Invalid
from sigap_common.regency import Pack, require_incident_type
from sigap_common.regency.geometry import Point, distance_m
from sigap_dispatch.domain.commands import Command, Numbered
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.duplicates import go_on, point_of, suggest
from sigap_dispatch.domain.forwarding import revise
from sigap_dispatch.domain.glasses import glass_of, see_through
from sigap_dispatch.domain.matching import Scene
from sigap_dispatch.domain.opening import decided_values
from sigap_dispatch.domain.plans import own_priority
from sigap_dispatch.domain.proposals import follow_plan
from sigap_dispatch.domain.state.incident import Incident

ELSEWHERE_M = 200.0
"""A report from farther away is about people elsewhere. Metres, beside the uncertainty of both places."""
DANGER = 2
"""From this priority on people are taken to be in danger."""


@dataclass(frozen=True, slots=True)
class OpenFromReport(Command):
    """Opens an incident of its own from a report of `first`, as `told` says it. What a person names instead of what
    the call said is in the other fields.
    """

    numbered: Numbered
    told: IncidentReportAdded
    first: Incident
    incident_type: str | None
    priority: int | None
    place: Place | None
    zone: Zone | None
    around: tuple[Scene, ...] = ()
    """The open incidents around it, which may be the same event."""


@dataclass(frozen=True, slots=True)
class SeparateReport(Command):
    """The n-th report leaves the incident: its call has `other` now."""

    call_id: UUID
    report: int
    other: Incident


def metres_away(incident: Incident, place: Place | None) -> float | None:
    """The distance from the incident's place in metres; None if one of the two has no coordinates."""
    here, there = point_of(incident.place), point_of(place)
    return distance_m(here, there) if here and there else None


def stands_out(incident: Incident, told: IncidentReportAdded, pack: Pack | None) -> bool:
    """Whether a report is about people in danger elsewhere. A call that was given neither type nor priority counts as
    urgent as the incident.
    """
    away = metres_away(incident, told.place)
    if away is None:
        return False
    points = (point_of(incident.place), point_of(told.place))
    away -= sum(point.uncertainty_m or 0.0 for point in points if isinstance(point, Point))
    own = own_priority(told.incident_type, pack) if told.incident_type and pack else None
    return away > ELSEWHERE_M and (told.priority or own or incident.priority) <= DANGER


def open_from_report(decision: IncidentDecision, command: OpenFromReport) -> None:
    """Opens it with the call's own times and caller; the plan forwards it at once. Raises Invalid if the regency does
    not have the incident type.
    """
    told, first, pack = command.told, command.first, decision.moment.pack
    kind = command.incident_type or told.incident_type or first.incident_type
    priority = command.priority or told.priority
    require_incident_type(command.incident_type, [pack])
    glass = glass_of(first, decision.moment)
    decision.emit(
        IncidentCreated(
            **decision.stamp(),
            number=command.numbered.number,
            day=command.numbered.day,
            incident_type=kind,
            priority=priority or own_priority(kind, pack),
            place=command.place,
            zone_owner=owner_of(command.zone),
            zone=command.zone,
            source=Source.CALL,
            call_id=told.call_id,
            started_at=told.received_at,
            answered_at=told.answered_at,
            linked_to=first.id,
            protected=pack.is_protected(kind) or first.protected,
            through_glass=glass is not None,
            backfilled=first.backfilled,
            notify=first.notify,
            with_agencies=first.with_agencies,
            caller_number=told.caller_number,
            caller_name=told.caller_name,
            caller_hash=told.caller_hash,
            notes=told.notes,
            operators=told.operators,
            **decided_values(kind, priority, command.place, pack),
        )
    )
    see_through(decision, glass)
    suggest(decision, command.around, wait=False)
    follow_plan(decision)


def separate_report(decision: IncidentDecision, command: SeparateReport) -> None:
    """Links the other incident, and tells the agencies of this one. Raises Invalid if there is no further report."""
    incident = decision.incident
    if incident.reports < 2:
        raise Invalid(errors=[Fault(("path", "call_id"), "report_unknown", {"last": incident.reports})])
    decision.emit(
        ReportSeparated(
            **decision.stamp(),
            call_id=command.call_id,
            report=command.report,
            was_unread=command.report > incident.read_report,
            other=command.other.id,
            other_number=command.other.number,
        )
    )
    revise(decision, "reported_again", list(decision.incident.open_forwardings()))
    go_on(decision, incident)


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    OpenFromReport: open_from_report,
    SeparateReport: separate_report,
}
