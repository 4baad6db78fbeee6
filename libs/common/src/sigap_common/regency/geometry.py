"""Points, distances and zones. Degrees are WGS 84, lengths metres. GeoJSON puts longitude first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
METRES_A_DEGREE = math.radians(EARTH_RADIUS_M)
_EQUATOR_M, _ECCENTRICITY_2 = 6_378_137.0, 6.694_379_990_14e-3  # WGS 84
_CIRCLE_CORNERS = 64
_CORNERS_OUT = math.sqrt(math.tau / _CIRCLE_CORNERS / math.sin(math.tau / _CIRCLE_CORNERS))
"""By this factor the corners lie outside of the circle, so that the polygon has its area."""
_PIECE = 2000
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


def cells_around(point: Point, metres: float, res: int = 7) -> list[str]:
    """All H3 cells that a circle with this radius touches, and some more: what is near without opening coordinates."""
    import h3  # loaded where it is used

    # The centres of two neighbours are farther apart than the average edge, wherever on the earth they are.
    rings = math.ceil(metres / h3.average_hexagon_edge_length(res, unit="m")) + 1
    return [str(cell) for cell in h3.grid_disk(h3.latlng_to_cell(point.lat, point.lon, res), rings)]


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


def spread(lat: float, metres: float) -> tuple[float, float]:
    """Degrees of latitude and of longitude that so many metres are at this latitude, on the ellipsoid of WGS 84."""
    sine = math.sin(math.radians(lat))
    squeezed = 1 - _ECCENTRICITY_2 * sine**2
    across = _EQUATOR_M / math.sqrt(squeezed)  # radius of curvature from east to west
    along = across * (1 - _ECCENTRICITY_2) / squeezed  # and along the meridian
    east = max(across * math.cos(math.radians(lat)), 1.0)
    return math.degrees(metres / along), math.degrees(metres / east)


def circle(point: Point) -> BaseGeometry:
    """The circle of uncertainty as a polygon of 64 corners in degrees, of the circle's own area.

    The projection is the local equirectangular one about the centre: metres north and east by the ellipsoid's radii of
    curvature there. It turns degrees into metres by two factors alone, so a share of the polygon in degrees is that in
    square metres. For Indonesia (11 degrees of latitude at most) and up to 35 km the circle's area and each of its
    shares are true within 0.2 %.
    """
    import numpy
    import shapely

    turns = numpy.linspace(0, 2 * math.pi, _CIRCLE_CORNERS, endpoint=False)
    height, width = spread(point.lat, (point.uncertainty_m or 0.0) * _CORNERS_OUT)
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
        # GEOS makes its indexes at the first question of each kind: better here, in a thread, than for a caller.
        middle = shapely.box(*self.shape.bounds).centroid
        shapely.intersects_xy(self.shape, middle.x, middle.y)
        for one in (self.shape, self.border):
            shapely.dwithin(one, middle, 1e-9)


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
