"""Published boundaries as files: zones from GeoJSON by regency, and the table of regencies beside it.

The faults of both files are collected, each with its file and its line or feature.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigap_common.core.table_files import Row, Table, TableRefused
from sigap_common.regency.findings import PackError
from sigap_common.regency.geometry import geometry, polygons_only

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MOST_BYTES = 256 * 1024 * 1024
_COLUMNS = {
    "code": ("code", "kode"),
    "name": ("name", "nama"),
    "timezone": ("timezone", "time_zone", "zona_waktu"),
    "population": ("population", "penduduk"),
}
_NEEDED = ("code", "name", "timezone")
_CODE = re.compile(r"[0-9]{2}\.[0-9]{2}")
_ZERO_LOST = re.compile(r"([0-9]{2})[.,]([1-9])")
_DECIMAL_COMMA = re.compile(r"([0-9]{2}),([0-9]{2})")
_PEOPLE = re.compile(r"[0-9]{1,10}")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class RegencyRow:
    """A row of the table of regencies (columns code, name, timezone and, if known, population)."""

    code: str
    name: str
    time_zone: str
    population: int | None


@dataclass(slots=True)
class Findings:
    """The findings of reading a file. `errors`: the reasons why no packs can be made. `notes`: values that were
    interpreted. `listed`: the codes that have a row, whether it is valid or not.
    """

    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)


def regency_code(told: object) -> str | None:
    """The code of a regency from a text or a JSON number; None if it is not a code.

    17.1 is read as 17.10: spreadsheets and JSON drop the last zero of a number.
    """
    text = str(told).strip() if isinstance(told, str | float) else ""
    if lost := _ZERO_LOST.fullmatch(text):
        return f"{lost[1]}.{lost[2]}0"
    if comma := _DECIMAL_COMMA.fullmatch(text):
        return f"{comma[1]}.{comma[2]}"
    return text if _CODE.fullmatch(text) else None


def regency_rows(path: Path, found: Findings) -> dict[str, RegencyRow]:
    """The rows of the table of regencies by code. Faults are added to `found`. Raises OSError."""
    try:
        table = Table.of(path.read_bytes())
    except TableRefused as refused:
        found.errors += [f"{path.name} {fault}" for fault in refused.faults]
        return {}
    columns = {name: table.column(*names) for name, names in _COLUMNS.items()}
    if missing := [name for name in _NEEDED if columns[name] is None]:
        found.errors.append(f"{path.name} line {table.head.line}: there is no column {', '.join(missing)}")
        return {}
    found.errors += [f"{path.name} {fault}" for fault in table.faults]
    if not table.rows:
        found.errors.append(f"{path.name} has no rows")
    rows: dict[str, RegencyRow] = {}
    for raw in table.rows:
        row = _regency(raw, columns, path.name, found)
        if row and row.code in rows:
            found.errors.append(f"{path.name} line {raw.line}: {row.code} stands twice")
        elif row:
            rows[row.code] = row
    return rows


def _regency(raw: Row, columns: Mapping[str, int | None], file: str, found: Findings) -> RegencyRow | None:
    told = {name: raw.cell(at) for name, at in columns.items()}
    faults = [str(raw.fault("csv_value_missing", name)) for name in _NEEDED if not told[name]]
    code = regency_code(told["code"])
    if told["code"] and code is None:
        faults.append(f"{_place(raw, 'code')}: {told['code']!r} is no code of a regency, such as 17.71")
    if told["population"] and not _PEOPLE.fullmatch(told["population"]):
        faults.append(f"{_place(raw, 'population')}: {told['population']!r} is no whole number, such as 284973")
    found.errors += [f"{file} {fault}" for fault in faults]
    found.listed.add(code or "")
    if faults or code is None:
        return None
    if code != told["code"]:
        found.notes.append(f"{file} line {raw.line}: {told['code']} is read as {code}")
    people = int(told["population"]) if told["population"] else None
    return RegencyRow(code, told["name"], told["timezone"], people)


def _place(raw: Row, column: str) -> str:
    return f"line {raw.line}: column {column}"


def shapes_by_code(path: Path, found: Findings, code_property: str | None = None) -> dict[str, BaseGeometry]:
    """The areas of a FeatureCollection by regency; several features of one code are one area (islands, villages).

    The code of all features comes from the same place: the named property; otherwise their `id`, if it is a code for
    all of them (GDAL's numbers are not); otherwise the property `code`; otherwise the only property that is a code for
    all. Raises OSError.
    """
    import shapely

    features = _features(path, found)
    where = code_property or _where_codes_are(features)
    parts: defaultdict[str, list[BaseGeometry]] = defaultdict(list)
    reshaped: Counter[tuple[str, str]] = Counter()
    for number, feature in features:
        told = _told_code(feature, where)
        code = regency_code(told)
        if code is None:
            found.errors.append(_no_code(path.name, number, feature, where))
            continue
        if str(told) != code:
            reshaped[str(told), code] += 1
        try:
            area = _area(feature.get("geometry"))
            parts[code].append(area)
        except ValueError as error:
            found.errors.append(f"{path.name} feature {number} ({code}): {error}")
    found.notes += [f"{path.name}: {told} is read as {code}" for told, code in reshaped]
    found.notes += [f"{path.name}: {code} is {len(some)} features, joined" for code, some in parts.items() if some[1:]]
    return {code: some[0] if len(some) == 1 else polygons_only(shapely.union_all(some)) for code, some in parts.items()}


def _features(path: Path, found: Findings) -> list[tuple[int, dict[str, Any]]]:
    """The features with their place in the file, counted from 0."""
    try:
        collection = json.loads(_content(path))
    except UnicodeDecodeError:
        found.errors.append(f"{path.name} is not in UTF-8; save it as GeoJSON in UTF-8")
        return []
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        found.errors.append(f"{path.name} is not GeoJSON: {error}")
        return []
    except RecursionError:
        found.errors.append(f"{path.name} is not GeoJSON: it is nested too deeply")
        return []
    listed = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(listed, list):
        found.errors.append(f"{path.name} is not a FeatureCollection")
        return []
    found.errors += [f"{path.name} feature {n}: is no feature" for n, one in enumerate(listed) if not _is_feature(one)]
    if not listed:
        found.errors.append(f"{path.name} has no features")
    return [(number, feature) for number, feature in enumerate(listed) if _is_feature(feature)]


def _is_feature(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("properties") or {}, dict)


def _content(path: Path) -> bytes:
    """The file's bytes, unpacked if it is gzipped, whatever its name. Raises ValueError if it is too large."""
    with path.open("rb") as plain:
        packed = plain.read(2) == _GZIP
    with gzip.open(path) if packed else path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES} bytes")
    return content


