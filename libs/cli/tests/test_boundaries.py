"""From published boundaries to packs: valid, and no ground claimed twice."""

import csv
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
import shapely

from sigap_cli.regency.boundaries import InvalidBoundaries, import_boundaries, minimal_packs
from sigap_common.regency import validate_pack
from sigap_common.regency.geometry import area_m2, geometry
from sigap_common.regency.zone_index import ZoneIndex

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("SIGAP_TEST_DATA", ROOT.parent / "shared" / "data")) / "regencies"
HEADER = "code,name,timezone,lat,lon,population\n"


def feature(code: str | None, *rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Feature", "id": code, "geometry": {"type": "Polygon", "coordinates": list(rings)}}


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def files(folder: Path, features: list[dict[str, Any]], table: str) -> tuple[Path, Path]:
    shapes, rows = folder / "shapes.geojson", folder / "rows.csv"
    shapes.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    rows.write_text(HEADER + table)
    return shapes, rows


TWO_ROWS = "99.01,Kabupaten Luas,Asia/Jakarta,0,0,1000\n99.02,Kota Kecil,Asia/Makassar,0,0,\n"


def test_common_ground_goes_to_the_smaller_one(tmp_path: Path) -> None:
    features = [feature("99.01", box(110, -7, 112, -5)), feature("99.02", box(111, -6, 112.5, -5.5))]
    packs = minimal_packs(*files(tmp_path, features, TWO_ROWS), population_year=2025)
    wide, small = (geometry(packs[code]["zone"]) for code in ("99.01", "99.02"))
    assert small.area == pytest.approx(0.75)
    assert wide.area == pytest.approx(4 - 0.5)
    assert area_m2(wide.intersection(small)) < 1
    assert packs["99.01"]["population"] == {"2025": 1000}
    assert "population" not in packs["99.02"]
    assert validate_pack(packs["99.02"]).time_zone == "Asia/Makassar"


def test_of_equal_ones_the_lower_code_keeps_the_ground_whatever_their_order(tmp_path: Path) -> None:
    features = [feature("99.02", box(110.5, -7, 111.5, -6)), feature("99.01", box(110, -7, 111, -6))]
    packs = minimal_packs(*files(tmp_path, features, TWO_ROWS))
    assert geometry(packs["99.01"]["zone"]).area == pytest.approx(1)
    assert geometry(packs["99.02"]["zone"]).area == pytest.approx(0.5)


def test_a_city_in_the_middle_leaves_a_hole_around_itself(tmp_path: Path) -> None:
    features = [feature("99.01", box(110, -7, 112, -5)), feature("99.02", box(110.9, -6.1, 111.1, -5.9))]
    packs = minimal_packs(*files(tmp_path, features, TWO_ROWS))
    assert len(packs["99.01"]["zone"]["coordinates"]) == 2
    assert validate_pack(packs["99.01"]).zone


def test_a_crossed_border_is_made_valid_and_lines_are_dropped(tmp_path: Path) -> None:
    bow_tie: list[list[float]] = [[110, -7], [111, -6], [111, -7], [110, -6], [110, -7]]
    spike: list[list[float]] = [[110, 0], [111, 0], [111, 1], [111, 2], [111, 1], [110, 1], [110, 0]]
    packs = minimal_packs(*files(tmp_path, [feature("99.01", bow_tie), feature("99.02", spike)], TWO_ROWS))
    assert validate_pack(packs["99.01"] | {"time_zone": "Asia/Jakarta"}).zone
    assert geometry(packs["99.02"]["zone"]).bounds == (110, 0, 111, 1)


@pytest.mark.parametrize(
    ("features", "table", "said"),
    [
        ([feature(None, box(110, -7, 111, -6))], TWO_ROWS, "no code"),
        ([feature("99.03", box(110, -7, 111, -6))], TWO_ROWS, "no row for 99.03"),
        ([feature("99.01", [[110, -7], [111, -6]])], TWO_ROWS, "no area"),
        ([{"type": "Feature", "id": "99.01", "geometry": None}], TWO_ROWS, "no area"),
        (
            [feature("99.01", box(110, -7, 111, -6)), feature("99.02", box(110, -7, 111, -6))],
            TWO_ROWS,
            "nothing",
        ),
        ([feature("99.01", box(110, -7, 111, -6))], "99.01,,Asia/Jakarta,0,0,1\n", "line 2: column name"),
        ([feature("99.01", box(110, -7, 111, -6))], "99.01,A,Asia/Jakarta,0,0,many\n", "line 2"),
        ([feature("99.01", box(110, -7, 111, -6))], TWO_ROWS + TWO_ROWS, "stands twice"),
        (
            [feature("99.01", box(-7, 110, -6, 111))],
            TWO_ROWS,
            r"feature 0 \(99.01\): Latitude and longitude are swapped",
        ),
        ([feature("99.01", box(43e4, 92e5, 45e4, 93e5))], TWO_ROWS, r"not on the earth.*EPSG:4326"),
        ([feature("99.01", box(110, -7, float("nan"), -6))], TWO_ROWS, "a coordinate is no number"),
        ([feature("99.01", box(110, -7, float("inf"), -6))], TWO_ROWS, "a coordinate is no number"),
        (
            [{"type": "Feature", "id": "99.01", "geometry": {"type": "Point", "coordinates": [1, 2]}}],
            TWO_ROWS,
            "no area",
        ),
        ([{"type": "Feature", "id": "99.01", "geometry": {"type": "Polygon"}}], TWO_ROWS, "no area"),
        ([{"type": "Feature", "id": "99.01", "geometry": {"type": "Polygon", "coordinates": 3}}], TWO_ROWS, "no area"),
        ([{"type": "Feature", "id": "99.01", "geometry": [1]}], TWO_ROWS, "no area"),
        ([3, feature("99.01", box(110, -7, 111, -6))], TWO_ROWS, "feature 0: is no feature"),
        ([], TWO_ROWS, "has no features"),
        ([feature("99.01", box(110, -7, 111, -6))], "", "rows.csv has no rows"),
        ([feature("99.01", box(110, -7, 111, -6))], "1701,A,Asia/Jakarta,0,0,1\n", "'1701' is no code of a regency"),
        ([feature("99.01", box(110, -7, 111, -6))], "99.01,A,Asia/Mars,0,0,1\n", "99.01 A: /time_zone"),
        ([feature("99.01", box(110, -7, 111, -6))], "99.01,A,Asia/Jakarta,0,0,1.000\n", "line 2: column population"),
        ([feature("99.01", box(110, -7, 111, -6))], "99.01,A,Asia/Jakarta,0,0,1,000\n", "line 2: The row has 7 cells"),
    ],
)
def test_wrong_files_are_refused_naming_the_place(
    tmp_path: Path, features: list[dict[str, Any]], table: str, said: str
) -> None:
    with pytest.raises(InvalidBoundaries, match=said):
        minimal_packs(*files(tmp_path, features, table))


def test_ground_that_two_claim_is_told(tmp_path: Path) -> None:
    features = [feature("99.01", box(110, -7, 112, -5)), feature("99.02", box(111, -6, 112.5, -5.5))]
    (note,) = import_boundaries(*files(tmp_path, features, TWO_ROWS)).notes
    assert note.startswith("99.02 and 99.01 both claim 61")
    assert note.endswith("km²; 99.02, the smaller one, has it")


def numbered(features: list[dict[str, Any]], name: str, *codes: object) -> list[dict[str, Any]]:
    """As GDAL writes them: its own numbers as ids, the code as a property."""
    told = zip(features, codes, strict=True)
    return [{**one, "id": n, "properties": {name: code, "area": 17.71}} for n, (one, code) in enumerate(told)]


TWO = [feature(None, box(110, -7, 111, -6)), feature(None, box(112, -7, 113, -6))]


@pytest.mark.parametrize("name", ["code", "KDPKAB"])
def test_all_features_of_a_file_are_known_by_the_same_thing(tmp_path: Path, name: str) -> None:
    assert list(minimal_packs(*files(tmp_path, numbered(TWO, name, "99.01", "99.02"), TWO_ROWS))) == ["99.01", "99.02"]


def test_the_property_that_holds_the_code_can_be_named(tmp_path: Path) -> None:
    features = [{**one, "properties": {"a": "99.01", "b": f"99.0{n}"}} for n, one in enumerate(TWO, start=1)]
    given = files(tmp_path, features, TWO_ROWS)
    assert list(import_boundaries(*given, code_property="b").packs) == ["99.01", "99.02"]
    with pytest.raises(InvalidBoundaries, match="its id is missing; its properties: a, b"):
        import_boundaries(*given)


def test_a_code_that_lost_its_last_zero_is_the_code_that_it_was(tmp_path: Path) -> None:
    table = "99.1,Kota A,Asia/Jakarta,0,0,\n"
    found = import_boundaries(*files(tmp_path, numbered(TWO[:1], "code", 99.1), table))
    assert list(found.packs) == ["99.10"]
    assert found.notes == ("shapes.geojson: 99.1 is read as 99.10", "rows.csv line 2: 99.1 is read as 99.10")


def test_a_regency_of_several_features_is_one_zone(tmp_path: Path) -> None:
    islands = [feature("99.01", box(110 + n, -7, 110.5 + n, -6)) for n in range(3)]
    found = import_boundaries(*files(tmp_path, [*islands, feature("99.02", box(116, -7, 117, -6))], TWO_ROWS))
    zone = found.packs["99.01"]["zone"]
    assert (zone["type"], len(zone["coordinates"])) == ("MultiPolygon", 3)
    assert found.notes == ("shapes.geojson: 99.01 is 3 features, joined",)


def test_what_is_wrong_with_both_files_is_said_at_once(tmp_path: Path) -> None:
    features = [feature("99.01", box(110, -7, 111, -6)), feature("99.02", [[0, 0]]), feature("99.03", box(1, 1, 2, 2))]
    with pytest.raises(InvalidBoundaries) as refused:
        minimal_packs(*files(tmp_path, features, "99.01,A,,0,0,\nx,B,Asia/Jakarta,0,0,\n99.04,C,Asia/Jakarta,0,0,\n"))
    assert [error.partition(":")[0] for error in refused.value.errors] == [
        "shapes.geojson feature 1 (99.02)",
        "rows.csv line 2",
        "rows.csv line 3",
        "rows.csv has no row for 99.03",
    ]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_table_in_another_encoding_is_named(tmp_path: Path, encoding: str) -> None:
    shapes, rows = files(tmp_path, TWO[:1], "")
    rows.write_bytes((HEADER + "99.01,Kota Caf\u00e9,Asia/Jakarta,0,0,\n").encode(encoding))
    with pytest.raises(InvalidBoundaries, match=r"rows\.csv line [12]: The file is not in UTF-8"):
        minimal_packs(shapes, rows)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff\xfe", b"{'a'", b"[" * 200_000, b"\x1f\x8bxx", b'{"a\xe9"']
)
@pytest.mark.parametrize("suffix", [".geojson", ".gz"])
def test_a_file_that_is_no_geojson_is_refused(tmp_path: Path, content: bytes, suffix: str) -> None:
    shapes, rows = tmp_path / f"shapes{suffix}", tmp_path / "rows.csv"
    shapes.write_bytes(content)
    rows.write_text(HEADER + TWO_ROWS)
    with pytest.raises(InvalidBoundaries):
        minimal_packs(shapes, rows)


def test_a_gzipped_file_is_read(tmp_path: Path) -> None:
    shapes, rows = files(tmp_path, [feature("99.01", box(110, -7, 111, -6))], TWO_ROWS)
    packed = tmp_path / "shapes.geojson.gz"
    packed.write_bytes(gzip.compress(shapes.read_bytes()))
    assert list(minimal_packs(packed, rows)) == ["99.01"]


@pytest.fixture(scope="module")
def nation() -> dict[str, dict[str, Any]]:
    boundaries = DATA / "boundaries.geojson.gz"
    if not boundaries.is_file():
        pytest.skip(f"no real boundaries at {boundaries}; set SIGAP_TEST_DATA")
    return minimal_packs(boundaries, DATA / "regencies.csv", population_year=2025)


def test_all_regencies_become_valid_packs_with_prefixes_of_their_own(
    nation: dict[str, dict[str, Any]],
) -> None:
    packs = [validate_pack(document) for document in nation.values()]
    assert len(packs) == 514
    assert len({pack.prefix for pack in packs}) == 514
    assert sum(pack.population[2025] for pack in packs) == 284_973_643


def test_no_ground_is_claimed_twice_and_none_is_lost(nation: dict[str, dict[str, Any]]) -> None:
    shapes = [geometry(document["zone"]) for document in nation.values()]
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    pairs = [(one, other) for one, other in zip(left, right, strict=True) if one < other]
    assert len(pairs) > 500
    assert max(area_m2(shapes[one].intersection(shapes[other])) for one, other in pairs) < 1
    whole = shapely.union_all(shapes)
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)


def test_most_centres_lie_in_their_own_zone(nation: dict[str, dict[str, Any]]) -> None:
    index = ZoneIndex({code: document["zone"] for code, document in nation.items()})
    with (DATA / "regencies.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    owners = [(row["code"], index.owner(float(row["lat"]), float(row["lon"]))) for row in rows]
    assert sum(code == owner for code, owner in owners) > 470


def test_an_inner_point_of_every_zone_belongs_to_it(nation: dict[str, dict[str, Any]]) -> None:
    index = ZoneIndex({code: document["zone"] for code, document in nation.items()})
    inner = {code: geometry(document["zone"]).representative_point() for code, document in nation.items()}
    assert {code: index.owner(point.y, point.x) for code, point in inner.items()} == {code: code for code in inner}
