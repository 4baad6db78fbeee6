"""Units: an agency names what it sends; a unit works for one incident at a time and is never reset silently."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import NOON, PACK, REGENCY, Desk, History, Part, Shown, a_pack

from sigap_common.contracts.agencies import AgencyResponded, Response
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.units import UnitReleased
from sigap_dispatch.domain.commands import Close, RecordAnswer, Respond, Withdraw
from sigap_dispatch.domain.units import ReleaseUnit, status

ACKNOWLEDGED, EN_ROUTE = Response.ACKNOWLEDGED, Response.EN_ROUTE
ON_SCENE, DONE, DECLINED = Response.ON_SCENE, Response.DONE, Response.DECLINED
ONE, TWO = "DAMKAR 1", "DAMKAR 2"


@pytest.fixture
def fire(history: History) -> History:
    history.opens("fire", priority=2)
    return history


def sends(*callsigns: str) -> SaidBeside:
    return SaidBeside(units=callsigns)


def statuses(history: History) -> dict[str, str]:
    part = history.forwarding("fire")
    return {unit.callsign: status(part, unit).value for unit in part.units}


def test_a_units_status_follows_the_steps_of_its_agency(fire: History) -> None:
    fire.responds("fire", ACKNOWLEDGED, beside=sends(ONE, TWO))
    assert statuses(fire) == {ONE: "assigned", TWO: "assigned"}
    fire.at(60).responds("fire", EN_ROUTE, beside=sends(ONE))
    assert statuses(fire) == {ONE: "en_route", TWO: "assigned"}
    fire.at(300).responds("fire", ON_SCENE)
    assert statuses(fire) == {ONE: "on_scene", TWO: "on_scene"}
    fire.at(900).responds("fire", DONE)
    assert statuses(fire) == {ONE: "available", TWO: "available"}


def test_the_earliest_time_of_a_step_counts_in_any_order(fire: History) -> None:
    part = fire.forwarding("fire").id
    late, early = NOON + timedelta(seconds=300), NOON + timedelta(seconds=200)
    for response, at in ((ON_SCENE, late), (ON_SCENE, early), (EN_ROUTE, NOON)):
        fire.when(Respond(part, 1, response, "api", at, beside=sends(ONE)))
    [unit] = fire.forwarding("fire").units
    assert (unit.en_route_at, unit.on_scene_at) == (NOON, early)


def test_a_unit_that_stands_down_is_out_until_its_agency_confirms(fire: History) -> None:
    fire.responds("fire", EN_ROUTE, beside=sends(ONE))
    fire.when(Withdraw(fire.forwarding("fire").id, "padam"), by="sari")
    assert statuses(fire) == {ONE: "en_route"}
    fire.responds("fire", ACKNOWLEDGED, revision=2)
    assert statuses(fire) == {ONE: "available"}


def test_a_unit_that_left_stays_away_unless_it_is_named_again(fire: History) -> None:
    fire.responds("fire", EN_ROUTE, beside=sends(ONE, TWO))
    part = fire.forwarding("fire").id
    [released] = fire.at(60).when(ReleaseUnit(part, ONE, "moved", fire.now))
    assert isinstance(released, UnitReleased)
    assert fire.when(ReleaseUnit(part, ONE, "moved", fire.now)) == []
    fire.at(90).responds("fire", ON_SCENE)
    assert statuses(fire) == {ONE: "available", TWO: "on_scene"}
    fire.at(120).responds("fire", ON_SCENE, beside=sends(ONE))
    assert statuses(fire)[ONE] == "on_scene"
    fire.when(Close("doused"), by="sari")


def test_an_agency_that_declines_keeps_its_units_back_and_names_them_anew_if_it_comes_after_all(fire: History) -> None:
    fire.responds("fire", EN_ROUTE, beside=sends(ONE))
    fire.at(60).responds("fire", DECLINED)
    fire.at(120).responds("fire", ACKNOWLEDGED)
    assert statuses(fire) == {ONE: "available"}
    fire.at(130).responds("fire", EN_ROUTE, beside=sends(ONE, TWO))
    assert statuses(fire) == {ONE: "en_route", TWO: "en_route"}


def test_a_unit_that_was_named_again_after_the_decline_goes_on_although_the_decline_is_heard_late(
    fire: History,
) -> None:
    part = fire.forwarding("fire").id
    for response, seconds in ((ACKNOWLEDGED, 0), (ACKNOWLEDGED, 90), (DECLINED, 60)):
        at = NOON + timedelta(seconds=seconds)
        fire.when(Respond(part, 1, response, "api", at, beside=SaidBeside() if response is DECLINED else sends(ONE)))
    assert statuses(fire) == {ONE: "assigned"}


@pytest.mark.parametrize("order", list(permutations(((DECLINED, 60), (EN_ROUTE, 10), (ON_SCENE, 30)))))
def test_a_decline_keeps_no_unit_back_if_the_agency_was_on_scene_before_in_whatever_order_it_is_heard(
    fire: History, order: Sequence[tuple[Response, float]]
) -> None:
    part = fire.forwarding("fire").id
    named = {EN_ROUTE: sends(ONE), ON_SCENE: sends(ONE, TWO)}
    for response, seconds in order:
        at = NOON + timedelta(seconds=seconds)
        fire.when(Respond(part, 1, response, "api", at, beside=named.get(response, SaidBeside())))
    assert statuses(fire) == {ONE: "on_scene", TWO: "on_scene"}


@pytest.mark.parametrize("order", list(permutations(((DECLINED, 60), (EN_ROUTE, 30), (ACKNOWLEDGED, 90)))))
def test_what_was_named_before_the_decline_sends_nothing_in_whatever_order_it_is_heard(
    fire: History, order: Sequence[tuple[Response, float]]
) -> None:
    part = fire.forwarding("fire").id
    for response, seconds in order:
        at = NOON + timedelta(seconds=seconds)
        fire.when(Respond(part, 1, response, "api", at, beside=sends(ONE) if response is EN_ROUTE else SaidBeside()))
    assert statuses(fire) == {ONE: "available"}


def test_the_same_acknowledgement_with_units_that_is_recorded_twice_is_one_fact(fire: History) -> None:
    said = RecordAnswer(fire.forwarding("fire").id, ACKNOWLEDGED, "radio", "Pak Harun", beside=sends(ONE))
    assert len(fire.when(said, by="sari")) == 1
    assert fire.at(60).when(said, by="sari") == []


async def units(desk: Desk, *roles: str, **query: str) -> dict[str, tuple[str, str | None]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await desk.ask("GET", f"/v1/units?regency={REGENCY}&{asked}", None, *roles)
    assert answer.status_code == 200, answer.text
    return {one["callsign"]: (one["status"], one["number"]) for one in answer.json()["items"]}


async def two_fires(desk: Desk) -> tuple[Part, Part]:
    """The fire brigade's parts in two incidents."""
    await desk.classified(1)
    await desk.classified(2)
    second, first = await desk.incidents()
    return await desk.part("fire", first), await desk.part("fire", second)