def _where_codes_are(features: Sequence[tuple[int, dict[str, Any]]]) -> str | None:
    """The property by which features are known; None: their `id`."""
    known = [feature for _, feature in features]
    by_id = sum(regency_code(feature.get("id")) is not None for feature in known)
    counts = Counter(name for feature in known for name, told in _properties(feature) if _is_code(name, told))
    if counts["code"] > by_id:
        return "code"
    whole = [name for name, count in counts.items() if count == len(known)]
    return whole[0] if by_id == 0 and len(whole) == 1 else None


def _properties(feature: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from (feature.get("properties") or {}).items()


def _is_code(name: str, told: object) -> bool:
    """A number may be a code if the property says so; of others it may as well be an area in square kilometres."""
    return regency_code(told) is not None and (name == "code" or isinstance(told, str))


def _told_code(feature: Mapping[str, Any], where: str | None) -> object:
    return feature.get("id") if where is None else dict(_properties(feature)).get(where)


def _no_code(file: str, number: int, feature: Mapping[str, Any], where: str | None) -> str:
    told, named = _told_code(feature, where), "id" if where is None else f"property {where!r}"
    said = "is missing" if told is None else f"{told!r} is not one such as 17.71"
    properties = ", ".join(sorted(name for name, _ in _properties(feature))[:20]) or "none"
    return f"{file} feature {number}: no code of a regency: its {named} {said}; its properties: {properties}"


def _area(told: object) -> BaseGeometry:
    """The areas of a geometry. Raises ValueError with the reason, in words, if it has none."""
    from shapely.errors import ShapelyError

    if told is None:
        raise ValueError("no area: it has no geometry")
    if not isinstance(told, dict) or told.get("type") not in ("Polygon", "MultiPolygon"):
        raise ValueError("no area: its geometry is no Polygon or MultiPolygon")
    coordinates: Any = told.get("coordinates")
    try:
        for polygon in [coordinates] if told["type"] == "Polygon" else coordinates or []:
            for ring in polygon:
                _check_positions(ring)
        area = polygons_only(geometry(told))
    except _Misplaced as misplaced:
        raise ValueError(str(misplaced)) from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ShapelyError):
        raise ValueError("no area: its coordinates are not rings of at least 4 [longitude, latitude]") from None
    if area.is_empty:
        raise ValueError("no area: its rings enclose nothing")
    return area


class _Misplaced(Exception):
    pass


def _check_positions(ring: Any) -> None:
    """Raises _Misplaced for a position that is not on the earth, whatever else is wrong as numpy does."""
    import numpy

    positions = numpy.asarray(ring, dtype=float)[:, :2]
    if not numpy.isfinite(positions).all():
        raise _Misplaced("a coordinate is no number")
    longitude, latitude = numpy.abs(positions).max(axis=0)
    if longitude <= 180 and latitude <= 90:
        return
    if latitude <= 180 and longitude <= 90:
        raise _Misplaced(PackError("", "pack.zone_swapped").message)
    off = PackError("", "pack.zone_off_earth").message
    raise _Misplaced(f"{off} Metres must be turned to degrees first (WGS 84, EPSG:4326).")
