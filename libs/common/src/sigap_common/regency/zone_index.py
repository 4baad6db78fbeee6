"""Which zone a point or a circle lies in, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigap_common.regency.geometry import Area, Point, Prepared, circle, prepared, spread

if TYPE_CHECKING:
    from shapely import STRtree
    from shapely.geometry.base import BaseGeometry

_TILES_A_DEGREE = 100
_TILES_REMEMBERED = 20_000
_LEAST_REACH_M = 125
_LEAST_CIRCLE_M = 0.1
"""A smaller circle is a point: its corners fall together in floating point, and its area is 0."""
_MARGIN = 1.01
"""What is held to lie wholly in a zone lies there by so much more: the ellipsoid's radii change within a tile."""


@dataclass(frozen=True, slots=True)
class Located:
    """`owner` is the zone that the centre lies in, or if it lies in none, the one that most of the circle does; None if
    the circle touches none. `shares` are the parts of the circle, largest first, adding up to 1; None has the part that
    lies in no zone. `neighbours` are the other zones in or near the circle, those with the largest share first.
    """

    owner: str | None
    shares: tuple[tuple[str | None, float], ...]
    neighbours: tuple[str, ...]


NOWHERE = Located(None, ((None, 1.0),), ())


class ZoneIndex:
    """Which zone a place lies in. Where zones overlap the smallest owns the place, of equal ones the lower
    code, so that a city is never swallowed by the regency around it; on a common border likewise.

    Changing a zone costs what preparing its shape does, once for all indexes of the process; the tree over all is
    rebuilt at the next question. Not for use by several threads at once, nor are two indexes with a zone in common.
    """

    def __init__(self, zones: Mapping[str, Prepared | Area | Mapping[str, Any]] | None = None) -> None:
        self._zones: dict[str, Prepared] = {}
        self._tree: STRtree | None = None
        self._ranked: list[tuple[str, BaseGeometry]] = []
        self._tiles: dict[tuple[int, int, int], str | None] = {}
        for code, zone in (zones or {}).items():
            self.update(code, zone)

    @property
    def zones(self) -> Mapping[str, Prepared]:
        """The zones by their codes."""
        return self._zones

    def __len__(self) -> int:
        return len(self._zones)

    def update(self, code: str, zone: Prepared | Area | Mapping[str, Any] | None) -> None:
        """Adds a regency's zone or replaces it; None removes it."""
        if zone is None:
            return self.remove(code)
        self._zones[code] = zone if isinstance(zone, Prepared) else prepared(zone)
        self._forget()
        return None

    def remove(self, code: str) -> None:
        """Forgets a regency's zone, if it is known."""
        if self._zones.pop(code, None) is not None:
            self._forget()

    def _forget(self) -> None:
        self._tree = None
        self._tiles.clear()

    def owner(self, lat: float, lon: float) -> str | None:
        """The code of the zone that a place lies in; None at sea, in a gap or abroad."""
        import shapely

        if (sole := self._of_tile(lat, lon, 0)) is not None:
            return sole
        for rank in self._near(shapely.Point(lon, lat)):
            code, shape = self._ranked[rank]
            if shapely.intersects_xy(shape, lon, lat):
                return code
        return None

    def candidates(self, point: Point) -> list[tuple[str | None, float]]:
        """Each zone that the circle of uncertainty touches with its share of the circle's area, largest
        first; None is the share that lies in no zone. The shares add up to 1. Without an uncertainty the
        point counts as exact."""
        if (sole := self._of_tile(point.lat, point.lon, point.uncertainty_m or 0)) is not None:
            return [(sole, 1.0)]
        if (point.uncertainty_m or 0) < _LEAST_CIRCLE_M or self._wholly_inside(point):
            return [(self.owner(point.lat, point.lon), 1.0)]
        left = whole = circle(point)
        shares: list[tuple[str | None, float]] = []
        for rank in self._near(whole):
            code, shape = self._ranked[rank]
            if left.is_empty or not shape.intersects(left):
                continue
            remaining = left.difference(shape)
            shares.append((code, (left.area - remaining.area) / whole.area))
            left = remaining
        shares.append((None, left.area / whole.area))
        return sorted((entry for entry in shares if entry[1] > 1e-9), key=lambda entry: (-entry[1], entry[0] or "~"))

    def locate(self, point: Point, told_within_m: float = 0.0) -> Located:
        """Who owns the point, the shares of its circle, and the other zones within so many metres of the circle."""
        wide = (point.uncertainty_m or 0.0) + told_within_m
        if (sole := self._of_tile(point.lat, point.lon, wide)) is not None:
            return Located(sole, ((sole, 1.0),), ())
        near = self._within(point, wide)
        if not near:
            return NOWHERE
        centre = self._first_at(point.lat, point.lon, near)
        exact = (point.uncertainty_m or 0.0) < _LEAST_CIRCLE_M
        shares = [(centre, 1.0)] if exact else self.candidates(point)
        touched = [code for code, _ in shares if code]
        owner = centre or next(iter(touched), None)
        told = dict.fromkeys(code for code in (*touched, *near) if code != owner)
        return Located(owner, tuple(shares), tuple(told))

    def _within(self, point: Point, metres: float) -> list[str]:
        """The zones within so many metres of the point, the smallest first; none behind one that has all around it."""
        import shapely

        centre, reach = shapely.Point(point.lon, point.lat), max(spread(point.lat, metres))
        found = list[str]()
        for rank in self._near(_square(centre.x, centre.y, reach)):
            code, shape = self._ranked[rank]
            if shapely.dwithin(shape, centre, reach):
                found.append(code)
                inside = shapely.intersects_xy(shape, point.lon, point.lat)
                if inside and not shapely.dwithin(self._zones[code].border, centre, reach):
                    break
        return found

    def _first_at(self, lat: float, lon: float, codes: Sequence[str]) -> str | None:
        """The first of the zones that has the point."""
        import shapely

        return next((code for code in codes if shapely.intersects_xy(self._zones[code].shape, lon, lat)), None)

    def around(self, code: str) -> tuple[BaseGeometry, list[tuple[str, BaseGeometry]]] | None:
        """A regency's zone and those whose bounds meet its own, for `overlaps`; None if it has no zone."""
        if (own := self._zones.get(code)) is None:
            return None
        return own.shape, [self._ranked[rank] for rank in self._near(own.shape) if self._ranked[rank][0] != code]

    def _of_tile(self, lat: float, lon: float, uncertainty_m: float) -> str | None:
        """The zone that the whole neighbourhood lies in: a tile of a hundredth of a degree, widened by the uncertainty.
        None near borders, and where there is no zone. Calls come from where people live, so a tile that was looked at
        once serves for many.
        """
        doublings = max(0, math.ceil(math.log2(max(uncertainty_m, 1) / _LEAST_REACH_M)))
        tile = (math.floor(lat * _TILES_A_DEGREE), math.floor(lon * _TILES_A_DEGREE), doublings)
        if tile not in self._tiles:
            if len(self._tiles) >= _TILES_REMEMBERED:
                self._tiles.clear()
            self._tiles[tile] = self._whole_tile(*tile)
        return self._tiles[tile]

    def _whole_tile(self, row: int, column: int, doublings: int) -> str | None:
        import shapely

        south, west, size = row / _TILES_A_DEGREE, column / _TILES_A_DEGREE, 1 / _TILES_A_DEGREE
        height, width = spread(max(south, south + size, key=abs), _MARGIN * _LEAST_REACH_M * 2**doublings)
        around = shapely.box(west - width, south - height, west + size + width, south + size + height)
        for rank in self._near(around):
            code, shape = self._ranked[rank]
            if shapely.contains(shape, around):
                return code
            if shapely.intersects(shape, around):
                return None
        return None

    def _wholly_inside(self, point: Point) -> bool:
        """Whether the circle surely lies in the zone that its centre lies in: usual, and cheaper than cutting it."""
        import shapely

        reach = _MARGIN * max(spread(point.lat, point.uncertainty_m or 0.0))
        centre = shapely.Point(point.lon, point.lat)
        for rank in self._near(_square(point.lon, point.lat, reach)):
            code, shape = self._ranked[rank]
            if shapely.dwithin(shape, centre, reach):
                return bool(
                    shapely.intersects(shape, centre) and not shapely.dwithin(self._zones[code].border, centre, reach)
                )
        return False

    def _near(self, shape: BaseGeometry) -> list[int]:
        import shapely

        if self._tree is None:
            shapes = [(code, zone.shape) for code, zone in self._zones.items()]
            self._ranked = sorted(shapes, key=lambda entry: (entry[1].area, entry[0]))
            self._tree = shapely.STRtree([shape for _, shape in self._ranked])
        ranks: list[int] = self._tree.query(shape).tolist()
        return sorted(ranks)


def _square(lon: float, lat: float, reach: float) -> BaseGeometry:
    import shapely

    return shapely.box(lon - reach, lat - reach, lon + reach, lat + reach)
