"""How long each phase of the help took, per agency and unit and for the incident, in seconds.

The words are those of NFPA 1710 and, for processing, NFPA 1225. A phase is None if one of its ends is missing, if it is
negative or longer than 24 hours, or if the incident is backfilled. A time that was given afterwards counts as it was
given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sigap_dispatch.domain.state.forwarding import Forwarding, UnitOnIt
from sigap_dispatch.domain.state.incident import Incident

LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Intervals:
    processing_s: float | None
    """From the first answer to the call (without a call: from the incident's opening) until it is forwarded."""
    turnout_s: float | None
    """From the forwarding until a unit is en route."""
    travel_s: float | None
    """From en route until a unit is on scene."""
    on_scene_s: float | None
    """From on scene until the part is done."""
    total_s: float | None
    """From the first answer, or the opening, until the part is done."""


@dataclass(frozen=True, slots=True)
class _Moments:
    forwarded: datetime | None
    en_route: datetime | None
    on_scene: datetime | None
    done: datetime | None


def of_forwarding(incident: Incident, forwarding: Forwarding) -> Intervals:
    return _between(incident, _moments(forwarding))


def of_unit(incident: Incident, forwarding: Forwarding, unit: UnitOnIt) -> Intervals:
    """Of one unit of the forwarding. It ends with the agency's part, or when the unit leaves for another incident."""
    end = _first((unit.released_at, forwarding.done_at))
    return _between(incident, _Moments(forwarding.forwarded_at, unit.en_route_at, unit.on_scene_at, end))


def of_incident(incident: Incident) -> Intervals:
    """Of the first agency that came to each step, and until the last one was done. A phase may begin with the step of
    one agency and end with that of another.
    """
    parts = [f for f in incident.forwardings if f.stands or f.attended]
    reached = [_moments(f) for f in parts]
    all_done = bool(parts) and all(f.finished for f in parts)
    ends = [one.done for one in reached]
    moments = _Moments(
        _first(one.forwarded for one in map(_moments, incident.forwardings)),
        _first(one.en_route for one in reached),
        _first(one.on_scene for one in reached),
        max((end for end in ends if end), default=None) if all_done and all(ends) else None,
    )
    return _between(incident, moments)


def _moments(forwarding: Forwarding) -> _Moments:
    return _Moments(forwarding.forwarded_at, forwarding.en_route_at, forwarding.on_scene_at, forwarding.done_at)


def _between(incident: Incident, moments: _Moments) -> Intervals:
    if incident.backfilled:
        return Intervals(None, None, None, None, None)
    began = incident.answered_at or incident.created_at
    return Intervals(
        processing_s=_seconds(began, moments.forwarded),
        turnout_s=_seconds(moments.forwarded, moments.en_route),
        travel_s=_seconds(moments.en_route, moments.on_scene),
        on_scene_s=_seconds(moments.on_scene, moments.done),
        total_s=_seconds(began, moments.done),
    )


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None or not timedelta() <= end - start <= LONGEST:
        return None
    return round((end - start).total_seconds(), 3)


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)
