"""How long each phase took: turnout, travel, on scene and total."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import NOON, Desk, History

from sigap_common.contracts.agencies import Response
from sigap_dispatch.domain.commands import RecordAnswer
from sigap_dispatch.domain.intervals import of_forwarding, of_incident

EN_ROUTE, ON_SCENE, DONE = Response.EN_ROUTE, Response.ON_SCENE, Response.DONE


@pytest.fixture
def fire(history: History) -> History:
    """Answered 10 s before noon, forwarded at noon to the fire brigade and the police."""
    history.opens("fire", priority=2)
    return history


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


def test_a_time_that_a_person_gave_afterwards_is_in_no_interval(fire: History) -> None:
    part = fire.forwarding("fire").id
    fire.at(90).when(RecordAnswer(part, EN_ROUTE, "radio", "Pak Harun"), by="sari")
    assert of_fire(fire)["turnout_s"] == 90
    earlier = NOON + timedelta(seconds=200)
    fire.at(900).when(RecordAnswer(part, ON_SCENE, "radio", "Pak Harun", at=earlier), by="sari")
    assert fire.forwarding("fire").on_scene_at == earlier
    assert of_fire(fire)["travel_s"] is None
    fire.at(1000).responds("fire", DONE)
    assert (of_fire(fire)["on_scene_s"], of_fire(fire)["total_s"]) == (None, 1010)


def test_what_took_longer_than_a_day_is_unmeasured(fire: History) -> None:
    fire.at(25 * 3600).responds("fire", EN_ROUTE)
    assert of_fire(fire)["turnout_s"] is None


async def test_board_and_incident_show_the_intervals(desk: Desk) -> None:
    await desk.classified(1)
    part = await desk.part("fire")
    desk.kit.clock.advance(45)
    await part.hear(part.responded(EN_ROUTE))
    shown = (await part.shown())["intervals"]
    incident = (await desk.ask("GET", f"/v1/incidents/{part.incident_id}")).json()
    assert shown == {"processing_s": 10, "turnout_s": 45, "travel_s": None, "on_scene_s": None, "total_s": None}
    assert incident["intervals"] == (await desk.incident())["intervals"] == shown
