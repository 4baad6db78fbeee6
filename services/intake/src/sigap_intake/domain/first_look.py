"""The first look at a call: all that an operator should see at once when it is answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sigap_common.contracts.places import Place
from sigap_common.regency.geometry import Point, distance_m
from sigap_intake.domain.block import Block
from sigap_intake.domain.call import Call
from sigap_intake.domain.caller_contact import CallerContact
from sigap_intake.domain.caller_history import CallerHistory
from sigap_intake.domain.closed_incident import ClosedIncident
from sigap_intake.domain.known_referral import KnownReferral
from sigap_intake.domain.open_incident import NearIncident, OpenIncident

NEAR_M = 1000.0
"""Metres, beside the uncertainty of the place. Within it another call or incident may be about the same event."""
EARLIER_SHOWN = 20
LINES_LOOKED_AT = 50
"""Other calls that somebody speaks on now, the newest."""


class Likeness(StrEnum):
    """The reason why another call that goes on may be about the same event. The first that holds is told."""

    SAME_NUMBER = "same_number"
    SAME_DEVICE = "same_device"
    SAME_INCIDENT = "same_incident"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class OtherLine:
    """Another call that somebody speaks on now. `entry`: as a list shows it. `metres`: how far away; None: unknown."""

    entry: dict[str, Any]
    because: Likeness
    metres: float | None


@dataclass(frozen=True, slots=True)
class FirstLook:
    """`protected`: the number reported a protected incident. Then nothing of what it said before is there, and of its
    open and lately closed incidents only that they are there. `earlier`: entries of a list, the newest first. `blocks`:
    as they are now, the newest first.
    """

    call: Call
    protected: bool
    history: CallerHistory | None
    earlier: Sequence[dict[str, Any]]
    of_number: Sequence[OpenIncident]
    near: Sequence[NearIncident]
    on_the_line: Sequence[OtherLine]
    referrals: Sequence[KnownReferral] = ()
    closed_lately: Sequence[ClosedIncident] = ()
    blocks: Sequence[Block] = ()
    contact: CallerContact | None = None


def place_of(call: Call) -> Place | None:
    """Where to look: the emergency's place, or else the caller's, which is only a hint."""
    return call.place or call.caller_place


def reach_m(place: Place) -> float:
    """How far around the place to look, in metres."""
    return NEAR_M + (place.uncertainty_m or 0.0)


def about_the_same(call: Call, lines: Sequence[tuple[str | None, dict[str, Any]]]) -> list[OtherLine]:
    """Of the other lines, each its caller's hash and its entry, those that may be about the same event.

    Those of the same number come first, then those of the same incident, then the nearest.
    """
    return sorted(_alike(call, lines), key=lambda one: (list(Likeness).index(one.because), one.metres or 0.0))


def _alike(call: Call, lines: Sequence[tuple[str | None, dict[str, Any]]]) -> Iterator[OtherLine]:
    place, incident = place_of(call), call.classification.same_incident if call.classification else None
    for caller_hash, entry in lines:
        metres = _metres(place, entry)
        if caller_hash is not None and caller_hash == call.caller_hash:
            yield OtherLine(entry, Likeness.SAME_NUMBER if call.number else Likeness.SAME_DEVICE, metres)
        elif incident is not None and entry["same_incident"] == str(incident):
            yield OtherLine(entry, Likeness.SAME_INCIDENT, metres)
        elif place is not None and metres is not None and metres <= reach_m(place):
            yield OtherLine(entry, Likeness.NEAR, metres)


def _metres(place: Place | None, entry: dict[str, Any]) -> float | None:
    other = entry["location"] or entry["caller_location"]
    if place is None or place.point is None or other is None or other["lat"] is None:
        return None
    return distance_m(Point(*place.point), Point(other["lat"], other["lon"]))
