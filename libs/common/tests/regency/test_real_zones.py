"""Zoning by the real boundaries of the 514 regencies, beside ray casting that knows nothing of shapely."""

import gzip
import json
import math
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sigap_common.regency import load_pack
from sigap_common.regency.geometry import Point, spread
from sigap_common.regency.zone_index import ZoneIndex

ROOT = Path(__file__).parents[4]
BOUNDARIES = (
    Path(os.environ.get("SIGAP_TEST_DATA", ROOT.parent / "shared" / "data")) / "regencies/boundaries.geojson.gz"
)
METRO, LAMPUNG_TIMUR, BANDAR_LAMPUNG = "18.72", "18.07", "18.71"


class Rays:
    """A regency as it was published: rings as arrays of (longitude, latitude), the border of each area first."""

    def __init__(self, geometry: dict[str, Any]) -> None:
        areas = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        self.areas = [[np.array(ring)[:, :2] for ring in area] for area in areas]
        corners = np.concatenate([ring for area in self.areas for ring in area])
        self.low, self.high = corners.min(axis=0), corners.max(axis=0)
        self.size = sum(abs(_size(area[0]) - sum(map(_size, area[1:]))) for area in self.areas)

    def have(self, points: Any) -> Any:
        """Of each point (longitude, latitude) whether it lies inside: turned around by a border and by no hole. Sorong
        (96.01) was published with its islands as holes that lie outside of the border: those are ground.
        """
        inside = np.zeros(len(points), dtype=bool)
        near = np.flatnonzero(((points >= self.low) & (points <= self.high)).all(axis=1))
        for border, *holes in self.areas if len(near) else ():
            found = _turns(border, points[near]) != 0
            for hole in holes:
                found ^= _turns(hole, points[near]) != 0
            inside[near] |= found
        return inside


def _size(ring: Any) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2)


def _turns(ring: Any, points: Any) -> Any:
    """How often the ring goes around each point: edges that cross the ray to the east, upward less downward."""
    (x1, y1), (x2, y2) = ring[:-1].T[..., None], ring[1:].T[..., None]
    x, y = points.T
    side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
    return ((y1 <= y) & (y2 > y) & (side > 0)).sum(axis=0) - ((y1 > y) & (y2 <= y) & (side < 0)).sum(axis=0)


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    if not BOUNDARIES.is_file():
        pytest.skip(f"no real boundaries at {BOUNDARIES}; set SIGAP_TEST_DATA")
    with gzip.open(BOUNDARIES) as file:
        return {feature["id"]: feature["geometry"] for feature in json.load(file)["features"]}


@pytest.fixture(scope="module")
def rays(published: dict[str, Any]) -> dict[str, Rays]:
    """Smallest first, as common ground is given away."""
    shapes = {code: Rays(geometry) for code, geometry in published.items()}
    return dict(sorted(shapes.items(), key=lambda one: (one[1].size, one[0])))


@pytest.fixture(scope="module")
def index(published: dict[str, Any]) -> ZoneIndex:
    return ZoneIndex(published)


def owners(rays: dict[str, Rays], points: Any) -> list[str | None]:
    found = np.full(len(points), None, dtype=object)
    for code, shape in reversed(rays.items()):
        found[shape.have(points)] = code
    return found.tolist()


def test_10_000_random_points_have_the_owner_that_ray_casting_finds(rays: dict[str, Rays], index: ZoneIndex) -> None:
    chance = random.Random(112)
    anywhere = [(chance.uniform(95, 141), chance.uniform(-11, 6)) for _ in range(5_000)]
    corners = np.concatenate([area[0] for shape in rays.values() for area in shape.areas])
    beside = [corners[chance.randrange(len(corners))] + chance.uniform(-0.02, 0.02) for _ in range(5_000)]
    points = np.array([*anywhere, *beside])
    expected = owners(rays, points)
    assert sum(owner is not None for owner in expected) > 3_000
    wrong = [
        (lon, lat, owner) for (lon, lat), owner in zip(points, expected, strict=True) if index.owner(lat, lon) != owner
    ]
    assert wrong == []


def test_circles_on_borders_are_shared_out_whole(rays: dict[str, Rays], index: ZoneIndex) -> None:
    chance = random.Random(112)
    kinds = set()
    for _ in range(200):
        shape = chance.choice(list(rays.values()))
        lon, lat = chance.choice(chance.choice(shape.areas)[0])
        found = index.locate(Point(lat, lon, math.exp(chance.uniform(math.log(50), math.log(20_000)))))
        assert math.fsum(share for _, share in found.shares) == pytest.approx(1, abs=1e-9)
        assert found.owner == next((code for code, _ in found.shares if code == found.owner), None)
        kinds.add((None in dict(found.shares), len(found.shares) > 2))
    assert len(kinds) == 4  # with sea and without, of two regencies and of more


def test_shares_are_those_that_points_scattered_in_the_circle_find(rays: dict[str, Rays], index: ZoneIndex) -> None:
    chance, dice = random.Random(7), np.random.default_rng(7)
    for _ in range(30):
        lon, lat = chance.choice(chance.choice(list(rays.values())).areas[0][0])
        radius = chance.uniform(50, 20_000)
        out, turn = np.sqrt(dice.random(4_000)), dice.random(4_000) * math.tau
        north, east = spread(lat, radius)
        points = np.column_stack([lon + east * out * np.cos(turn), lat + north * out * np.sin(turn)])
        scattered = owners(rays, points)
        for code, share in index.locate(Point(lat, lon, radius)).shares:
            assert scattered.count(code) / 4_000 == pytest.approx(share, abs=0.04), (lat, lon, radius, code)


def test_a_cell_across_the_border_of_metro_and_lampung_timur_names_both(
    published: dict[str, Any], index: ZoneIndex
) -> None:
    metro, east = (Rays(published[code]).areas[0][0] for code in (METRO, LAMPUNG_TIMUR))
    gaps = np.abs(metro[:, None] - east[None]).sum(axis=2).min(axis=1)
    lon, lat = metro[gaps.argmin()]
    for radius in (500, 2_000, 5_000):
        found = index.locate(Point(lat, lon, radius), 1_000)
        shares = dict(found.shares)
        assert found.owner in (METRO, LAMPUNG_TIMUR)
        assert 0.1 < shares[METRO] < 0.9
        assert 0.1 < shares[LAMPUNG_TIMUR] < 0.9
        assert ({METRO, LAMPUNG_TIMUR} - {found.owner}) <= set(found.neighbours)


def test_bandar_lampung_is_not_metro(index: ZoneIndex) -> None:
    found = index.locate(Point(-5.4142, 105.26213, 500), 1_000)
    assert (found.owner, found.shares, found.neighbours) == (BANDAR_LAMPUNG, ((BANDAR_LAMPUNG, 1.0),), ())


@pytest.mark.parametrize("file", sorted((ROOT / "regencies").glob("*.yaml")), ids=lambda file: file.stem)
def test_each_place_of_a_shipped_gazetteer_lies_in_its_regency(file: Path, index: ZoneIndex) -> None:
    pack = load_pack(file)
    assert {index.owner(place.lat, place.lon) for place in pack.gazetteer} == {pack.code}
