"""The cameras near an incident."""

from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import MARKET, PACK, Desk, a_pack

from sigap_common.contracts.places import Place
from sigap_common.regency import CctvPoint, Pack
from sigap_dispatch.domain.cameras import SHOWN, cameras_near

METRE = 1 / 111_195  # degrees of latitude


def camera(code: str, metres: float, **told: Any) -> dict[str, Any]:
    """So many metres north of the market."""
    return {"code": code, "name": code, "lat": -3.79 + metres * METRE, "lon": 102.26, **told}


def points(*cameras: dict[str, Any]) -> tuple[CctvPoint, ...]:
    return Pack.model_validate({**PACK, "cctv_points": cameras}).cctv_points


def test_the_nearest_come_first_and_those_out_of_reach_not_at_all() -> None:
    there = points(camera("far", 2_500), camera("b", 900), camera("a", 100), camera("edge", 2_000))
    found = cameras_near(MARKET, there)
    assert [(one.point.code, round(one.metres, -1)) for one in found] == [("a", 100), ("b", 900), ("edge", 2000)]


def test_an_uncertain_place_looks_farther() -> None:
    there = points(camera("far", 2_500))
    assert cameras_near(Place.of(-3.79, 102.26, 400.0), there) == []
    assert len(cameras_near(Place.of(-3.79, 102.26, 600.0), there)) == 1


@pytest.mark.parametrize("place", [None, Place.of(address="Pasar Lama")])
def test_without_coordinates_no_camera_is_near(place: Place | None) -> None:
    assert cameras_near(place, points(camera("a", 10))) == []


def test_so_many_are_shown_at_most() -> None:
    assert len(cameras_near(MARKET, points(*(camera(f"c{n}", n) for n in range(SHOWN + 5))))) == SHOWN


async def test_one_request_shows_them_with_picture_and_direction_but_not_of_what_is_hidden(desk: Desk) -> None:
    told = camera("pasar", 0, direction_deg=90.0, stream_ref="atcs/pasar")
    await desk.kit.configure(a_pack(cctv_points=[told]), version=2)
    await desk.classified(1)
    path = f"/v1/incidents/{(await desk.incident())['id']}/cctv-points"
    assert (await desk.ask("GET", path)).json()["items"] == [told | {"metres": 0}]
    assert (await desk.ask("GET", path, None, "admin")).status_code == 403
    await desk.classified(2, kind="domestic_violence", answered_by="ani", place=MARKET)
    hidden, _ = await desk.incidents()
    assert hidden["hidden"]
    path = f"/v1/incidents/{hidden['id']}/cctv-points"
    assert (await desk.ask("GET", path)).status_code == 403
    assert (await desk.ask("GET", path, None, "supervisor")).status_code == 200
    await desk.ask("POST", path.replace("cctv-points", "break-glass"), {"reason": "Petugas minta arah"})
    assert len((await desk.ask("GET", path)).json()["items"]) == 1