async def names(part: Part, response: Response, *callsigns: str, seconds: float = 0, release: bool = False) -> None:
    told = {"response": response, "channel": "api", "units": callsigns, "release": release}
    await part.hear(part.event(AgencyResponded, seconds, **told))


def number(incidents: list[Shown], part: Part) -> str:
    return next(str(one["number"]) for one in incidents if one["id"] == str(part.incident_id))


async def recorded(desk: Desk, part: Part, **more: Any) -> Any:
    body = {"response": "en_route", "spoke_to": "Pak Harun", "channel": "radio"} | more
    path = f"/v1/incidents/{part.incident_id}/forwardings/{part.id}/answers"
    return await desk.ask("POST", path, body)


async def test_the_list_shows_what_each_unit_does(desk: Desk) -> None:
    first, second = await two_fires(desk)
    known = await desk.incidents()
    await names(first, EN_ROUTE, ONE)
    await names(second, ACKNOWLEDGED, TWO)
    assert await units(desk) == {ONE: ("en_route", number(known, first)), TWO: ("assigned", number(known, second))}
    assert await units(desk, status="assigned") == {TWO: ("assigned", number(known, second))}
    assert await units(desk, agency=f"{REGENCY}/police") == {}
    assert [unit["status"] for unit in (await first.shown())["units"]] == ["en_route"]
    await names(first, DONE, seconds=60)
    assert (await units(desk))[ONE] == ("available", None)


