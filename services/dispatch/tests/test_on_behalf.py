"""What one of us takes down for an agency is told everywhere as taken down, progress as well as answers."""

from typing import Any

import pytest

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import IncidentAcknowledged, IncidentStatusChanged
from sigap_dispatch.domain.commands import RecordAnswer, Respond
from sigap_dispatch.visibility import POLICY

PROGRESS = [Response.EN_ROUTE, Response.ON_SCENE, Response.DONE]
CHANNELS = ["telephone", "radio"]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("progress", PROGRESS)
def test_progress_that_we_take_down_says_so_in_each_of_its_events(
    history: Any, tell: Any, progress: Response, channel: str
) -> None:
    history.opens("fire")
    events = history.when(RecordAnswer(history.forwarding("fire").id, progress, channel, "Pak Harun"), by="sari")
    assert tell.names(events) == ["IncidentAcknowledged", "IncidentStatusChanged"]
    assert {(e.on_behalf, e.channel, e.spoke_to.clear, e.by) for e in events} == {(True, channel, "Pak Harun", "sari")}


@pytest.mark.parametrize("progress", PROGRESS)
def test_progress_that_the_agency_reports_is_its_own(history: Any, tell: Any, progress: Response) -> None:
    history.opens("fire")
    events = history.when(Respond(history.forwarding("fire").id, 1, progress, "desk", history.now))
    assert tell.names(events) == ["IncidentAcknowledged", "IncidentStatusChanged"]
    assert {(e.on_behalf, e.channel, e.spoke_to) for e in events} == {(False, "desk", None)}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("progress", PROGRESS)
async def test_timeline_and_stream_show_who_took_it_down_and_from_whom(
    desk: Any, progress: Response, channel: str
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
    streamed = [POLICY.event(one, access) for one in said]
    for events in (told, streamed):
        marks = [(event["on_behalf"], event["channel"], event["spoke_to"], event["by"]) for event in events]
        assert marks == [(True, channel, "Pak Harun", "tester")] * 2
