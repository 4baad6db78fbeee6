"""The cameras near an incident."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sigap_common.contracts.places import Place
from sigap_common.regency import CctvPoint
from sigap_common.regency.geometry import Point, distance_m

REACH_M = 2_000.0
"""Beyond this no camera shows an incident. The uncertainty of the place is added, up to MOST_UNCERTAIN_M."""
MOST_UNCERTAIN_M = 3_000.0
SHOWN = 20
_METRES_OF_DEGREE = 110_500.0
"""Of latitude, at the equator, where a degree is shortest."""


@dataclass(frozen=True, slots=True)
class NearCamera:
    point: CctvPoint
    metres: float


def cameras_near(place: Place | None, points: Sequence[CctvPoint]) -> list[NearCamera]:
    """The cameras within reach, the nearest first, at most SHOWN; none for a place without coordinates."""
    if place is None or place.point is None:
        return []
    here, reach = Point(*place.point), REACH_M + min(place.uncertainty_m or 0.0, MOST_UNCERTAIN_M)
    return sorted(_within(here, reach, points), key=lambda one: (one.metres, one.point.code))[:SHOWN]


def _within(here: Point, reach: float, points: Sequence[CctvPoint]) -> Iterator[NearCamera]:
    """A distance costs microseconds, and a pack may have 20,000 cameras: most are left out by their latitude."""
    degrees = reach / _METRES_OF_DEGREE
    for point in points:
        if abs(point.lat - here.lat) <= degrees:
            metres = distance_m(here, Point(point.lat, point.lon))
            if metres <= reach:
                yield NearCamera(point, metres)
