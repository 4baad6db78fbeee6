"""Points, distances and zones. Degrees are WGS 84, lengths metres. GeoJSON puts longitude first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from shapely import Polygon, STRtree
    from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
METRES_A_DEGREE = math.radians(EARTH_RADIUS_M)
_CIRCLE_CORNERS = 64
_PIECE = 2000
_TILES_A_DEGREE = 100
_TILES_REMEMBERED = 20_000
_LEAST_REACH_M = 125
_LEAST_CIRCLE_M = 0.1
"""A smaller circle is a point: its corners fall together in floating point, and its area is 0."""
LEAST_OVERLAP_M2 = 10_000.0


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the earth. `uncertainty_m` is the radius of a circle that holds it, None if unknown.

    Raises ValueError for coordinates that are not on the earth.
    """

    lat: float
    lon: float
    uncertainty_m: float | None = None

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError("latitude is -90 to 90, longitude -180 to 180")
        if self.uncertainty_m is not None and not 0 <= self.uncertainty_m < math.inf:
            raise ValueError("an uncertainty is a radius in metres, not negative")


class Area(Protocol):
    """A zone as areas, each a list of rings of (lon, lat), like the zone of a pack."""

    @property
    def polygons(self) -> Sequence[Sequence[Sequence[tuple[float, float]]]]: ...


