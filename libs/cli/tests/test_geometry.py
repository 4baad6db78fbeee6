"""A point inside of a zone, against shapely as the judge."""

import random
from typing import Any

import pytest
import shapely
import shapely.geometry

from sigap_cli.drill.geometry import point_inside


def star(seed: int, corners: int) -> dict[str, Any]:
    """A jagged area around a random centre, with a hole in its middle."""
    draw = random.Random(seed)
    lon, lat = draw.uniform(95, 141), draw.uniform(-11, 6)
    angles = [2 * 3.14159265 * n / corners for n in range(corners)]
    border = [_around(lon, lat, angle, draw.uniform(0.2, 1.0)) for angle in angles]
    hole = [_around(lon, lat, angle, 0.1) for angle in angles]
    return {"type": "Polygon", "coordinates": [[*border, border[0]], [*hole, hole[0]]]}


def _around(lon: float, lat: float, angle: float, radius: float) -> list[float]:
    turned = complex(0, 1) ** (angle / 1.57079632679)
    return [lon + radius * turned.real, lat + radius * turned.imag]


@pytest.mark.parametrize("seed", range(50))
def test_the_point_lies_in_the_zone_and_not_in_its_hole(seed: int) -> None:
    zone = star(seed, corners=5 + seed)
    lat, lon = point_inside(zone)
    assert shapely.geometry.shape(zone).contains(shapely.Point(lon, lat))


def test_of_several_areas_the_largest_is_taken() -> None:
    small = [[[0, 0], [0.1, 0], [0.1, 0.1], [0, 0.1], [0, 0]]]
    large = [[[10, 10], [12, 10], [12, 12], [10, 12], [10, 10]]]
    lat, lon = point_inside({"type": "MultiPolygon", "coordinates": [small, large]})
    assert (10 < lat < 12, 10 < lon < 12) == (True, True)


def test_a_zone_without_area_is_refused() -> None:
    with pytest.raises(ValueError, match="no area"):
        point_inside({"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [1, 1], [1, 1]]]})
