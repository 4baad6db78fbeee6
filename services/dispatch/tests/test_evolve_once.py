"""Each event of an incident is applied once on the way of a command: what was decided is what is recorded."""

from services.dispatch.tests.dispatch_histories import Desk

from sigap_dispatch.domain import evolve
from sigap_testing.counted import count_calls


async def test_each_event_of_an_incident_is_applied_once(desk: Desk) -> None:
    with count_calls(evolve) as calls:
        await desk.classified(1)
        incident = await desk.incident()
        path = f"/v1/incidents/{incident['id']}/forwardings/{incident['forwardings'][0]['id']}/answers"
        body = {"response": "on_scene", "spoke_to": "Pak Harun", "channel": "radio"}
        answer = await desk.ask("POST", path, body, "operator")
        assert answer.status_code == 200, answer.text
    timeline = await desk.timeline(incident)
    assert timeline[-2:] == ["IncidentAcknowledged", "IncidentStatusChanged"]
    assert calls() == len(timeline)
