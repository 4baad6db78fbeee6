"""Finds the agencies to which an incident is forwarded, by the response plans of its regency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sigap_common.regency import Pack
from sigap_dispatch.domain.state import Incident

DRILL_AGENCY = "drill"
"""The code of the built-in drill agency. Every regency has it, and no pack lists it."""
UNKNOWN_PRIORITY = 3
_FIRST_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    agency: str
    """`<regency>/<code>`"""
    alarm_level: int
    within: timedelta
    """The time within which the agency must acknowledge."""
    role: str | None = None
    """What the agency is wanted for, such as fire or ambulance."""
    automatic: bool = True
    """Whether the plan tells the agency at once; otherwise it is proposed to the dispatcher."""


def own_priority(incident_type: str | None, pack: Pack) -> int:
    """The priority of an incident type. It is used if nobody sets another priority."""
    kind = pack.incident_type(incident_type) if incident_type else None
    return kind.priority if kind else UNKNOWN_PRIORITY


def wanted(incident: Incident, pack: Pack) -> list[Wanted]:
    """The agencies that the plans want, each once, in the order of the plans. If one plan tells an agency at once and
    another only proposes it, it is told.
    """
    if incident.backfilled and not incident.notify:
        return []
    first: dict[str, Wanted] = {}
    for one in _drill_first(incident, pack):
        known = first.setdefault(one.agency, one)
        if one.automatic and not known.automatic:
            first[one.agency] = one
    return list(first.values())


def within(incident: Incident, agency: str, pack: Pack) -> timedelta:
    """The time within which this agency must acknowledge: from its response plan, otherwise from the service levels."""
    planned = (one.within for one in _planned(incident, pack) if one.agency == agency)
    return next(planned, timedelta(seconds=pack.service_levels.acknowledge_within_s))


def drill_agency(regency: str) -> str:
    return f"{regency}/{DRILL_AGENCY}"


def _drill_first(incident: Incident, pack: Pack) -> Iterator[Wanted]:
    if incident.drill:
        levels = timedelta(seconds=pack.service_levels.acknowledge_within_s)
        yield Wanted(drill_agency(incident.regency), _FIRST_LEVEL, levels, DRILL_AGENCY)
    if not incident.drill or incident.with_agencies:
        yield from _planned(incident, pack)


def _planned(incident: Incident, pack: Pack) -> Iterator[Wanted]:
    for plan in pack.plan_for(incident.incident_type, incident.priority):
        if plan.alarm_level > _FIRST_LEVEL:
            continue
        seconds = plan.acknowledge_within_s or pack.service_levels.acknowledge_within_s
        for code in plan.agencies:
            role = plan.role or kind_of(pack, code)
            agency = f"{incident.regency}/{code}"
            yield Wanted(agency, plan.alarm_level, timedelta(seconds=seconds), role, plan.automatic)


def kind_of(pack: Pack, code: str) -> str | None:
    """The kind of one of the regency's agencies, such as fire; None if the pack does not have the agency."""
    agency = pack.agency(code)
    return agency.kind if agency else None
