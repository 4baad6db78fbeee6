"""Minimal packs from published boundaries: GeoJSON for the zones, CSV for names and time zones."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigap_common.regency.geometry import area_m2, geometry, polygons_only

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MOST_BYTES = 256 * 1024 * 1024
SLIVER_M2 = 1.0


class InvalidBoundaries(Exception):
    """Files that don't give packs; `errors` has every reason."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(errors[:5]) + (" ..." if len(errors) > 5 else ""))


@dataclass(frozen=True, slots=True)
class RegencyRow:
    """A row of the table of regencies (columns code, name, timezone and, if known, population)."""

    code: str
    name: str
    time_zone: str
    population: int | None


def minimal_packs(boundaries: Path, regencies: Path, population_year: int | None = None) -> dict[str, dict[str, Any]]:
    """A pack document (code, name, time zone, zone; population if its year is given) per feature, by code.

    `boundaries` is a GeoJSON FeatureCollection, plain or gzipped, each feature's `id` (or property `code`) a
    regency's code; `regencies` a CSV file with a row for each. Zones are made valid and kept to areas. Where
    several claim the same ground the smallest has it, of equal ones the lower code: a city surrounded by a
    regency stays whole, and the outcome does not depend on the order in the file.

    Raises InvalidBoundaries and OSError.
    """
    shapes, rows = _read_shapes(boundaries), read_regencies(regencies)
    missing = [f"{regencies.name} has no row for {code}" for code in sorted(shapes.keys() - rows.keys())]
    if missing:
        raise InvalidBoundaries(missing)
    zones = without_overlaps(shapes)
    swallowed = [f"nothing is left of {code}" for code, shape in zones.items() if shape.is_empty]
    if swallowed:
        raise InvalidBoundaries(swallowed)
    return {code: _document(rows[code], zones[code], population_year) for code in sorted(zones)}


def read_regencies(path: Path) -> dict[str, RegencyRow]:
    """The table of regencies by code. Raises InvalidBoundaries naming row and column, and OSError."""
    rows: dict[str, RegencyRow] = {}
    errors: list[str] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, raw in enumerate(csv.DictReader(file), start=2):
            try:
                row = _row(raw)
            except (KeyError, ValueError) as error:
                errors.append(f"{path.name} line {number}: {error}")
                continue
            if row.code in rows:
                errors.append(f"{path.name} line {number}: {row.code} stands twice")
            rows[row.code] = row
    if errors:
        raise InvalidBoundaries(errors)
    return rows


def _row(raw: Mapping[str, str | None]) -> RegencyRow:
    for column in ("code", "name", "timezone"):
        if not raw.get(column):
            raise ValueError(f"column {column} is missing or empty")
    people = raw.get("population")
    return RegencyRow(str(raw["code"]), str(raw["name"]), str(raw["timezone"]), int(people) if people else None)


def _read_shapes(path: Path) -> dict[str, BaseGeometry]:
    shapes: dict[str, BaseGeometry] = {}
    errors: list[str] = []
    for number, feature in enumerate(_features(path)):
        code = _code(feature)
        if code is None or code in shapes:
            errors.append(f"feature {number} has " + ("no code" if code is None else f"the code {code} again"))
            continue
        try:
            shapes[code] = polygons_only(geometry(feature["geometry"]))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            errors.append(f"feature {number} ({code}): no area: {error}")
    if errors:
        raise InvalidBoundaries(errors)
    return shapes


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InvalidBoundaries([f"{path.name} is larger than {MOST_BYTES} bytes"])
        collection = json.loads(content)
    except (ValueError, EOFError, gzip.BadGzipFile) as error:
        raise InvalidBoundaries([f"{path.name} is not GeoJSON: {error}"]) from None
    if not isinstance(collection, dict) or not isinstance(collection.get("features"), list):
        raise InvalidBoundaries([f"{path.name} is not a FeatureCollection"])
    return [feature for feature in collection["features"] if isinstance(feature, dict)]


def _code(feature: Mapping[str, Any]) -> str | None:
    properties = feature.get("properties")
    code = feature.get("id") or (properties.get("code") if isinstance(properties, dict) else None)
    return str(code) if code else None


def without_overlaps(shapes: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """The same areas with common ground left to one: to the smallest, of equal ones to the lower code.

    Coordinates are not rounded, since a rounded corner would leave the neighbour's edge; slivers below
    SLIVER_M2 that the cuts leave are dropped.
    """
    import shapely

    ranked = sorted(shapes.items(), key=lambda entry: (entry[1].area, entry[0]))
    tree = shapely.STRtree([shape for _, shape in ranked])
    kept: dict[str, BaseGeometry] = {}
    for rank, (code, shape) in enumerate(ranked):
        nearby = (int(other) for other in tree.query(shape, predicate="intersects"))
        smaller = [kept[ranked[other][0]] for other in nearby if other < rank]
        kept[code] = _cut(shape, smaller)
    return kept


def _cut(shape: BaseGeometry, owned: list[BaseGeometry]) -> BaseGeometry:
    import shapely

    if not owned:
        return shape
    rest = shape.difference(shapely.union_all(owned))
    if not rest.is_valid:
        rest = shapely.make_valid(rest, method="structure")
    parts = shapely.get_parts(polygons_only(rest))
    return polygons_only(shapely.MultiPolygon([part for part in parts if area_m2(part) >= SLIVER_M2]))


def _document(row: RegencyRow, zone: BaseGeometry, population_year: int | None) -> dict[str, Any]:
    document: dict[str, Any] = {"code": row.code, "name": row.name, "time_zone": row.time_zone}
    if population_year is not None and row.population:
        document["population"] = {str(population_year): row.population}
    return document | {"zone": _geojson(zone)}


def _geojson(zone: BaseGeometry) -> dict[str, Any]:
    import shapely

    areas = [_rings(part) for part in shapely.get_parts(zone)]
    if len(areas) == 1:
        return {"type": "Polygon", "coordinates": areas[0]}
    return {"type": "MultiPolygon", "coordinates": areas}


def _rings(area: Any) -> list[list[list[float]]]:
    return [[list(position) for position in ring.coords] for ring in _borders(area)]


def _borders(area: Any) -> Iterator[Any]:
    yield area.exterior
    yield from area.interiors
