"""Fixes: the places that were found for a call, and which of the caller's is the best.

The rule: what a person chose last stands. Otherwise only fixes count that are at most STALE older than the newest,
since callers move; of these the one with the smallest circle; of equal ones the newest. A fix that says no circle has
the usual one of its source. Words alone are the best only where nothing has coordinates.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sigap_common.contracts import Contract
from sigap_common.contracts.calls import Channel
from sigap_common.contracts.fixes import FixSource
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone

STALE = timedelta(minutes=5)
FIXES_KEPT = 50
"""With the call; the timeline has all."""
USUAL_M = {
    FixSource.DEVICE: 50.0,
    FixSource.MAP_CLICK: 50.0,
    FixSource.COORDINATES: 50.0,
    FixSource.PLUS_CODE: 50.0,
    FixSource.MAP_LINK: 50.0,
    FixSource.GAZETTEER: 500.0,
    FixSource.TYPED: 500.0,
    FixSource.NETWORK: 5_000.0,
}
"""Radius in metres that is assumed of a fix without one."""


class FixOf(StrEnum):
    """Whose place it is."""

    CALLER = "caller"
    EMERGENCY = "emergency"


class Fix(Contract):
    """A place that was found. `at` is when it was true; `source` None: nobody told it."""

    of: FixOf
    at: datetime
    by: str | None
    source: FixSource | None
    place: Place
    zone: Zone | None
    chosen: bool = False
    """Whether a person says that this is the place. Of the emergency's all are: only people name it."""

    @property
    def radius_m(self) -> float:
        if self.place.uncertainty_m is not None:
            return self.place.uncertainty_m
        return USUAL_M[self.source or FixSource.NETWORK]


def best(fixes: Sequence[Fix]) -> Fix | None:
    """The best of these, which are in the order in which they came, by the rule above; None if there are none."""
    if chosen := [fix for fix in fixes if fix.chosen]:
        return chosen[-1]
    positions = [fix for fix in fixes if fix.place.coordinates is not None]
    if not positions:
        return max(reversed(fixes), key=lambda fix: fix.at, default=None)
    newest = max(fix.at for fix in positions)
    fresh = [fix for fix in reversed(positions) if newest - fix.at <= STALE]
    return min(fresh, key=lambda fix: (fix.radius_m, newest - fix.at))


def kept(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """At most FIXES_KEPT of them: without the oldest that nobody chose."""
    over = len(fixes) - FIXES_KEPT
    if over <= 0:
        return tuple(fixes)
    unchosen = [n for n, fix in enumerate(fixes) if not fix.chosen]
    gone = frozenset(unchosen[:over])
    return tuple(fix for n, fix in enumerate(fixes) if n not in gone)[-FIXES_KEPT:]


def source_of_arrival(channel: Channel) -> FixSource:
    """The source of the place that came with the call itself."""
    if channel is Channel.TELEPHONE:
        return FixSource.NETWORK
    return FixSource.TYPED if channel in (Channel.WALK_IN, Channel.RADIO) else FixSource.DEVICE
