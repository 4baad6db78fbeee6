"""Which zone a place lies in, and how sure that is."""

import itertools
import math
import weakref
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from sigap_common.regency import Polygon
from sigap_common.regency.geometry import Point, area_m2, circle, distance_m, geometry, h3_cell, prepared
from sigap_common.regency.zone_index import ZoneIndex


def square(west: float, south: float, side: float = 1.0) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


WEST, EAST = square(110, -7), square(111, -7)
NEIGHBOURS = {"99.01": WEST, "99.02": EAST}


def test_distances_are_those_of_the_great_circle() -> None:
    assert distance_m(Point(0, 0), Point(0, 1)) == pytest.approx(111_195, abs=1)
    assert distance_m(Point(-6.2, 106.8), Point(-6.2, 106.8)) == 0
    assert distance_m(Point(90, 0), Point(-90, 0)) == pytest.approx(math.pi * 6_371_008.8)


@pytest.mark.parametrize("place", [(91, 0), (0, 181), (math.nan, 0), (0, math.inf)])
def test_a_point_lies_on_the_earth(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="latitude"):
        Point(*place)


@pytest.mark.parametrize("radius", [-1, math.inf, math.nan])
def test_an_uncertainty_is_a_radius(radius: float) -> None:
    with pytest.raises(ValueError, match="radius"):
        Point(0, 0, radius)


def test_a_cell_is_coarse_and_the_same_for_neighbours() -> None:
    assert h3_cell(-3.80, 102.26) == h3_cell(-3.8001, 102.2601)
    assert len(h3_cell(-3.80, 102.26)) == 15


def test_a_place_has_one_owner_or_none() -> None:
    index = ZoneIndex(NEIGHBOURS)
    assert index.owner(-6.5, 110.5) == "99.01"
    assert index.owner(-6.5, 111.5) == "99.02"
    assert index.owner(-6.5, 115) is None
    assert ZoneIndex().owner(0, 0) is None


def test_a_place_on_the_common_border_belongs_to_the_lower_code() -> None:
    assert ZoneIndex(dict(reversed(NEIGHBOURS.items()))).owner(-6.5, 111) == "99.01"


def test_a_city_inside_a_regency_is_not_swallowed() -> None:
    index = ZoneIndex({"99.01": WEST, "99.09": square(110.4, -6.6, 0.2)})
    assert index.owner(-6.5, 110.5) == "99.09"
    assert index.owner(-6.9, 110.1) == "99.01"


def test_a_zone_of_a_pack_serves_as_well_as_geojson() -> None:
    zone = Polygon.model_validate(WEST)
    assert geometry(zone).equals(geometry(WEST))
    assert ZoneIndex({"99.01": zone}).owner(-6.5, 110.5) == "99.01"


def test_a_changed_zone_counts_at_once() -> None:
    index = ZoneIndex(NEIGHBOURS)
    index.update("99.01", square(100, 0))
    assert index.owner(-6.5, 110.5) is None
    assert index.owner(0.5, 100.5) == "99.01"
    index.remove("99.02")
    index.update("99.01", None)
    index.remove("unheard of")
    assert len(index) == 0
    assert index.owner(-6.5, 111.5) is None


def test_a_circle_across_a_border_names_both_with_their_shares() -> None:
    found = ZoneIndex(NEIGHBOURS).candidates(Point(-6.5, 111, 5000))
    assert {code for code, _ in found} == {"99.01", "99.02"}
    assert [share for _, share in found] == pytest.approx([0.5, 0.5], abs=0.01)


def test_what_lies_in_no_zone_is_a_share_of_its_own() -> None:
    found = dict(ZoneIndex(NEIGHBOURS).candidates(Point(-6, 110.5, 5000)))
    assert found["99.01"] == pytest.approx(0.5, abs=0.01)
    assert found[None] == pytest.approx(0.5, abs=0.01)
    assert ZoneIndex(NEIGHBOURS).candidates(Point(30, 30, 5000)) == [(None, 1.0)]


def test_an_exact_place_has_one_candidate() -> None:
    assert ZoneIndex(NEIGHBOURS).candidates(Point(-6.5, 110.5)) == [("99.01", 1.0)]
    assert ZoneIndex(NEIGHBOURS).candidates(Point(0, 0, 0)) == [(None, 1.0)]


@given(lat=st.floats(-7.2, -5.8), lon=st.floats(109.8, 112.2), radius=st.floats(1, 20_000))
def test_shares_add_up_even_where_zones_overlap(lat: float, lon: float, radius: float) -> None:
    index = ZoneIndex(NEIGHBOURS | {"99.03": square(110.7, -6.7, 0.6)})
    found = index.candidates(Point(lat, lon, radius))
    assert sum(share for _, share in found) == pytest.approx(1)
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)


OVERLAPPING = NEIGHBOURS | {"99.03": square(110.7, -6.7, 0.6)}


@given(lat=st.floats(-7.2, -5.8), lon=st.floats(109.8, 112.2), radius=st.floats(1, 3_000))
def test_whoever_has_the_whole_neighbourhood_has_all_of_the_circle(lat: float, lon: float, radius: float) -> None:
    """The short way by tiles says what cutting the circle would, smaller zones first."""
    index, around = ZoneIndex(OVERLAPPING), circle(Point(lat, lon, radius))
    owner, left = index.owner(lat, lon), around
    if [share for _, share in index.candidates(Point(lat, lon, radius))] == [1.0]:
        for code, zone in sorted(OVERLAPPING.items(), key=lambda entry: geometry(entry[1]).area):
            taken = left.intersection(geometry(zone)).area / around.area
            assert taken == pytest.approx(1 if code == owner else 0, abs=1e-6)
            left = left.difference(geometry(zone))


