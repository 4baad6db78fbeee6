"""What services have in common in their HTTP bodies: a place told or not told, shown again as it is known."""

from typing import Any

import pytest
from pydantic import ValidationError

from sigap_common.core.texts import Texts
from sigap_common.http.schemas import Body, MaybeWhere, PlaceOut, Where, like

TOLD: list[dict[str, Any]] = [
    {"lat": -3.79, "lon": 102.26, "uncertainty_m": 30},
    {"address": "Jalan Suprapto, seberang masjid"},
    {"lat": -3.79, "lon": 102.26, "uncertainty_m": None, "address": "Jalan Suprapto"},
]


def fault(schema: type[MaybeWhere], told: dict[str, Any]) -> str:
    """The one thing that is wrong; it has a text."""
    with pytest.raises(ValidationError) as refused:
        schema.model_validate(told)
    (error,) = refused.value.errors()
    assert f"validation.{error['type']}" in Texts.load("sigap_common")
    return error["type"]


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("schema", [Where, MaybeWhere])
def test_a_place_that_is_told_comes_out_again(schema: type[MaybeWhere], told: dict[str, Any]) -> None:
    shown = PlaceOut.of(schema.model_validate(told).place)
    assert shown is not None
    nothing = dict.fromkeys(PlaceOut.model_fields)
    assert shown.model_dump(exclude={"cell"}) == {k: v for k, v in (nothing | told).items() if k != "cell"}
    assert (shown.cell is None) == ("lat" not in told)


@pytest.mark.parametrize("told", [{}, {"uncertainty_m": 50}, {"lat": None, "lon": None, "address": None}])
def test_nothing_told_is_refused_where_a_place_is_demanded_and_no_place_elsewhere(told: dict[str, Any]) -> None:
    assert fault(Where, told) == "place_missing"
    assert MaybeWhere.model_validate(told).place is None
    assert PlaceOut.of(None) is None


@pytest.mark.parametrize("told", [{"lat": -3.79}, {"lon": 102.26, "address": "Jalan Suprapto"}])
def test_half_of_a_position_is_none(told: dict[str, Any]) -> None:
    assert fault(Where, told) == fault(MaybeWhere, told) == "coordinates_incomplete"


def test_a_body_refuses_what_it_does_not_have_beside_its_own_configuration() -> None:
    class Named(Body):
        model_config = like({"name": "Siti"})

        name: str

    with pytest.raises(ValidationError):
        Named.model_validate({"name": "Siti", "nmae": "Siti"})
    assert Named.model_json_schema()["example"] == {"name": "Siti"}


@pytest.mark.parametrize(("lat", "lon"), [(0, 0), (-0.0, 0.0), (0.0004, -0.0009)])
@pytest.mark.parametrize("schema", [Where, MaybeWhere])
def test_0_0_is_no_position(schema: type[MaybeWhere], lat: float, lon: float) -> None:
    assert fault(schema, {"lat": lat, "lon": lon, "uncertainty_m": 5}) == "position_null"
    place = schema.model_validate({"lat": lat, "lon": lon, "address": "Jl. Nol"}).place
    assert place is not None
    assert (place.point, place.cell, place.uncertainty_m) == (None, None, None)


@pytest.mark.parametrize(("lat", "lon"), [(0, 109.3), (-6.2, 0), (0.001, 0)])
def test_a_place_on_the_equator_or_the_meridian_is_a_position(lat: float, lon: float) -> None:
    place = Where.model_validate({"lat": lat, "lon": lon}).place
    assert place is not None
    assert place.point == (lat, lon)
