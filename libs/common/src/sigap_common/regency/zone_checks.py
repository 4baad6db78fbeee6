"""Checks that a zone is a valid area, on the earth and near the regency's time zone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sigap_common.regency.findings import PackError
from sigap_common.regency.geometry import polygon
from sigap_common.regency.zone import MultiPolygon, Polygon, Position, Ring

_SWAPPED = "pack.zone_swapped"
# GEOS's name of each error, and ours.
_BORDERS = {
    "Self-intersection": "pack.zone_crosses",
    "Ring Self-intersection": "pack.zone_crosses",
    "Hole lies outside shell": "pack.zone_hole_outside",
    "Holes are nested": "pack.zone_holes_nested",
    "Interior is disconnected": "pack.zone_cut_apart",
}
_DEGREES_AN_HOUR = 15
_FARTHEST_FROM_TIME_ZONE = 4.5 * _DEGREES_AN_HOUR  # political time zones stray from the sun's by up to 3 h


def check_zone(zone: Polygon | MultiPolygon, time_zone: str | None) -> Iterator[PackError]:
    """Errors of a zone: rings that are not closed, positions that are not on the earth or swapped, borders that cross
    themselves.
    """
    misplaced = list(_misplaced(zone, time_zone))
    open_rings = [PackError(place, "pack.zone_open") for place, ring in _rings(zone) if ring[0] != ring[-1]]
    yield from misplaced
    yield from open_rings
    if not open_rings:
        yield from _crossings(zone)


def _rings(zone: Polygon | MultiPolygon) -> Iterator[tuple[str, Ring]]:
    for number, rings in enumerate(zone.polygons):
        place = _place(zone, number)
        for index, ring in enumerate(rings):
            yield f"{place}/{index}", ring


def _place(zone: Polygon | MultiPolygon, number: int) -> str:
    return f"/zone/coordinates/{number}" if isinstance(zone, MultiPolygon) else "/zone/coordinates"


def _misplaced(zone: Polygon | MultiPolygon, time_zone: str | None) -> Iterator[PackError]:
    for place, ring in _rings(zone):
        for index, position in enumerate(ring):
            if not _on_earth(position):
                yield PackError(f"{place}/{index}", _off_earth(position))
                return
    longitude, latitude = zone.polygons[0][0][0]
    hours = _utc_offset(time_zone)
    if hours is None or _fits(longitude, hours):
        return
    if _fits(latitude, hours):
        yield PackError("/zone/coordinates", _SWAPPED)
    else:
        yield PackError("/zone/coordinates", "pack.zone_far", {"time_zone": time_zone})


def _on_earth(position: Position) -> bool:
    return abs(position[0]) <= 180 and abs(position[1]) <= 90


def _off_earth(position: Position) -> str:
    if _on_earth((position[1], position[0])):
        return _SWAPPED
    return "pack.zone_off_earth"


def _utc_offset(time_zone: str | None) -> float | None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    offset = moment.astimezone(ZoneInfo(time_zone)).utcoffset() if time_zone else None
    return None if offset is None else offset.total_seconds() / 3600


def _fits(longitude: float, hours: float) -> bool:
    apart = abs(longitude - hours * _DEGREES_AN_HOUR) % 360
    return min(apart, 360 - apart) <= _FARTHEST_FROM_TIME_ZONE


def _crossings(zone: Polygon | MultiPolygon) -> Iterator[PackError]:
    import shapely  # heavy, and only here

    areas = [polygon(rings) for rings in zone.polygons]
    broken = [number for number, area in enumerate(areas) if not area.is_valid]
    for number in broken:
        yield _not_simple(_place(zone, number), shapely.is_valid_reason(areas[number]))
    if not broken and len(areas) > 1:
        whole = shapely.MultiPolygon(areas)
        if not whole.is_valid:
            _, at = _told(shapely.is_valid_reason(whole))
            yield PackError("/zone/coordinates", "pack.zone_overlaps", {"at": at})


def _not_simple(place: str, reason: str) -> PackError:
    name, at = _told(reason)
    return PackError(place, _BORDERS.get(name, "pack.zone_not_simple"), {"reason": name, "at": at})


def _told(reason: str) -> tuple[str, str]:
    """`Self-intersection[110.5 -6.5]`: what, and where (longitude, latitude)."""
    name, _, at = reason.partition("[")
    return name, ", ".join(at.rstrip("]").split()) or "-"
