"""Minimal packs from published boundaries: GeoJSON for the zones, CSV for names and time zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigap_cli.regency.boundary_files import Findings, RegencyRow, regency_rows, shapes_by_code
from sigap_common.regency import InvalidPack, validate_pack
from sigap_common.regency.geometry import area_m2, overlaps, polygons_only

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

SLIVER_M2 = 1.0


class InvalidBoundaries(Exception):
    """The files cannot be made into packs. `errors` has every reason."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(errors[:5]) + (" ..." if len(errors) > 5 else ""))


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import. `packs`: documents by code. `notes`: a sentence for each value that was interpreted,
    such as 17.1 as 17.10.
    """

    packs: dict[str, dict[str, Any]]
    notes: tuple[str, ...]


def import_boundaries(
    boundaries: Path, regencies: Path, population_year: int | None = None, code_property: str | None = None
) -> Imported:
    """A valid pack document (code, name, time zone, zone; population if its year is given) for each regency.

    `boundaries` is a GeoJSON FeatureCollection, plain or gzipped; `shapes_by_code` finds the regency of each feature.
    `regencies` is a CSV file with a row for each regency. Zones are repaired, and only areas are kept. If several zones
    claim the same ground, it belongs to the smallest, or if they are equally large to the lower code. So a city
    surrounded by a regency stays whole, and the outcome does not depend on the order in the file.

    Raises InvalidBoundaries with all errors of both files, and OSError.
    """
    found = Findings()
    shapes = shapes_by_code(boundaries, found, code_property)
    rows = regency_rows(regencies, found)
    if found.listed:
        found.errors += [f"{regencies.name} has no row for {code}" for code in sorted(shapes.keys() - found.listed)]
    if found.errors:
        raise InvalidBoundaries(found.errors)
    zones = without_overlaps(shapes)
    if swallowed := [f"nothing is left of {code}" for code, shape in zones.items() if shape.is_empty]:
        raise InvalidBoundaries(swallowed)
    packs = {code: _document(rows[code], zones[code], population_year) for code in sorted(zones)}
    if errors := [error for code, document in packs.items() for error in _refused(code, document)]:
        raise InvalidBoundaries(errors)
    return Imported(packs, (*found.notes, *_claimed_twice(shapes)))


def minimal_packs(boundaries: Path, regencies: Path, population_year: int | None = None) -> dict[str, dict[str, Any]]:
    """The packs of `import_boundaries`."""
    return import_boundaries(boundaries, regencies, population_year).packs


def _claimed_twice(shapes: Mapping[str, BaseGeometry]) -> Iterator[str]:
    """A sentence for each two regencies that claim the same ground, largest overlap first. Overlaps below 1 ha are left
    out.
    """
    import shapely

    ranked = sorted(shapes.items(), key=lambda entry: (entry[1].area, entry[0]))
    tree = shapely.STRtree([shape for _, shape in ranked])
    found = [
        (area, code, other)
        for rank, (other, shape) in enumerate(ranked)
        for code, area in overlaps(shape, [ranked[at] for at in tree.query(shape).tolist() if at < rank])
    ]
    for area, code, other in sorted(found, reverse=True):
        yield f"{code} and {other} both claim {area / 1e6:.2f} km²; {code}, the smaller one, has it"


def _refused(code: str, document: dict[str, Any]) -> list[str]:
    """Why the pack would be refused when applied. It is checked now, because later some packs would be in force
    already.
    """
    try:
        validate_pack(document)
    except InvalidPack as invalid:
        return [f"{code} {document['name']}: {error}" for error in invalid.errors]
    return []


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
    document["transfer_by"] = "telephone"  # of a border alone nobody works in the system
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