async def test_a_busy_unit_is_refused_and_moves_if_the_agency_says_so(desk: Desk) -> None:
    first, second = await two_fires(desk)
    known = await desk.incidents()
    await names(first, EN_ROUTE, ONE)
    refused = await recorded(desk, second, units=["Damkar  1"])
    assert refused.status_code == 409, refused.text
    assert number(known, first) in refused.json()["detail"]
    assert (await units(desk))[ONE] == ("en_route", number(known, first))
    moved = await recorded(desk, second, units=["Damkar 1"], release=True)
    assert moved.status_code == 200, moved.text
    assert (await units(desk))[ONE] == ("en_route", number(known, second))
    for incident, event in ((first, "UnitReleased"), (second, "IncidentStatusChanged")):
        assert event in await desk.timeline({"id": incident.incident_id})
    [left] = (await first.shown())["units"]
    assert (left["status"], left["released_at"] is not None) == ("available", True)


async def test_an_agency_that_comes_after_all_takes_no_unit_from_where_it_was_sent_meanwhile(desk: Desk) -> None:
    first, second = await two_fires(desk)
    known = await desk.incidents()
    await names(first, EN_ROUTE, ONE)
    await names(first, DECLINED, seconds=10)
    await names(second, EN_ROUTE, ONE, seconds=20)
    await names(first, ACKNOWLEDGED, seconds=30)
    assert await units(desk) == {ONE: ("en_route", number(known, second))}


async def test_an_agencys_own_naming_moves_a_unit_and_both_timelines_say_so(desk: Desk) -> None:
    first, second = await two_fires(desk)
    known = await desk.incidents()
    await names(first, EN_ROUTE, ONE)
    await names(second, EN_ROUTE, ONE, seconds=10)
    assert await units(desk) == {ONE: ("en_route", number(known, second))}
    [told] = await desk.kit.said(UnitReleased)
    assert told.event.how == "named_elsewhere"


async def test_a_naming_that_arrives_late_takes_no_unit_back(desk: Desk) -> None:
    first, second = await two_fires(desk)
    known = await desk.incidents()
    await names(second, EN_ROUTE, ONE, seconds=10, release=True)
    await names(first, EN_ROUTE, ONE)
    assert await units(desk) == {ONE: ("en_route", number(known, second))}
    assert [unit["status"] for unit in (await first.shown())["units"]] == ["available"]


async def test_a_unit_that_was_named_again_stays_although_a_naming_before_that_arrives_late(desk: Desk) -> None:
    first, second = await two_fires(desk)
    known = await desk.incidents()
    await names(first, EN_ROUTE, ONE)
    await names(first, ON_SCENE, ONE, seconds=20)
    await names(second, EN_ROUTE, ONE, seconds=10, release=True)
    assert await units(desk) == {ONE: ("on_scene", number(known, first))}
    assert [unit["status"] for unit in (await second.shown())["units"]] == ["available"]


@pytest.mark.parametrize("by_telephone", [True, False])
async def test_a_naming_that_arrives_late_does_not_send_a_unit_that_was_named_since_and_is_free(
    desk: Desk, by_telephone: bool
) -> None:
    first, second = await two_fires(desk)
    earlier = (desk.now + timedelta(seconds=10)).isoformat()
    await names(second, EN_ROUTE, ONE, seconds=20)
    await names(second, DONE, seconds=30)
    desk.kit.clock.advance(60)
    if by_telephone:
        assert (await recorded(desk, first, units=[ONE], at=earlier)).status_code == 200
    else:
        await names(first, EN_ROUTE, ONE, seconds=-50)
    assert await units(desk) == {ONE: ("available", None)}
    assert (await first.shown())["state"] == "en_route"
    await names(first, ON_SCENE, ONE)
    assert (await units(desk))[ONE][0] == "on_scene", "it is named anew"


