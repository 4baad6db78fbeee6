"""Fixes: every place that was found stays; the best of the caller's is chosen by a rule that a person overrides."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sigap_common.contracts.calls import CallLocated
from sigap_common.contracts.fixes import FixSource
from sigap_common.contracts.places import Place
from sigap_intake.domain.fixes import FIXES_KEPT, Fix, FixOf, best, kept
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)


def a_fix(
    name: str,
    seconds: float = 0,
    radius_m: float | None = None,
    source: FixSource | None = FixSource.NETWORK,
    **said: Any,
) -> Fix:
    place = Place.of(0.1, 100.1, radius_m, name) if radius_m != 0 else Place.of(address=name)
    at = NOON + timedelta(seconds=seconds)
    return Fix(of=FixOf.CALLER, at=at, by=None, source=source, place=place, zone=None, **said)


CELL = a_fix("cell", 0, 2000)
WORDS: dict[str, Any] = {"radius_m": 0, "source": FixSource.TYPED}


@pytest.mark.parametrize(
    ("fixes", "name"),
    [
        ([CELL, a_fix("device", 60, 30), a_fix("cell again", 120, 2000)], "device"),
        ([a_fix("device", 0, 30), a_fix("cell", 300, 2000)], "device"),
        ([a_fix("device", 0, 30), a_fix("cell", 301, 2000)], "cell"),
        ([CELL, a_fix("chosen", 10, 9000, chosen=True), a_fix("device", 20, 5)], "chosen"),
        ([a_fix("chosen", 0, 30, chosen=True), a_fix("cell", 3600, 2000)], "chosen"),
        ([a_fix("first", 0, 30, chosen=True), a_fix("second", 10, 90, chosen=True)], "second"),
        ([a_fix("one", 0, 30), a_fix("two", 10, 30)], "two"),
        ([a_fix("late", 10, 30), a_fix("early", 0, 30)], "late"),
        ([a_fix("one", 0, 30), a_fix("two", 0, 30)], "two"),
        ([CELL, a_fix("words", 10, **WORDS)], "cell"),
        ([a_fix("words", 0, **WORDS), a_fix("more", 9, **WORDS)], "more"),
        ([a_fix("cell", source=FixSource.NETWORK), a_fix("device", source=FixSource.DEVICE)], "device"),
        ([a_fix("device", source=FixSource.DEVICE), a_fix("unknown", source=None)], "device"),
    ],
)
def test_the_best_is_chosen_by_the_rule(fixes: list[Fix], name: str) -> None:
    found = best(fixes)
    assert found is not None
    assert found.place.address is not None
    assert found.place.address.clear == name


def test_without_a_fix_there_is_no_best() -> None:
    assert best([]) is None


def test_of_very_many_the_chosen_and_the_newest_stay() -> None:
    chosen = a_fix("chosen", chosen=True)
    many = kept([chosen, *(a_fix(str(n), n) for n in range(FIXES_KEPT + 5))])
    assert (len(many), many[0]) == (FIXES_KEPT, chosen)
    assert many[-1].place == a_fix(str(FIXES_KEPT + 4)).place
    assert len(kept([chosen] * (FIXES_KEPT + 3))) == FIXES_KEPT


# --- over HTTP

CELL_BODY = {"lat": 0.1, "lon": 100.1, "uncertainty_m": 2000}
DEVICE = {"lat": 0.12, "lon": 100.12, "uncertainty_m": 30, "source": "device"}


async def test_a_late_position_of_the_network_does_not_move_what_is_known_better(
    desk: Desk, arrive: Arrive, kit: Kit
) -> None:
    call = await arrive(caller_location=CELL_BODY)
    path = f"/v1/calls/{call['id']}/fixes"
    assert (await desk("POST", path, DEVICE)).json()["caller_location"]["lat"] == 0.12
    kit.clock.advance(20)
    later = await desk("POST", path, {**CELL_BODY, "lat": 0.3, "source": "network"}, "cti")
    assert later.status_code == 200
    found = (await desk("GET", f"/v1/calls/{call['id']}")).json()
    assert (found["caller_location"]["lat"], found["caller_zone"]["owner"]) == (0.12, "99.01")
    shown = [(fix["source"], fix["place"]["uncertainty_m"], fix["best"]) for fix in found["fixes"]]
    assert shown == [("network", 2000, False), ("device", 30, True), ("network", 2000, False)]


async def test_what_a_person_chose_stands_and_an_exchange_chooses_nothing(desk: Desk, arrive: Arrive) -> None:
    call = await arrive(caller_location=CELL_BODY)
    path = f"/v1/calls/{call['id']}/fixes"
    market = {"lat": 0.2, "lon": 100.2, "source": "gazetteer", "chosen": True}
    assert (await desk("POST", path, market, "cti")).status_code == 403
    assert (await desk("POST", path, market)).status_code == 200
    assert (await desk("POST", path, DEVICE, "cti")).status_code == 200
    assert (await desk("GET", f"/v1/calls/{call['id']}")).json()["caller_location"]["lat"] == 0.2


async def test_the_emergencys_place_keeps_its_source_and_moves_by_people_alone(
    desk: Desk, arrive: Arrive, kit: Kit
) -> None:
    call = await arrive(caller_location=CELL_BODY)
    path = f"/v1/calls/{call['id']}"
    await desk("POST", f"{path}/answer", {})
    steps: list[dict[str, Any]] = [
        {"lat": 0.15, "lon": 100.15, "source": "map_link"},
        {"address": "depan masjid"},
        {"same_as_caller": True},
    ]
    for step in steps:
        assert (await desk("POST", f"{path}/location", step)).status_code == 200
    located = [heard.event.source for heard in await kit.said(CallLocated)]
    assert located == [FixSource.MAP_LINK, FixSource.TYPED, FixSource.NETWORK]
    found = (await desk("POST", f"{path}/fixes", DEVICE)).json()
    assert (found["location"]["lat"], found["caller_location"]["lat"]) == (0.1, 0.12)
    emergency = [(fix["source"], fix["best"]) for fix in found["fixes"] if fix["of"] == "emergency"]
    assert emergency == [("map_link", False), ("typed", False), ("network", True)]


async def test_the_same_position_told_twice_is_one_fix(desk: Desk, arrive: Arrive) -> None:
    call = await arrive()
    for _ in range(2):
        told = await desk("POST", f"/v1/calls/{call['id']}/fixes", DEVICE)
    assert (told.json()["version"], len(told.json()["fixes"])) == (2, 1)


@pytest.mark.parametrize(
    ("found_at", "code"), [("2024-02-19T03:06:00Z", "in_future"), ("2024-02-18T02:00:00Z", "older_than_a_day")]
)
async def test_a_moment_that_cannot_be_is_refused(desk: Desk, arrive: Arrive, found_at: str, code: str) -> None:
    call = await arrive()
    refused = await desk("POST", f"/v1/calls/{call['id']}/fixes", {**DEVICE, "found_at": found_at})
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, "#/found_at", code)


async def test_positions_go_with_their_period(desk: Desk, arrive: Arrive, kit: Kit, pack: Callable[..., Any]) -> None:
    await kit.configure(pack("99.01", 100, retention={"calls_days": 10, "positions_days": 5}), version=2)
    call = await arrive(caller_location=CELL_BODY)
    await desk("POST", f"/v1/calls/{call['id']}/fixes", DEVICE)
    kit.clock.advance(timedelta(days=6).total_seconds())
    await kit.runtime.sweeps.sweep()
    found = (await desk("GET", f"/v1/calls/{call['id']}")).json()
    assert {fix["place"]["lat"] for fix in found["fixes"]} == {None}
    assert found["caller_location"]["lat"] is None
