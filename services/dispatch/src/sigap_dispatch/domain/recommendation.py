"""Recommends agencies for each role that the plans want, with the reasons, and says which role nobody can fill."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from types import MappingProxyType
from typing import NamedTuple

from sigap_common.contracts.places import Place
from sigap_common.regency import Agency, Pack
from sigap_dispatch.domain.load import Load
from sigap_dispatch.domain.plans import Wanted, distances, named
from sigap_dispatch.domain.state.incident import Incident


class ReasonCode(StrEnum):
    ON_IT = "on_it"
    WITHDRAWN_BEFORE = "withdrawn_before"
    DECLINED_BEFORE = "declined_before"
    IN_PLAN = "in_plan"
    """The value is its place in the plan, from 1."""
    CAPABLE = "capable"
    """The plan does not name it, but its kind or a capability is the role."""
    DISTANCE = "distance"
    """The value is the distance of its post in metres, in a straight line."""
    DISTANCE_UNKNOWN = "distance_unknown"
    NEAREST = "nearest"
    """Of the capable agencies that were not told, its post is the nearest in a straight line."""
    ACKNOWLEDGED_IN = "acknowledged_in"
    """The value is the seconds that its last acknowledgement took, if that was in the last 24 hours."""
    OVERLOADED = "overloaded"
    """The value is the number of its forwardings that it has not acknowledged: as many as the pack says, or more."""
    OUTSIDE_AREA = "outside_area"
    """The place is in the zone of another regency."""


class Reason(NamedTuple):
    """A tuple, since there are several for each of hundreds of agencies."""

    code: ReasonCode
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    agency: str
    name: str
    available: bool
    """Whether it has neither been told nor failed nor been withdrawn."""
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The nearest agency of another regency that could fill a role."""

    agency: str
    name: str
    metres: int


@dataclass(frozen=True, slots=True)
class RoleRecommendation:
    role: str
    candidates: tuple[Candidate, ...]
    missing: bool
    """Nobody who could fill the role is on the incident or left to be told."""
    neighbour: Neighbour | None


def recommend(
    incident: Incident, pack: Pack, packs: Iterable[Pack], loads: Mapping[str, Load] = MappingProxyType({})
) -> list[RoleRecommendation]:
    """A recommendation for each role of the plans reached, in their order. `packs`: those of all regencies. `loads`:
    how busy agencies are, as far as that is known.

    Candidates stand in this order: those who have not been told, then those who are on the incident, declined or were
    withdrawn. Within each group: those whom the plan names, in its order; then the others by distance.
    """
    others, metres = list(packs), distances(pack.agencies, incident.place)
    by_role: dict[str, list[Wanted]] = {}
    for one in named(incident, pack, metres):
        if one.role:
            by_role.setdefault(one.role, []).append(one)
    return [_of_role(incident, role, asked, pack, others, metres, loads) for role, asked in by_role.items()]


def _of_role(
    incident: Incident,
    role: str,
    asked: Sequence[Wanted],
    pack: Pack,
    packs: Sequence[Pack],
    metres: Mapping[str, float],
    loads: Mapping[str, Load],
) -> RoleRecommendation:
    known = {f"{pack.code}/{agency.code}": agency for agency in pack.agencies}
    places = {agency: place for place, agency in enumerate(dict.fromkeys(one.agency for one in asked), 1)}
    able = [path for path, agency in known.items() if could_fill(agency, role)]
    able.sort(key=lambda path: metres.get(known[path].code, inf))
    told, most = _told(incident), pack.service_levels.overloaded_from
    named_or_able = [path for path in dict.fromkeys([*places, *able]) if path in known]
    nearest = _nearest([path for path in able if path not in told], known, metres)
    found = []
    for path in named_or_able:
        agency, before = known[path], told.get(path)
        reasons = [before] if before else []
        reasons += _of_place(places.get(path), metres.get(agency.code))
        if path == nearest:
            reasons.append(_NEAREST)
        if (load := loads.get(path)) is not None:
            reasons += _of_load(load, most)
        if incident.zone_owner not in (None, incident.regency):
            reasons.append(_OUTSIDE)
        found.append(Candidate(path, agency.name, before is None, tuple(reasons)))
    candidates = (*(one for one in found if one.available), *(one for one in found if not one.available))
    missing = not any(one.available or one.reasons[0] is _ON_IT for one in candidates)
    return RoleRecommendation(role, candidates, missing, _neighbour(incident, role, packs) if missing else None)


def could_fill(agency: Agency, role: str) -> bool:
    return role == agency.kind or role in agency.capabilities


_ON_IT, _OUTSIDE, _NEAREST = map(Reason, (ReasonCode.ON_IT, ReasonCode.OUTSIDE_AREA, ReasonCode.NEAREST))


def _told(incident: Incident) -> dict[str, Reason]:
    """The agencies that were told, each with the reason that says what became of it."""
    found: dict[str, Reason] = {}
    for agency in {f.agency for f in incident.forwardings}:
        mine = [f for f in incident.forwardings if f.agency == agency]
        if any(f.stands for f in mine):
            found[agency] = _ON_IT
        else:
            declined = any(f.declined for f in mine)
            found[agency] = Reason(ReasonCode.DECLINED_BEFORE if declined else ReasonCode.WITHDRAWN_BEFORE)
    return found


def _nearest(left: Sequence[str], known: Mapping[str, Agency], metres: Mapping[str, float]) -> str | None:
    """The first of `left`, which stand by distance, whose distance is known; None if there is nothing to compare."""
    placed = [path for path in left if known[path].code in metres]
    return placed[0] if len(placed) > 1 else None


def _of_place(place: int | None, metres: float | None) -> tuple[Reason, Reason]:
    return (
        Reason(ReasonCode.CAPABLE) if place is None else Reason(ReasonCode.IN_PLAN, place),
        Reason(ReasonCode.DISTANCE_UNKNOWN) if metres is None else Reason(ReasonCode.DISTANCE, round(metres)),
    )


def _of_load(load: Load, most: int) -> list[Reason]:
    found = []
    if load.acknowledged_in_s is not None:
        found.append(Reason(ReasonCode.ACKNOWLEDGED_IN, load.acknowledged_in_s))
    if load.unacknowledged >= most:
        found.append(Reason(ReasonCode.OVERLOADED, load.unacknowledged))
    return found


def _neighbour(incident: Incident, role: str, packs: Iterable[Pack]) -> Neighbour | None:
    """The nearest agency of another regency; None: the place is unknown, or no such agency has a known post."""
    found = [
        Neighbour(f"{pack.code}/{agency.code}", f"{agency.name}, {pack.name}", round(metres))
        for pack in packs
        if pack.code != incident.regency and not pack.retired
        for agency, metres in _able(pack, role, incident.place)
    ]
    return min(found, key=lambda one: one.metres, default=None)


def _able(pack: Pack, role: str, place: Place | None) -> list[tuple[Agency, float]]:
    """The agencies that could fill the role and whose distance is known."""
    able = [agency for agency in pack.agencies if could_fill(agency, role)]
    metres = distances(able, place)
    return [(agency, metres[agency.code]) for agency in able if agency.code in metres]
