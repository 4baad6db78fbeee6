"""Finds a point inside a zone (GeoJSON, longitude first), without a geometry library."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

Position = Sequence[float]
Ring = Sequence[Position]

CUTS = 9
"""The number of latitudes at which an area is cut to find its widest part."""


def point_inside(zone: dict[str, Any]) -> tuple[float, float]:
    """Latitude and longitude of a point well inside of the zone's largest area.

    Raises ValueError for a zone without area.
    """
    areas = zone["coordinates"] if zone["type"] == "MultiPolygon" else [zone["coordinates"]]
    rings = max(areas, key=lambda area: abs(_extent(area[0])))
    heights = [position[1] for position in rings[0]]
    low, high = min(heights), max(heights)
    cuts = (low + (high - low) * (n + 0.5) / CUTS for n in range(CUTS))
    stretches = [(right - left, lat, (left + right) / 2) for lat in cuts for left, right in _stretches(rings, lat)]
    if not stretches:
        raise ValueError("the zone has no area")
    _, lat, lon = max(stretches)
    return round(lat, 6), round(lon, 6)


def _extent(ring: Ring) -> float:
    """Twice the signed area, in square degrees."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def _stretches(rings: Sequence[Ring], lat: float) -> Iterator[tuple[float, float]]:
    """The stretches of a parallel inside the area: between its odd and its even crossings of borders and holes."""
    crossings = sorted(lon for ring in rings for lon in _crossings(ring, lat))
    yield from zip(crossings[::2], crossings[1::2], strict=False)


def _crossings(ring: Ring, lat: float) -> Iterator[float]:
    for (lon_a, lat_a), (lon_b, lat_b) in pairwise(ring):
        if (lat_a <= lat) != (lat_b <= lat):
            yield lon_a + (lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