def distance_m(one: Point, other: Point) -> float:
    """Great-circle distance in metres (haversine), without regard to uncertainty."""
    lat1, lat2 = math.radians(one.lat), math.radians(other.lat)
    dlat, dlon = lat2 - lat1, math.radians(other.lon - one.lon)
    h = math.sin(dlat / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(dlon / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def h3_cell(lat: float, lon: float, res: int = 7) -> str:
    """The H3 cell of a place; resolution 7 is about 5 km2."""
    import h3  # loaded where it is used

    return str(h3.latlng_to_cell(lat, lon, res))


def geometry(zone: Area | Mapping[str, Any]) -> BaseGeometry:
    """A zone as a shapely geometry: of a pack, or a GeoJSON Polygon or MultiPolygon (repaired if invalid)."""
    return _repaired(_as_told(zone))


def _as_told(zone: Area | Mapping[str, Any]) -> BaseGeometry:
    import shapely

    areas = [polygon(area) for area in _areas(zone)]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)


def polygon(area: Sequence[Sequence[Any]]) -> Polygon:
    """The polygon of a border and its holes, as they are told."""
    import shapely

    border, *holes = map(_corners, area)
    return shapely.Polygon(border, holes)


def _corners(ring: Sequence[Any]) -> Any:
    """The corners as a numpy array. It is filled in pieces: other threads would wait 40 ms for 100,000 at once."""
    import numpy

    pieces = (ring[start : start + _PIECE] for start in range(0, len(ring), _PIECE))
    return numpy.concatenate([numpy.asarray(piece, dtype=float)[:, :2] for piece in pieces])


def _repaired(shape: BaseGeometry) -> BaseGeometry:
    import shapely

    return shape if shape.is_valid else polygons_only(shapely.make_valid(shape, method="structure"))


def _areas(zone: Area | Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    if zone is None or isinstance(zone, list | str):
        raise ValueError("a zone is a GeoJSON geometry")
    if not isinstance(zone, Mapping):
        return zone.polygons
    coordinates: Sequence[Sequence[Any]] = zone["coordinates"]
    if zone["type"] == "Polygon":
        return [coordinates]
    if zone["type"] == "MultiPolygon":
        return coordinates
    raise ValueError("a zone is a Polygon or a MultiPolygon")


def polygons_only(shape: BaseGeometry) -> BaseGeometry:
    """The areas of a shape, without the lines and points that repairs and intersections leave behind."""
    import shapely

    parts = [part for part in _polygons(shape) if not part.is_empty]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _polygons(shape: BaseGeometry) -> Iterator[Polygon]:
    import shapely

    parts = shapely.get_parts(shape, return_index=False)
    for part in parts:
        if isinstance(part, shapely.Polygon):
            yield part
        elif isinstance(part, shapely.MultiPolygon | shapely.GeometryCollection):
            yield from _polygons(part)


def area_m2(shape: BaseGeometry) -> float:
    """Area in square metres, within 1 % for shapes of a regency's size away from the poles."""
    if shape.is_empty:
        return 0.0
    _, south, _, north = shape.bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    return float(shape.area) * METRES_A_DEGREE**2 * squeeze


def circle(point: Point) -> BaseGeometry:
    """The circle of uncertainty as a polygon in degrees, narrower in longitude as the meridians close."""
    import numpy
    import shapely

    turns = numpy.linspace(0, 2 * math.pi, _CIRCLE_CORNERS, endpoint=False)
    height = (point.uncertainty_m or 0.0) / METRES_A_DEGREE
    width = height / max(math.cos(math.radians(point.lat)), 1e-6)
    corners = (point.lon + width * numpy.cos(turns), point.lat + height * numpy.sin(turns))
    return shapely.Polygon(numpy.column_stack(corners))


class Prepared:
    """A zone and its border as prepared geometries."""

    __slots__ = ("__weakref__", "border", "shape")

    def __init__(self, shape: BaseGeometry) -> None:
        import shapely

        self.shape, self.border = shape, shape.boundary
        shapely.prepare(self.shape)
        shapely.prepare(self.border)


_in_use: WeakValueDictionary[bytes, Prepared] = WeakValueDictionary()
"""By the digest of their coordinates: several services of one process ask about the same zones, but hold them once."""


def prepared(zone: Area | Mapping[str, Any]) -> Prepared:
    """The prepared geometries of a zone. Equal zones give the same object while it is in use."""
    told = _as_told(zone)
    digest = sha256(told.wkb).digest()
    found = _in_use.get(digest)
    if found is None:
        found = _in_use[digest] = Prepared(_repaired(told))
    return found


def overlaps(zone: BaseGeometry, others: Sequence[tuple[str, BaseGeometry]]) -> list[tuple[str, float]]:
    """The other zones that overlap the zone, each with the square metres of the overlap, largest first. Overlaps below
    LEAST_OVERLAP_M2 are left out, because two offices never draw the same border exactly. It may run in a thread: it
    uses only the shapes, not the prepared geometries of an index.
    """
    found = [(code, area_m2(zone.intersection(other))) for code, other in others]
    return sorted((one for one in found if one[1] >= LEAST_OVERLAP_M2), key=lambda one: -one[1])


class ZoneIndex:
    """Finds the zone that a place lies in. If zones overlap, or on a common border, the smallest zone owns the place,
    of equal ones the one with the lower code. So a city is never lost to the regency around it. Changing a zone
    prepares its shape once for all indexes of the process; the tree over all zones is rebuilt at the next query. Do not
    use an index, or two indexes with a common zone, in several threads at once.
    """

    def __init__(self, zones: Mapping[str, Prepared | Area | Mapping[str, Any]] | None = None) -> None:
        self._zones: dict[str, Prepared] = {}
        self._tree: STRtree | None = None
        self._ranked: list[tuple[str, BaseGeometry]] = []
        self._tiles: dict[tuple[int, int, int], str | None] = {}
        for code, zone in (zones or {}).items():
            self.update(code, zone)

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
        """Removes a regency's zone, if there is one."""
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
        height = _LEAST_REACH_M * 2**doublings / METRES_A_DEGREE
        width = height / max(math.cos(math.radians(max(abs(south), abs(south + size)))), 1e-6)
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

        reach = (point.uncertainty_m or 0.0) / METRES_A_DEGREE / max(math.cos(math.radians(point.lat)), 1e-6)
        centre = shapely.Point(point.lon, point.lat)
        around = shapely.box(point.lon - reach, point.lat - reach, point.lon + reach, point.lat + reach)
        for rank in self._near(around):
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
