"""Finds the agencies to which an incident is forwarded, by the response plans of its regency."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from math import inf

from sigap_common.contracts.places import Place
from sigap_common.regency import Agency, Pack, ResponsePlan, Setting
from sigap_common.regency.geometry import Point, distance_m
from sigap_dispatch.domain.state.incident import Incident

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


@dataclass(frozen=True, slots=True)
class Informed:
    agency: str
    """`<regency>/<code>`"""
    alarm_level: int


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
    planned = (one.within for one in named(incident, pack) if one.agency == agency)
    return next(planned, timedelta(seconds=pack.service_levels.acknowledge_within_s))


def drill_agency(regency: str) -> str:
    return f"{regency}/{DRILL_AGENCY}"


def _drill_first(incident: Incident, pack: Pack) -> Iterator[Wanted]:
    if incident.drill:
        levels = timedelta(seconds=pack.service_levels.acknowledge_within_s)
        yield Wanted(drill_agency(incident.regency), _FIRST_LEVEL, levels, DRILL_AGENCY)
    if not incident.drill or incident.with_agencies:
        yield from _planned(incident, pack)


def next_agency(incident: Incident, role: str, pack: Pack) -> Wanted | None:
    """The agency that the plans name next for a role: the first that has not been told, here or on an incident that is
    merged into this one, and whose proposal nobody dismissed. None: there is no such agency. `automatic` says whether
    it may be told without asking.
    """
    if _tells_nobody(incident):
        return None
    failed = {one.agency for one in incident.carried_failures}
    passed = {f.agency for f in incident.forwardings} | failed | set(incident.dismissed)
    for plan in _applying(incident, pack):
        if plan.at_once is None:
            continue
        for one in _listed(incident, plan, pack):
            if one.role == role and one.agency not in passed:
                return replace(one, automatic=plan.next == "automatic")
    return None


def _tells_nobody(incident: Incident) -> bool:
    """Whether the plans tell no real agency: a drill is for the drill agency alone, a late entry for none."""
    return (incident.drill and not incident.with_agencies) or (incident.backfilled and not incident.notify)


def listed(incident: Incident, pack: Pack) -> set[str]:
    """The agencies that the plans name for the incident, at once or as the next ones."""
    return {one.agency for one in (*wanted(incident, pack), *named(incident, pack))}


def named(incident: Incident, pack: Pack, metres: Mapping[str, float] | None = None) -> Iterator[Wanted]:
    """The agencies that the plans of the alarm levels reached name, also the next ones, in the order of the plans.
    `metres`: the `distances` of the pack's agencies, if they are known already.
    """
    return chain.from_iterable(_listed(incident, plan, pack, metres) for plan in _applying(incident, pack))


def informed(incident: Incident, pack: Pack) -> list[Informed]:
    """Those whom the plans of the alarm levels reached only inform, each once."""
    if _tells_nobody(incident):
        return []
    first: dict[str, Informed] = {}
    for plan in _applying(incident, pack):
        for code in plan.informs:
            first.setdefault(code, Informed(f"{incident.regency}/{code}", plan.alarm_level))
    return list(first.values())


def highest_level(incident: Incident, pack: Pack) -> int:
    """The highest alarm level for which the incident's type, priority, time and place have a plan."""
    return max((plan.alarm_level for plan in _of_any_level(incident, pack)), default=_FIRST_LEVEL)


def _planned(incident: Incident, pack: Pack) -> Iterator[Wanted]:
    for plan in _applying(incident, pack):
        yield from _at_once(incident, plan, _listed(incident, plan, pack))


def _applying(incident: Incident, pack: Pack) -> Iterator[ResponsePlan]:
    """The plans of the alarm levels reached. The conditions are those of the incident's start, so that the plan does
    not change merely because time passes.
    """
    return (plan for plan in _of_any_level(incident, pack) if plan.alarm_level <= incident.alarm_level)


def _of_any_level(incident: Incident, pack: Pack) -> Sequence[ResponsePlan]:
    setting = Setting(incident.started_at, incident.place.cell if incident.place else None)
    return pack.plan_for(incident.incident_type, incident.priority, setting)


def _listed(
    incident: Incident, plan: ResponsePlan, pack: Pack, metres: Mapping[str, float] | None = None
) -> list[Wanted]:
    """All agencies of a plan, in the order in which they are asked."""
    within = timedelta(seconds=plan.acknowledge_within_s or pack.service_levels.acknowledge_within_s)
    codes: Sequence[str] = plan.agencies
    if not codes:
        able = pack.with_capability(plan.capability)
        codes = [agency.code for agency in nearest(able, incident.place, metres)]
    return [
        Wanted(
            f"{incident.regency}/{code}",
            plan.alarm_level,
            within,
            plan.role or plan.capability or kind_of(pack, code),
            plan.automatic,
        )
        for code in codes
    ]


def _at_once(incident: Incident, plan: ResponsePlan, asked: list[Wanted]) -> list[Wanted]:
    """The agencies of a plan that are told at once. If some of them are on the incident already, fewer further ones
    are: a place that was corrected by a street must not call another ambulance.
    """
    if plan.at_once is None:
        return asked
    on_it = {f.agency for f in incident.forwardings if f.stands}
    return sorted(asked, key=lambda one: one.agency not in on_it)[: plan.at_once]


def nearest(agencies: Sequence[Agency], place: Place | None, metres: Mapping[str, float] | None = None) -> list[Agency]:
    """The agencies by the distance of their posts from the place, in a straight line. Those whose distance is unknown
    come last, in the order of the pack. `metres`: their `distances`, if they are known already.
    """
    known = distances(agencies, place) if metres is None else metres
    return sorted(agencies, key=lambda agency: known.get(agency.code, inf))


def distances(agencies: Iterable[Agency], place: Place | None) -> dict[str, float]:
    """The distances from agencies' posts to the place by the agency's code, in metres and a straight line. Agencies
    whose distance is unknown are left out.
    """
    point = place.point if place else None
    if point is None:
        return {}
    here = Point(*point)
    return {
        agency.code: distance_m(here, Point(agency.lat, agency.lon))
        for agency in agencies
        if agency.lat is not None and agency.lon is not None
    }


def kind_of(pack: Pack, code: str) -> str | None:
    """The kind of one of the regency's agencies, such as fire; None if the pack does not have the agency."""
    agency = pack.agency(code)
    return agency.kind if agency else None
