"""Whose area a place lies in: the same answer everywhere, said loudly where the place is not ours."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigap_common.contracts.calls import CallClassified, CallLocated, CallReceived
from sigap_common.regency import Pack
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk

ROOT = Path(__file__).parents[3]
BOUNDARIES = (
    Path(os.environ.get("SIGAP_TEST_DATA", ROOT.parent / "shared" / "data")) / "regencies/boundaries.geojson.gz"
)
HERE, THERE, AT_SEA = {"lat": 0.1, "lon": 100.1}, {"lat": 0.1, "lon": 101.5}, {"lat": 5, "lon": 100.5}
EDGE = {"lat": 0.1, "lon": 101, "uncertainty_m": 5000}


@pytest.fixture
async def neighbours(kit: Kit, pack: Callable[..., Pack]) -> None:
    """99.02 works in this system, of 99.03 the border and the telephone are known, 99.01 has a number for the sea."""
    await kit.configure(
        pack("99.01", 100, outside_telephones=["115"]),
        pack("99.02", 101, transfer_telephones=["0736112"]),
        pack("99.03", 102, transfer_by="telephone", transfer_telephones=["0725112", "0725113"]),
        version=2,
    )


async def located(desk: Desk, call: dict[str, Any], **where: Any) -> dict[str, Any]:
    await desk("POST", f"/v1/calls/{call['id']}/answer")
    answer = await desk("POST", f"/v1/calls/{call['id']}/location", where)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.usefixtures("neighbours")
async def test_one_shape_is_answered_everywhere(desk: Desk, arrive: Arrive, kit: Kit) -> None:
    call = await arrive(caller_location=EDGE)
    asked = await desk("GET", "/v1/zones?lat=0.1&lon=101&uncertainty_m=5000&regency=99.01")
    zone = asked.json()
    assert [share["regency"] for share in zone["shares"]] == zone["candidates"]
    assert [share["share"] for share in zone["shares"]] == pytest.approx([0.5, 0.5], abs=0.01)
    assert (zone["owner"], zone["neighbours"], zone["elsewhere"]) == ("99.01", ["99.02"], None)
    [waiting] = (await desk("GET", "/v1/queue")).json()["items"]
    whole = await located(desk, call, **EDGE)
    assert zone == call["caller_zone"] == waiting["caller_zone"] == whole["caller_zone"] == whole["zone"]
    await desk("POST", f"/v1/calls/{call['id']}/classification", {"call_class": "emergency"})
    said = [one.event for one in await kit.said(CallReceived, CallLocated, CallClassified)]
    for told in (said[0].caller_zone, said[1].zone, said[2].call.zone):
        assert told.model_dump(mode="json") == {name: zone[name] for name in told.model_dump()}


@pytest.mark.usefixtures("neighbours")
async def test_the_first_look_has_the_best_place_and_its_zone_with_the_doubts(desk: Desk, arrive: Arrive) -> None:
    cell = EDGE | {"lon": 101.02}
    call = await arrive(caller_location=cell)

    async def looked() -> dict[str, Any]:
        answer = await desk("GET", f"/v1/calls/{call['id']}/first-look")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["call"]
        return found

    found = await looked()
    assert (found["caller_location"]["lon"], found["caller_location"]["uncertainty_m"]) == (101.02, 5000)
    zone = found["caller_zone"]
    assert (zone["owner"], zone["neighbours"], zone["elsewhere"]["regency"]) == ("99.02", ["99.01"], "99.02")
    shares = {one["regency"]: one["share"] for one in zone["shares"]}
    assert shares.keys() == {"99.01", "99.02"}
    assert 0.15 < shares["99.01"] < 0.35
    device = {**HERE, "uncertainty_m": 30, "source": "device"}
    assert (await desk("POST", f"/v1/calls/{call['id']}/fixes", device)).status_code == 200
    await located(desk, call, **THERE, uncertainty_m=20)
    found = await looked()
    assert (found["caller_location"]["lon"], found["caller_zone"]["owner"]) == (100.1, "99.01")
    assert (found["location"]["lon"], found["zone"]["owner"]) == (101.5, "99.02")
    assert found["zone"]["elsewhere"]["telephones"] == ["0736112"]
    shown = [(fix["of"], fix["place"]["lon"], fix["best"]) for fix in found["fixes"]]
    assert shown == [("caller", 101.02, False), ("caller", 100.1, True), ("emergency", 101.5, True)]


@pytest.mark.usefixtures("neighbours")
@pytest.mark.parametrize(
    ("where", "elsewhere", "words"),
    [
        (THERE, {"regency": "99.02", "name": "99.02", "by": "queue", "telephones": ["0736112"]}, "queue"),
        (
            {"lat": 0.1, "lon": 102.5},
            {"regency": "99.03", "name": "99.03", "by": "telephone", "telephones": ["0725112", "0725113"]},
            "Dial: 0725112, 0725113.",
        ),
        (AT_SEA, {"regency": None, "name": None, "by": "telephone", "telephones": ["115"]}, "IN NOBODY'S ZONE"),
    ],
)
async def test_what_is_not_ours_is_said_loudly_with_whom_to_reach(
    desk: Desk, arrive: Arrive, where: dict[str, Any], elsewhere: dict[str, Any], words: str
) -> None:
    call = await arrive(caller_location=where)
    [waiting] = (await desk("GET", "/v1/queue")).json()["items"]
    zone = (await located(desk, call, **where))["zone"]
    for told in (call["caller_zone"], waiting["caller_zone"], zone):
        assert told["elsewhere"] == elsewhere
        assert words in told["in_words"]["en"]
        assert told["in_words"]["id"].isprintable()
    assert call["regency"] == "99.01"


async def test_where_no_number_is_on_record_that_is_said(desk: Desk, arrive: Arrive) -> None:
    zone = (await located(desk, await arrive(), **AT_SEA))["zone"]
    assert zone["elsewhere"] == {"regency": None, "name": None, "by": "telephone", "telephones": []}
    assert zone["in_words"]["en"].endswith("No telephone number is on record.")


async def test_the_callers_place_decides_nothing_until_the_operator_says_so(desk: Desk, arrive: Arrive) -> None:
    call = await arrive(caller_location=THERE)
    assert (call["caller_zone"]["owner"], call["zone"]) == ("99.02", None)
    call = await located(desk, call, **HERE)
    assert (call["caller_zone"]["owner"], call["zone"]["owner"], call["zone"]["elsewhere"]) == ("99.02", "99.01", None)


async def test_who_is_shown_no_personal_data_is_not_told_where_the_caller_is(desk: Desk, arrive: Arrive) -> None:
    call = await arrive(caller_location=THERE)
    assert (await desk("GET", f"/v1/calls/{call['id']}", None, "admin")).json()["caller_zone"] is None
    [waiting] = (await desk("GET", "/v1/queue", None, "admin")).json()["items"]
    assert waiting["caller_zone"] is None


async def test_zones_are_asked_for_a_regency_of_the_token_or_for_nobody(desk: Desk) -> None:
    path = "/v1/zones?lat=0.1&lon=101.5"
    nobody = (await desk("GET", path)).json()
    assert (nobody["owner"], nobody["elsewhere"], nobody["in_words"]) == ("99.02", None, None)
    assert (await desk("GET", f"{path}&regency=99.02")).status_code == 403


# --- real boundaries


@pytest.fixture
async def lampung(kit: Kit) -> None:
    if not BOUNDARIES.is_file():
        pytest.skip(f"no real boundaries at {BOUNDARIES}; set SIGAP_TEST_DATA")
    with gzip.open(BOUNDARIES) as file:
        zones = {feature["id"]: feature["geometry"] for feature in json.load(file)["features"]}
    # Metro under the code of the desk's own regency
    for own, code, by in (("99.01", "18.72", "queue"), ("18.07", "18.07", "telephone"), ("18.71", "18.71", "queue")):
        told = {"code": own, "name": code, "time_zone": "Asia/Jakarta", "zone": zones[code], "transfer_by": by}
        await kit.configure(Pack.model_validate(told | {"transfer_telephones": ["0725112"]}), version=2)


@pytest.mark.usefixtures("lampung")
async def test_a_cell_across_the_border_of_metro_has_both_with_their_shares(desk: Desk, arrive: Arrive) -> None:
    call = await arrive("cti", caller_location={"lat": -5.1173, "lon": 105.345, "uncertainty_m": 5000})
    zone = (await desk("GET", f"/v1/calls/{call['id']}")).json()["caller_zone"]
    shares = {one["regency"]: one["share"] for one in zone["shares"]}
    assert shares.keys() >= {"99.01", "18.07"}
    assert sum(shares.values()) == pytest.approx(1)
    assert {"99.01", "18.07"} <= {zone["owner"], *zone["neighbours"]}


@pytest.mark.usefixtures("lampung")
async def test_a_caller_in_bandar_lampung_with_an_emergency_in_metro(desk: Desk, arrive: Arrive) -> None:
    """The number is of Bandar Lampung, too: neither it nor the caller's place decides the zone."""
    call = await arrive(number="0721-252525", caller_location={"lat": -5.4142, "lon": 105.26213, "uncertainty_m": 500})
    assert (call["caller_zone"]["elsewhere"]["regency"], call["zone"]) == ("18.71", None)
    call = await located(desk, call, lat=-5.1173, lon=105.30796, uncertainty_m=20)
    assert (call["zone"]["owner"], call["zone"]["elsewhere"]) == ("99.01", None)
    assert call["caller_zone"]["in_words"]["id"].startswith("BUKAN WILAYAH SENDIRI: lokasi ini termasuk 18.71 (18.71)")


@pytest.mark.usefixtures("lampung")
async def test_a_number_of_anywhere_says_nothing_of_the_zone(desk: Desk, arrive: Arrive) -> None:
    call = await arrive(number="0721-252525")
    assert call["caller_zone"] is None
    assert (await located(desk, call, address="depan pasar"))["zone"]["owner"] is None
