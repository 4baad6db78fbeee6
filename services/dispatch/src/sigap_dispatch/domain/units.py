"""The units that agencies send: what each does for its incident, and how it leaves for another one.

A unit's status follows from its forwarding. Whether it is busy elsewhere, only its row in the table `units` knows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sigap_common.contracts.units import UnitLeaving, UnitReleased, UnitTakenOver
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.refusals import require_forwarding
from sigap_dispatch.domain.state.forwarding import Forwarding, ForwardingState, UnitOnIt
from sigap_dispatch.domain.state.incident import Incident


class UnitState(StrEnum):
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    AVAILABLE = "available"


@dataclass(frozen=True, slots=True)
class UnitSeen:
    """A unit as a token sees it. `hidden`: the incident that it works for is hidden from the token."""

    agency: str
    callsign: str
    status: UnitState
    since: datetime | None = None
    incident_id: UUID | None = None
    number: str | None = None
    forwarding_id: UUID | None = None
    hidden: bool = False
    listed: bool = True
    kind: str | None = None
    capabilities: tuple[str, ...] = ()


_OUT = {
    ForwardingState.FORWARDED,
    ForwardingState.ACKNOWLEDGED,
    ForwardingState.EN_ROUTE,
    ForwardingState.ON_SCENE,
    ForwardingState.UNDER_CONTROL,
    ForwardingState.STANDING_DOWN,
}
"""The states of a forwarding in which its units are out. Of one that the agency has not answered, only units that it
sent for a merged incident are known.
"""


@dataclass(frozen=True, slots=True)
class ReleaseUnit(Command):
    """The unit was named for another incident: a fact."""

    forwarding_id: UUID
    callsign: str
    how: UnitLeaving
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class NameAgain(Command):
    """A unit that is out here was named `at` this moment for `other`: its agency did not know yet that it had gone on
    from there by a merger, or by the end of one. A fact.
    """

    forwarding_id: UUID
    callsign: str
    other: Incident
    at: datetime


def release(decision: IncidentDecision, command: ReleaseUnit) -> None:
    """A unit that is not busy here leaves nothing."""
    forwarding = require_forwarding(decision.incident, command.forwarding_id)
    if any(unit.callsign == command.callsign for unit in busy(forwarding)):
        leave(decision, forwarding, command.callsign, command.how, decision.stamp(command.at, command.by))


def leave(
    decision: IncidentDecision,
    forwarding: Forwarding,
    callsign: str,
    how: UnitLeaving,
    stamp: dict[str, Any] | None = None,
) -> None:
    """Lets a unit of the forwarding leave the incident. `stamp`: the fields of time and author, if not those of now."""
    about = {"forwarding_id": forwarding.id, "agency": forwarding.agency}
    decision.emit(UnitReleased(**(stamp or decision.stamp()), **about, callsign=callsign, how=how))


def name_again(decision: IncidentDecision, command: NameAgain) -> None:
    """Keeps the naming as that by which the unit works here. One that is not out here, or was named later, stays as it
    is.
    """
    forwarding = require_forwarding(decision.incident, command.forwarding_id)
    for unit in busy(forwarding):
        if unit.callsign == command.callsign and unit.claimed_at < command.at:
            named = unit.model_copy(update={"named_at": command.at})
            take(decision, command.other, forwarding, named, unit.times_taken_over + 1, was_here=True)


def take(
    decision: IncidentDecision,
    other: Incident,
    here: Forwarding,
    unit: UnitOnIt,
    times_taken_over: int,
    *,
    was_here: bool = False,
) -> None:
    """Lets a unit go on for this forwarding. Until now it was out for the other incident; if it `was_here`, it was only
    named for that one.
    """
    about = {"forwarding_id": here.id, "agency": here.agency, "other": other.id, "other_number": other.number}
    claim = {"named_at": unit.claimed_at, "times_taken_over": times_taken_over, "was_here": was_here}
    known = unit.model_dump(exclude={"released_at"}) | claim
    decision.emit(UnitTakenOver(**decision.stamp(), **about, **known))


def status(forwarding: Forwarding, unit: UnitOnIt) -> UnitState:
    if unit.released_at or forwarding.state not in _OUT:
        return UnitState.AVAILABLE
    if unit.on_scene_at:
        return UnitState.ON_SCENE
    return UnitState.EN_ROUTE if unit.en_route_at else UnitState.ASSIGNED


def busy(forwarding: Forwarding) -> list[UnitOnIt]:
    """The units of the forwarding that are not available."""
    return [unit for unit in forwarding.units if status(forwarding, unit) is not UnitState.AVAILABLE]


def busy_with(incident: Incident, agency: str, callsigns: frozenset[str]) -> Iterator[tuple[Forwarding, UnitOnIt]]:
    """Those of these units of the agency that the incident keeps busy, each with its forwarding."""
    for forwarding in incident.forwardings:
        if forwarding.agency == agency:
            yield from ((forwarding, unit) for unit in busy(forwarding) if unit.callsign in callsigns)


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {ReleaseUnit: release, NameAgain: name_again}
