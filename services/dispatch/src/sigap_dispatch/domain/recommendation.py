"""Recommends agencies for each role that the plans want, with the reasons, and says which role nobody can fill."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from sigap_common.contracts.places import Place
from sigap_common.regency import Agency, Pack
from sigap_dispatch.domain.plans import Wanted, distances, named
from sigap_dispatch.domain.state import Incident


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
    OUTSIDE_AREA = "outside_area"
    """The place is in the zone of another regency."""


@dataclass(frozen=True, slots=True)
class Reason:
    code: ReasonCode
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    agency: str
    name: str
    reasons: tuple[Reason, ...]

    @property
    def available(self) -> bool:
        """Whether it has neither been told nor failed nor been withdrawn."""
        return not _TOLD & {reason.code for reason in self.reasons}


_TOLD = {ReasonCode.ON_IT, ReasonCode.WITHDRAWN_BEFORE, ReasonCode.DECLINED_BEFORE}


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


def recommend(incident: Incident, pack: Pack, packs: Iterable[Pack]) -> list[RoleRecommendation]:
    """A recommendation for each role of the plans reached, in their order. `packs`: those of all regencies.

    Candidates stand in this order: those who have not been told, then those who are on the incident, declined or were
    withdrawn. Within each group: those whom the plan names, in its order; then the others by distance.
    """
    by_role: dict[str, list[Wanted]] = {}
    for one in named(incident, pack):
        if one.role:
            by_role.setdefault(one.role, []).append(one)
    others, metres = list(packs), distances(pack.agencies, incident.place)
    return [_of_role(incident, role, asked, pack, others, metres) for role, asked in by_role.items()]


def _of_role(
    incident: Incident,
    role: str,
    asked: Sequence[Wanted],
    pack: Pack,
    packs: Sequence[Pack],
    metres: Mapping[str, float],
) -> RoleRecommendation:
    known = {f"{pack.code}/{agency.code}": agency for agency in pack.agencies}
    places = {agency: place for place, agency in enumerate(dict.fromkeys(one.agency for one in asked), 1)}
    able = [code for code, agency in known.items() if could_fill(agency, role)]
    able.sort(key=lambda path: metres.get(known[path].code, inf))
    told = {f.agency for f in incident.forwardings}
    found = [
        Candidate(path, agency.name, tuple(_reasons(incident, path, path in told, places.get(path), metres.get(code))))
        for path in dict.fromkeys([*places, *able])
        if (agency := known.get(path)) and (code := agency.code)
    ]
    candidates = tuple(sorted(found, key=lambda one: not one.available))
    on_it = any(reason.code is ReasonCode.ON_IT for one in candidates for reason in one.reasons)
    missing = not on_it and not any(one.available for one in candidates)
    return RoleRecommendation(role, candidates, missing, _neighbour(incident, role, packs) if missing else None)


def could_fill(agency: Agency, role: str) -> bool:
    return role == agency.kind or role in agency.capabilities


def _reasons(incident: Incident, path: str, told: bool, place: int | None, metres: float | None) -> Iterator[Reason]:
    mine = [f for f in incident.forwardings if f.agency == path] if told else []
    if any(f.stands for f in mine):
        yield Reason(ReasonCode.ON_IT)
    elif any(f.declined for f in mine):
        yield Reason(ReasonCode.DECLINED_BEFORE)
    elif mine:
        yield Reason(ReasonCode.WITHDRAWN_BEFORE)
    yield Reason(ReasonCode.CAPABLE) if place is None else Reason(ReasonCode.IN_PLAN, place)
    yield Reason(ReasonCode.DISTANCE_UNKNOWN) if metres is None else Reason(ReasonCode.DISTANCE, round(metres))
    if incident.zone_owner not in (None, incident.regency):
        yield Reason(ReasonCode.OUTSIDE_AREA)


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
