"""Places over HTTP: names as one types them, and any text as a place."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from sigap_common.regency import Pack
from sigap_testing.kit import Kit

from .conftest import Desk

PLACES = [
    {"name": "Pasar Minggu", "kind": "landmark", "lat": 0.1, "lon": 100.2, "aliases": ["Pasar Lama"]},
    {"name": "Jalan Suprapto", "kind": "road", "lat": 0.2, "lon": 100.3},
]


@pytest.fixture(autouse=True)
async def gazetteer(kit: Kit, pack: Callable[..., Pack]) -> None:
    await kit.configure(pack("99.01", 100, gazetteer=PLACES), version=2)


async def reading(desk: Desk, text: str, beside: str = "") -> dict[str, Any]:
    answer = await desk("GET", f"/v1/places/reading?regency=99.01&text={quote(text)}{beside}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_names_are_found_as_one_types_them(desk: Desk) -> None:
    for typed, name in (("psr ming", "Pasar Minggu"), ("lama", "Pasar Minggu"), ("jln supra", "Jalan Suprapto")):
        found = (await desk("GET", f"/v1/places?regency=99.01&q={quote(typed)}")).json()["items"]
        assert found[0]["name"] == name
    assert (await desk("GET", "/v1/places?regency=99.01&q=")).json() == {"items": [], "next": None}


async def test_a_new_pack_brings_its_own_names(desk: Desk, kit: Kit, pack: Callable[..., Pack]) -> None:
    path = "/v1/places?regency=99.01&q=pasar"
    assert len((await desk("GET", path)).json()["items"]) == 1
    await kit.configure(pack("99.01", 100, gazetteer=[{**PLACES[0], "name": "Pasar Baru", "aliases": []}]), version=3)
    assert [one["name"] for one in (await desk("GET", path)).json()["items"]] == ["Pasar Baru"]


async def test_a_position_comes_with_its_source_uncertainty_and_zone(desk: Desk) -> None:
    found = await reading(desk, "https://maps.google.com/?q=0.1,101.5")
    assert (found["source"], found["problem"], found["names"]) == ("map_link", None, [])
    assert found["position"] == {"lat": 0.1, "lon": 101.5, "uncertainty_m": 25}
    assert (found["zone"]["owner"], found["zone"]["elsewhere"]["regency"]) == ("99.02", "99.02")


async def test_a_short_plus_code_is_looked_for_near_the_place_or_in_the_middle_of_the_zone(desk: Desk) -> None:
    middle = (await reading(desk, "2222+22"))["position"]
    near = (await reading(desk, "2222+22", "&near_lat=0.4&near_lon=107.1"))["position"]
    assert (round(middle["lat"]), round(middle["lon"] - 100.5)) == (0, 0)
    assert (round(near["lat"]), round(near["lon"] - 107.1)) == (0, 0)


async def test_swapped_coordinates_come_back_with_both_readings(desk: Desk) -> None:
    found = await reading(desk, "100.2345, 0.1234")
    assert (found["source"], found["position"], found["problem"]["code"]) == (None, None, "coordinates_swapped")
    assert found["problem"]["readings"] == [{"lat": 100.2345, "lon": 0.1234}, {"lat": 0.1234, "lon": 100.2345}]
    assert found["problem"]["in_words"]["id"].startswith("Lintang dan bujur")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.0000, 0.0000", "position_null"),
        ("95.5512, 182.4412", "position_off_earth"),
        ("https://maps.app.goo.gl/aBcDeF123", "link_without_position"),
    ],
)
async def test_what_is_no_position_is_said_in_both_languages(desk: Desk, text: str, code: str) -> None:
    problem = (await reading(desk, text))["problem"]
    assert (problem["code"], problem["in_words"].keys()) == (code, {"id", "en"})


async def test_a_name_is_looked_up(desk: Desk) -> None:
    found = await reading(desk, "di pasar minggu")
    assert (found["position"], found["problem"]) == (None, None)
    assert found["names"][0]["name"] == "Pasar Minggu"
    assert found["names"][0]["uncertainty_m"] == 100


async def test_who_may_ask(desk: Desk) -> None:
    for path in ("/v1/places?regency=99.02&q=pasar", "/v1/places/reading?regency=99.02&text=pasar"):
        assert (await desk("GET", path)).status_code == 403
        assert (await desk("GET", path.replace("99.02", "99.01"), None, "cti")).status_code == 403
    answer = await desk("GET", "/v1/places?regency=99.09&q=pasar", None, "operator", regencies=("*",))
    assert answer.status_code == 404
