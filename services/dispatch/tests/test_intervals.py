"""How long each phase took: turnout, travel, on scene and total."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import NOON, Desk, History, only

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import IncidentStatusChanged
from sigap_dispatch.domain.commands import RecordAnswer, Respond
from sigap_dispatch.domain.intervals import of_forwarding, of_incident, of_unit
from sigap_dispatch.domain.units import ReleaseUnit

EN_ROUTE, ON_SCENE, DONE = Response.EN_ROUTE, Response.ON_SCENE, Response.DONE


@pytest.fixture
def fire(history: History) -> History:
    """Answered 10 s before noon, forwarded at noon to the fire brigade and the police."""
    history.opens("fire", priority=2)
    return history


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def of_fire(history: History) -> dict[str, Any]:
    return asdict(of_forwarding(history.incident, history.forwarding("fire")))


def test_each_phase_is_the_time_between_two_steps(fire: History) -> None:
    assert of_fire(fire) == {
        "processing_s": 10,
        "turnout_s": None,
        "travel_s": None,
        "on_scene_s": None,
        "total_s": None,
    }
    for seconds, response in [(70, EN_ROUTE), (400, ON_SCENE), (1000, DONE)]:
        fire.at(seconds).responds("fire", response)
    assert of_fire(fire) == {
        "processing_s": 10,
        "turnout_s": 70,
        "travel_s": 330,
        "on_scene_s": 600,
        "total_s": 1010,
    }


def test_an_incidents_phases_are_of_the_first_to_come_and_end_with_the_last(fire: History) -> None:
    fire.at(30).responds("police", EN_ROUTE)
    fire.at(70).responds("fire", EN_ROUTE)
    fire.at(200).responds("fire", ON_SCENE)
    fire.at(300).responds("fire", DONE)
    assert asdict(of_incident(fire.incident)) == {
        "processing_s": 10,
        "turnout_s": 30,
        "travel_s": 170,
        "on_scene_s": None,
        "total_s": None,
    }
    fire.at(500).responds("police", DONE)
    after = of_incident(fire.incident)
    assert (after.on_scene_s, after.total_s) == (300, 510)


def test_a_skipped_step_leaves_its_phases_out(fire: History) -> None:
    fire.at(400).responds("fire", ON_SCENE)
    assert (of_fire(fire)["turnout_s"], of_fire(fire)["travel_s"]) == (None, None)


def test_a_time_that_was_given_afterwards_counts_as_it_was_given(fire: History) -> None:
    part = fire.forwarding("fire").id
    fire.at(90).when(RecordAnswer(part, EN_ROUTE, "radio", "Pak Harun"), by="sari")
    assert of_fire(fire)["turnout_s"] == 90
    fire.at(900).when(RecordAnswer(part, ON_SCENE, "radio", "Pak Harun", at=after(200)), by="sari")
    fire.at(1000).responds("fire", DONE)
    shown = of_fire(fire)
    assert (shown["travel_s"], shown["on_scene_s"], shown["total_s"]) == (110, 800, 1010)


def test_an_earlier_time_that_is_given_afterwards_replaces_the_first_one(fire: History) -> None:
    fire.at(400).responds("fire", ON_SCENE)
    part = fire.forwarding("fire").id
    for response, seconds in ((EN_ROUTE, 60), (ON_SCENE, 300), (ON_SCENE, 350)):
        fire.at(900).when(Respond(part, 1, response, "api", after(seconds)))
    shown = of_fire(fire)
    assert (shown["turnout_s"], shown["travel_s"]) == (60, 240)


def test_a_backfilled_incident_has_no_intervals(history: History) -> None:
    history.opens("fire", priority=2, backfilled=True, notify=True)
    history.at(70).responds("fire", EN_ROUTE)
    assert set(of_fire(history).values()) == {None}


def of_units(history: History) -> dict[str, dict[str, Any]]:
    part = history.forwarding("fire")
    return {unit.callsign: asdict(of_unit(history.incident, part, unit)) for unit in part.units}


def test_each_unit_has_its_own_phases(fire: History) -> None:
    fire.at(30).responds("fire", Response.ACKNOWLEDGED, beside=SaidBeside(units=("DAMKAR 1", "DAMKAR 2")))
    fire.at(70).responds("fire", EN_ROUTE, beside=SaidBeside(units=("DAMKAR 1",)))
    fire.at(100).responds("fire", EN_ROUTE, beside=SaidBeside(units=("DAMKAR 2",)))
    fire.at(400).responds("fire", ON_SCENE)
    fire.at(500).when(ReleaseUnit(fire.forwarding("fire").id, "DAMKAR 2", "moved", fire.now))
    fire.at(1000).responds("fire", DONE)
    assert of_units(fire) == {
        "DAMKAR 1": {"processing_s": 10, "turnout_s": 70, "travel_s": 330, "on_scene_s": 600, "total_s": 1010},
        "DAMKAR 2": {"processing_s": 10, "turnout_s": 100, "travel_s": 300, "on_scene_s": 100, "total_s": 510},
    }


def test_a_step_says_whose_it_is(fire: History) -> None:
    def units_of(events: list[Event]) -> tuple[str, ...]:
        [changed] = only(IncidentStatusChanged, events)
        return changed.of_units

    fire.responds("fire", Response.ACKNOWLEDGED, beside=SaidBeside(units=("DAMKAR 1", "DAMKAR 2")))
    assert units_of(fire.responds("fire", EN_ROUTE, beside=SaidBeside(units=("DAMKAR 3",)))) == ("DAMKAR 3",)
    fire.when(ReleaseUnit(fire.forwarding("fire").id, "DAMKAR 2", "moved", fire.now))
    assert units_of(fire.at(60).responds("fire", ON_SCENE)) == ("DAMKAR 1", "DAMKAR 3")


def test_what_took_longer_than_a_day_is_unmeasured(fire: History) -> None:
    fire.at(25 * 3600).responds("fire", EN_ROUTE)
    assert of_fire(fire)["turnout_s"] is None


async def test_board_and_incident_show_the_intervals(desk: Desk) -> None:
    await desk.classified(1)
    part = await desk.part("fire")
    desk.kit.clock.advance(45)
    await part.hear(part.responded(EN_ROUTE).model_copy(update={"units": ("DAMKAR 1",)}))
    shown = (await part.shown())["intervals"]
    [unit] = (await part.shown())["units"]
    assert unit["intervals"] == shown
    incident = (await desk.ask("GET", f"/v1/incidents/{part.incident_id}")).json()
    assert shown == {"processing_s": 10, "turnout_s": 45, "travel_s": None, "on_scene_s": None, "total_s": None}
    assert incident["intervals"] == (await desk.incident())["intervals"] == shown


async def test_a_step_that_the_agency_reports_afterwards_has_both_times_on_the_timeline(desk: Desk) -> None:
    await desk.classified(1)
    part = await desk.part("fire")
    at, recorded_at = desk.kit.clock() + timedelta(seconds=60), desk.kit.clock() + timedelta(seconds=1800)
    desk.kit.clock.advance(1800)
    for response in (ON_SCENE, EN_ROUTE):
        told = {"at": at, "recorded_at": recorded_at, "clock": "agency"}
        await part.hear(part.responded(response).model_copy(update=told))
        at -= timedelta(seconds=30)
    shown = await part.shown()
    assert (shown["intervals"]["turnout_s"], shown["intervals"]["travel_s"]) == (30, 30)
    assert shown["state"] == "on_scene"
    assert shown["delivered_at"] == recorded_at.isoformat().replace("+00:00", "Z"), "its own time proves nothing"
    entries = (await desk.ask("GET", f"/v1/incidents/{part.incident_id}/timeline")).json()["items"]
    steps = [entry for entry in entries if entry["type"].startswith("sigap.IncidentStatusChanged")]
    said = [entry["event"] for entry in steps]
    assert {(one["at"] < one["recorded_at"], one["clock"]) for one in said} == {(True, "agency")}
