"""What one of us takes down for an agency is told everywhere as taken down, progress as well as answers."""

from typing import get_args

import pytest
from services.dispatch.tests.dispatch_histories import Desk, History, Shown, answers

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import ON_BEHALF_CHANNELS, IncidentAcknowledged, IncidentStatusChanged
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.commands import RecordAnswer
from sigap_dispatch.schemas.orders import RecordAgencyAnswer
from sigap_dispatch.visibility import POLICY
from sigap_testing.histories import then

PROGRESS = [Response.EN_ROUTE, Response.ON_SCENE, Response.DONE]
CHANNELS = ["telephone", "radio"]


def test_answers_are_taken_down_by_the_channels_that_figures_count_as_such() -> None:
    assert set(get_args(RecordAgencyAnswer.model_fields["channel"].annotation)) == ON_BEHALF_CHANNELS


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("progress", PROGRESS)
def test_progress_that_we_take_down_says_so_in_each_of_its_events(
    history: History, progress: Response, channel: str
) -> None:
    history.opens("fire")
    events = history.when(RecordAnswer(history.forwarding("fire").id, progress, channel, "Pak Harun"), by="sari")
    then(events, IncidentAcknowledged, IncidentStatusChanged)
    told = answers(events)
    assert {(e.on_behalf, e.channel, e.spoke_to, e.by) for e in told} == {(True, channel, Sealed("Pak Harun"), "sari")}


@pytest.mark.parametrize("progress", PROGRESS)
def test_progress_that_the_agency_reports_is_its_own(history: History, progress: Response) -> None:
    history.opens("fire")
    events = history.responds("fire", progress)
    then(events, IncidentAcknowledged, IncidentStatusChanged)
    assert {(e.on_behalf, e.channel, e.spoke_to) for e in answers(events)} == {(False, "desk", None)}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("progress", PROGRESS)
async def test_timeline_and_stream_show_who_took_it_down_and_from_whom(
    desk: Desk, progress: Response, channel: str
) -> None:
    await desk.classified(1)
    incident = await desk.incident()
    (forwarding,) = [f for f in incident["forwardings"] if f["agency"] == "99.01/fire"]
    path = f"/v1/incidents/{incident['id']}"
    body = {"response": progress.value, "spoke_to": "Pak Harun", "channel": channel}
    answer = await desk.ask("POST", f"{path}/forwardings/{forwarding['id']}/answers", body, "operator")
    assert answer.status_code == 200, answer.text
    timeline = (await desk.ask("GET", f"{path}/timeline")).json()["items"]
    told = [entry["event"] for entry in timeline if "on_behalf" in entry["event"]]
    access = await desk.kit.runtime.verifier.verify(desk.kit.token("dispatcher", regencies=("99.01",)))
    said = await desk.kit.said(IncidentAcknowledged, IncidentStatusChanged)
    streamed = [POLICY.event(one, access) or {} for one in said]
    for events in (told, streamed):
        marks = [(event["on_behalf"], event["channel"], event["spoke_to"], event["by"]) for event in events]
        assert marks == [(True, channel, "Pak Harun", "tester")] * 2


async def board_and_incident(desk: Desk) -> list[Shown]:
    """The fire brigade's part on the board, and in the incident by itself."""
    listed = await desk.incident()
    alone = (await desk.ask("GET", f"/v1/incidents/{listed['id']}")).json()
    return [part for one in (listed, alone) for part in one["forwardings"] if part["agency"] == "99.01/fire"]


async def take_down(desk: Desk, response: str, **more: str) -> None:
    incident, (part, _) = await desk.incident(), await board_and_incident(desk)
    body = {"response": response, "spoke_to": "Pak Harun", "channel": "telephone", **more}
    answer = await desk.ask(
        "POST", f"/v1/incidents/{incident['id']}/forwardings/{part['id']}/answers", body, "operator"
    )
    assert answer.status_code == 200, answer.text
    [answered] = [one for one in answer.json()["forwardings"] if one["id"] == part["id"]]
    assert answered["on_behalf"] == (await board_and_incident(desk))[0]["on_behalf"]


@pytest.mark.parametrize("progress", PROGRESS)
async def test_the_board_marks_progress_that_we_took_down(desk: Desk, progress: Response) -> None:
    await desk.classified(1)
    await take_down(desk, progress.value)
    for part in await board_and_incident(desk):
        assert (part["state"], part["on_behalf"]) == (progress, ["acknowledged", progress])


async def test_the_board_marks_each_moment_by_who_said_it(desk: Desk) -> None:
    await desk.classified(1)
    fire = await desk.part("fire")
    await fire.hear(fire.responded(Response.ACKNOWLEDGED))
    await take_down(desk, "en_route")
    await fire.hear(fire.responded(Response.ON_SCENE))
    for part in await board_and_incident(desk):
        assert (part["state"], part["on_behalf"]) == ("on_scene", ["en_route"])


async def test_what_the_agency_repeats_was_still_taken_down_first(desk: Desk) -> None:
    """The moment that is shown is that of the first, so is its mark."""
    await desk.classified(1)
    await take_down(desk, "en_route")
    part, _ = await board_and_incident(desk)
    desk.kit.clock.advance(60)
    fire = await desk.part("fire")
    await fire.hear(fire.responded(Response.EN_ROUTE))
    for after in await board_and_incident(desk):
        assert (after["en_route_at"], after["on_behalf"]) == (part["en_route_at"], ["acknowledged", "en_route"])


async def test_a_decline_that_we_took_down_is_marked_until_the_agency_comes(desk: Desk) -> None:
    await desk.classified(1)
    await take_down(desk, "declined", reason="no_unit")
    part, _ = await board_and_incident(desk)
    assert (part["declined_at"] is not None, part["on_behalf"]) == (True, ["declined"])
    desk.kit.clock.advance(60)
    fire = await desk.part("fire")
    await fire.hear(fire.responded(Response.EN_ROUTE))
    for after in await board_and_incident(desk):
        assert (after["state"], after["declined_at"], after["on_behalf"]) == ("en_route", None, [])
