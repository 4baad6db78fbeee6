"""How an agency's answers and the moves of its units change the units of a forwarding."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_answers import ATTENDED, last_at
from sigap_common.contracts.base import Event
from sigap_common.contracts.units import UnitReleased, UnitTakenOver
from sigap_dispatch.domain.state.forwarding import Forwarding, UnitOnIt
from sigap_dispatch.domain.state.incident import Incident

_FIELDS = {
    Response.EN_ROUTE: "en_route_at",
    Response.ON_SCENE: "on_scene_at",
    Response.UNDER_CONTROL: "on_scene_at",
}


def of_step(forwarding: Forwarding, named: Sequence[str]) -> tuple[str, ...]:
    """The units whose step it is: those that it names; if it names none, all that have not left."""
    return tuple(named) or tuple(unit.callsign for unit in forwarding.units if not unit.released_at)


def with_units(forwarding: Forwarding, named: Sequence[str], response: Response, at: datetime) -> tuple[UnitOnIt, ...]:
    """The units of the forwarding after an answer. A step counts for the units that it names; if it names none, for all
    that have not left. An answer from before the agency declined sends none, unless it was on scene by then: such a
    decline does not count.
    """
    known = {unit.callsign: unit for unit in forwarding.units}
    for callsign in named:
        unit = known.get(callsign)
        if unit is None or (unit.released_at and at > unit.released_at):
            known[callsign] = UnitOnIt(callsign=callsign, assigned_at=at)
        elif at > unit.claimed_at:
            known[callsign] = unit.model_copy(update={"named_at": at})
    # Also of an agency that has come after all since: `declined_at` is null then.
    declined_at = last_at(forwarding.words, Response.DECLINED)
    if declined_at and at < declined_at:
        if response not in ATTENDED and not _was_on_scene(forwarding, declined_at):
            return kept_back(tuple(known.values()), declined_at)
        known = {callsign: _not_kept_back(unit, declined_at) for callsign, unit in known.items()}
    field = _FIELDS.get(response)
    if field is None:
        return tuple(known.values())
    concerned = set(named) or known.keys()
    return tuple(_stepped(unit, field, at) if unit.callsign in concerned else unit for unit in known.values())


def kept_back(units: tuple[UnitOnIt, ...], declined_at: datetime) -> tuple[UnitOnIt, ...]:
    """The units after their agency has declined. If it comes after all, it names those that it sends: those
    that it named after the decline go on, and those that took a step after it.
    """
    left = {"released_at": declined_at}

    def goes_on(unit: UnitOnIt) -> bool:
        signs = (unit.claimed_at, unit.en_route_at, unit.on_scene_at)
        return any(at and at > declined_at for at in signs)

    return tuple(unit if unit.released_at or goes_on(unit) else unit.model_copy(update=left) for unit in units)


def after_decline(forwarding: Forwarding, declined_at: datetime) -> tuple[UnitOnIt, ...]:
    """The units of the forwarding after its agency has declined. If it was on scene by then, the decline does not
    count.
    """
    there = _was_on_scene(forwarding, declined_at)
    return forwarding.units if there else kept_back(forwarding.units, declined_at)


def _was_on_scene(forwarding: Forwarding, before: datetime) -> bool:
    return any(word.response in ATTENDED and word.at < before for word in forwarding.words)


def _not_kept_back(unit: UnitOnIt, declined_at: datetime) -> UnitOnIt:
    """The unit as it was before a decline that does not count."""
    return unit.model_copy(update={"released_at": None}) if unit.released_at == declined_at else unit


def _stepped(unit: UnitOnIt, field: str, at: datetime) -> UnitOnIt:
    before = getattr(unit, field)
    if unit.released_at or (before and before <= at):
        return unit
    return unit.model_copy(update={field: at})


def _released(incident: Incident, event: UnitReleased) -> Incident:
    def after(units: tuple[UnitOnIt, ...]) -> tuple[UnitOnIt, ...]:
        left = {"released_at": event.at}
        return tuple(unit.model_copy(update=left) if unit.callsign == event.callsign else unit for unit in units)

    return _units_changed(incident, event.forwarding_id, after)


def _taken_over(incident: Incident, event: UnitTakenOver) -> Incident:
    known = ("assigned_at", "named_at", "times_taken_over", "en_route_at", "on_scene_at", "came_with")
    taken = UnitOnIt(callsign=event.callsign, **{name: getattr(event, name) for name in known})

    def after(units: tuple[UnitOnIt, ...]) -> tuple[UnitOnIt, ...]:
        return (*(unit for unit in units if unit.callsign != event.callsign), taken)

    return _units_changed(incident, event.forwarding_id, after)


def _units_changed(
    incident: Incident, forwarding_id: UUID, after: Callable[[tuple[UnitOnIt, ...]], tuple[UnitOnIt, ...]]
) -> Incident:
    """The incident with the forwarding's units changed."""
    forwardings = tuple(
        part.model_copy(update={"units": after(part.units)}) if part.id == forwarding_id else part
        for part in incident.forwardings
    )
    return incident.model_copy(update={"forwardings": forwardings})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    UnitReleased: _released,
    UnitTakenOver: _taken_over,
}