async def test_an_answer_that_is_recorded_afterwards_takes_no_unit_back(desk: Desk) -> None:
    first, second = await two_fires(desk)
    known = await desk.incidents()
    earlier = desk.kit.clock().isoformat()
    desk.kit.clock.advance(600)
    assert (await recorded(desk, second, units=[ONE])).status_code == 200
    answer = await recorded(desk, first, units=[ONE], at=earlier)
    assert answer.status_code == 200, answer.text
    assert await units(desk) == {ONE: ("en_route", number(known, second))}
    [unit] = (await first.shown())["units"]
    assert (unit["status"], unit["en_route_at"] is not None) == ("available", True)
    assert (await recorded(desk, first, units=[ONE], response="on_scene")).status_code == 409


async def test_of_two_who_name_a_unit_at_once_one_wins(desk: Desk) -> None:
    first, second = await two_fires(desk)
    known = await desk.incidents()
    answers = await asyncio.gather(*(recorded(desk, part, units=[ONE]) for part in (first, second)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner = next(part for part, answer in zip((first, second), answers, strict=True) if answer.status_code == 200)
    assert await units(desk) == {ONE: ("en_route", number(known, winner))}


async def test_an_agency_sees_its_own_units_and_nobody_a_hidden_incident(desk: Desk) -> None:
    await desk.classified(1, kind="domestic_violence")
    [incident] = (await desk.ask("GET", "/v1/incidents", None, "supervisor")).json()["items"]
    police = await desk.part("police", incident)
    await names(police, EN_ROUTE, "SABHARA 7")
    await desk.classified(2)
    listed = (await desk.ask("GET", f"/v1/units?regency={REGENCY}", None, "operator")).json()["items"]
    assert [(one["status"], one["hidden"], one["incident_id"], one["number"]) for one in listed] == [
        ("en_route", True, None, None)
    ]
    assert await units(desk, "supervisor") == {"SABHARA 7": ("en_route", incident["number"])}
    other = await desk.ask("GET", "/v1/incidents?incident_type=fire")
    fire = await desk.part("police", other.json()["items"][0])
    refused = await recorded(desk, fire, units=["Sabhara 7"])
    assert refused.status_code == 409
    assert incident["number"] not in refused.text
    for agency, seen in ((f"{REGENCY}/police", 1), (f"{REGENCY}/fire", 0)):
        bearer = desk.kit.bearer("agency", regencies=[REGENCY], agency=agency)
        answer = await desk.kit.client.get(f"/v1/units?regency={REGENCY}", headers=bearer)
        assert len(answer.json()["items"]) == seen, answer.text


async def test_a_drill_keeps_no_unit_busy(desk: Desk) -> None:
    await desk.classified(1, drill=True)
    [incident] = await desk.incidents(drill="true")
    part = await desk.part("drill", incident)
    await part.desk.kit.hear(
        part.event(AgencyResponded, response=EN_ROUTE, channel="api", units=(ONE,)),
        subject=str(part.id),
        regency=REGENCY,
        drill=True,
    )
    assert await units(desk) == {}


@pytest.mark.parametrize("wrong", [["x" * 41], [" "], ["a\nb"], ["A"] * 21])
async def test_a_callsign_that_cannot_be_is_refused(desk: Desk, wrong: list[str]) -> None:
    await desk.classified(1)
    answer = await recorded(desk, await desk.part("fire"), units=wrong)
    assert answer.status_code == 422
    assert await units(desk) == {}


async def test_units_of_the_pack_are_listed_before_they_are_sent(desk: Desk) -> None:
    fire = {"code": "fire", "name": "Fire", "kind": "fire"}
    listed = [{"callsign": "Damkar 1", "kind": "fire_engine", "capabilities": ["pump"]}, {"callsign": "Damkar 2"}]
    agencies = [fire | {"units": listed}, *PACK["agencies"][1:]]
    await desk.kit.configure(a_pack(agencies=agencies), version=2)
    assert await units(desk) == {ONE: ("available", None), TWO: ("available", None)}
    await desk.classified(1)
    await names(await desk.part("fire"), EN_ROUTE, ONE, "SEWAAN")
    answer = (await desk.ask("GET", f"/v1/units?regency={REGENCY}")).json()["items"]
    shown = [(one["callsign"], one["status"], one["listed"], one["kind"], one["capabilities"]) for one in answer]
    assert shown == [
        (ONE, "en_route", True, "fire_engine", ["pump"]),
        (TWO, "available", True, None, []),
        ("SEWAAN", "en_route", False, None, []),
    ]
