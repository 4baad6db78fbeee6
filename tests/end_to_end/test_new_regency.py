"""A fifth regency, from a pack that nobody wrote code for, in a system that is running already."""

import json

from standardwebhooks.webhooks import Webhook

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually
from sigap_testing.patience import patience
from sigap_testing.receiver import Receiver

from .regency import DESK, DOOR, KIND, LAT, LON, applied, door, emergency, incident_of, leader, part_of, trace

CODE = "99.71"
WITHIN_SECONDS = 5.0


async def test_it_works_in_every_service_within_five_seconds_and_without_a_restart(single_host: SingleHost) -> None:
    process = single_host.processes["sigap"]
    before = (process.pid, list(process.exits))
    async with Receiver() as receiver, leader(single_host.url, CODE) as api:
        await api.get("/v1/me")  # a token is fetched before the clock runs
        await applied(api, CODE, within=patience(WITHIN_SECONDS))
        await _is_known_everywhere(api)
        await _flows_to_its_agency(api, receiver)
    assert (process.pid, process.exits) == before


async def _is_known_everywhere(api: Api) -> None:
    assert (await api.get("/v1/zones", lat=LAT, lon=LON))["owner"] == CODE
    assert KIND in [kind["code"] for kind in (await api.get("/v1/incident-types", regency=CODE))["items"]]
    (pattern,) = (await api.get("/v1/shift-patterns", regency=CODE))["items"]
    assert [shift["code"] for shift in pattern["shifts"]] == ["penuh"]
    (plan,) = (await api.get("/v1/response-plans", regency=CODE))["items"]
    assert (plan["incident_type"], plan["agencies"]) == (KIND, [f"{CODE}/{DOOR}", f"{CODE}/{DESK}"])
    day = {"from": "2027-01-01", "to": "2027-01-01"}
    assert (await api.get("/v1/reports/summary", regency=CODE, **day))["figures"]


async def _flows_to_its_agency(api: Api, receiver: Receiver) -> None:
    secret = await door(api, CODE, receiver.url)
    call = await emergency(api, CODE)
    incident = await incident_of(api, CODE, call)
    assert incident["number"].startswith("E9971-")
    webhook = await eventually(lambda: next(iter(receiver.received), None))
    Webhook(secret).verify(webhook.body, dict(webhook.headers))
    notice = json.loads(webhook.body)
    assert notice["agency"] == f"{CODE}/{DOOR}"
    assert notice["incident"]["type"] == {"code": KIND, "label": {"id": "Gas bocor", "en": "Gas leak"}}
    assert (notice["incident"]["place"]["lat"], notice["incident"]["place"]["lon"]) == (LAT, LON)

    async def delivered() -> bool:
        return bool((await part_of(api, incident["id"], DOOR))["delivered_by"] == "webhook")

    await eventually(delivered)


async def test_a_trace_runs_from_the_classification_to_the_agency_s_webhook(single_host: SingleHost) -> None:
    code = "99.72"
    trace_id, traceparent = trace()
    async with Receiver() as receiver, leader(single_host.url, code) as api:
        await applied(api, code)
        await door(api, code, receiver.url)
        call = await api.post("/v1/calls", {"regency": code, "channel": "telephone"})
        path = f"/v1/calls/{call['id']}"
        await api.post(f"{path}/answer")
        said = {"call_class": "emergency", "incident_type": KIND}
        await api.send("POST", f"{path}/classification", json=said, headers={"traceparent": traceparent})
        webhook = await eventually(lambda: next(iter(receiver.received), None))
    assert webhook.headers["traceparent"].split("-")[1] == trace_id