def test_a_zone_that_is_changed_is_asked_anew() -> None:
    index = ZoneIndex(NEIGHBOURS)
    assert index.owner(-6.5, 110.5) == "99.01"
    index.remove("99.01")
    assert index.owner(-6.5, 110.5) is None


def test_equal_zones_are_prepared_once_a_process_while_anybody_has_them() -> None:
    first = prepared(square(120, -7))
    assert prepared(square(120, -7)) is first
    assert prepared(square(120, -7, 0.5)) is not first
    let_go = weakref.ref(first)
    del first
    assert let_go() is None


def test_an_index_holds_its_zones_and_lets_go_of_replaced_ones() -> None:
    one, other = ZoneIndex({"99.01": square(120, -7)}), ZoneIndex({"99.01": square(120, -7)})
    shared = weakref.ref(prepared(square(120, -7)))
    assert shared() is not None
    one.update("99.01", EAST)
    assert (one.owner(-6.5, 120.5), other.owner(-6.5, 120.5)) == (None, "99.01")
    other.remove("99.01")
    assert shared() is None


@pytest.mark.parametrize("lat", [0, -5.1, -11, 5.9])
@pytest.mark.parametrize("radius", [1, 50, 5_000, 35_000])
def test_a_circle_has_the_area_of_its_radius_on_the_ellipsoid(lat: float, radius: float) -> None:
    drawn = circle(Point(lat, 105, radius))
    assert isinstance(drawn, shapely.Polygon)
    corners = list(drawn.exterior.coords)
    assert _ellipsoidal_area(corners) == pytest.approx(math.pi * radius**2, rel=0.002)


def _ellipsoidal_area(corners: list[tuple[float, ...]]) -> float:
    """By the authalic latitude of WGS 84, edge by edge (Simpson's rule)."""
    e2 = 6.694_379_990_14e-3
    e, b2 = math.sqrt(e2), 6_378_137.0**2 * (1 - e2)

    def below(lat: float) -> float:
        s = math.sin(math.radians(lat))
        return s / (1 - e2 * s * s) + math.atanh(e * s) / e

    whole = 0.0
    for (lon1, lat1), (lon2, lat2) in itertools.pairwise(corners):
        mean = (below(lat1) + 4 * below((lat1 + lat2) / 2) + below(lat2)) / 6
        whole += math.radians(lon2 - lon1) * mean
    return abs(whole) * b2 / 2


def test_neighbours_are_those_in_the_circle_or_near_it() -> None:
    index = ZoneIndex(NEIGHBOURS)
    near, far, within = (index.locate(Point(-6.5, lon, 500), 1_000) for lon in (110.99, 110.98, 110.999))
    assert (near.owner, near.shares, near.neighbours) == ("99.01", (("99.01", 1.0),), ("99.02",))
    assert (far.owner, far.neighbours) == ("99.01", ())
    assert (within.owner, [code for code, _ in within.shares], within.neighbours) == (
        "99.01",
        ["99.01", "99.02"],
        ("99.02",),
    )


def test_a_circle_whose_centre_lies_in_no_zone_belongs_to_whom_most_of_it_does() -> None:
    found = ZoneIndex(NEIGHBOURS).locate(Point(-5.999, 110.5, 500))
    assert (found.owner, [code for code, _ in found.shares]) == ("99.01", [None, "99.01"])
    nowhere = ZoneIndex(NEIGHBOURS).locate(Point(-5, 110.5, 500), 1_000)
    assert (nowhere.owner, nowhere.shares, nowhere.neighbours) == (None, ((None, 1.0),), ())


def test_whoever_has_the_same_ground_but_does_not_own_it_is_no_neighbour() -> None:
    """A city's ground is often the regency's around it, too."""
    index = ZoneIndex({"99.01": WEST, "99.09": square(110.4, -6.6, 0.2)})
    assert index.locate(Point(-6.5, 110.5, 500), 1_000).neighbours == ()
    assert index.locate(Point(-6.5, 110.405), 1_000).neighbours == ("99.01",)


def test_an_area_is_in_square_metres() -> None:
    assert area_m2(geometry(square(110, -0.5))) == pytest.approx(111_195**2, rel=0.001)


def test_a_border_that_crosses_itself_is_repaired() -> None:
    bow_tie = [[110, -7], [111, -6], [111, -7], [110, -6], [110, -7]]
    assert geometry({"type": "Polygon", "coordinates": [bow_tie]}).is_valid


def test_a_zone_is_an_area() -> None:
    with pytest.raises(ValueError, match="Polygon"):
        ZoneIndex({"99.01": {"type": "Point", "coordinates": [110, -7]}})


@pytest.mark.parametrize("uncertainty_m", [5e-324, 1e-12, 1e-9, 1e-6, 1e-3, 0.099])
def test_a_circle_too_small_to_have_an_area_is_a_point(uncertainty_m: float) -> None:
    square = {"type": "Polygon", "coordinates": [[(102, -4), (103, -4), (103, -3), (102, -3), (102, -4)]]}
    zones = ZoneIndex({"17.71": square})
    for lat, lon, owner in ((-3.5, 102.5, "17.71"), (-3.5, 102, "17.71"), (-3.5, 101.9999999, None), (0, 0, None)):
        assert zones.candidates(Point(lat, lon, uncertainty_m)) == [(owner, 1.0)], (lat, lon)
