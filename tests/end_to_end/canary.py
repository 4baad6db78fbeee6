"""Somebody whose data can be told from everything else, led through all services, by every way that data can go."""

from functools import partial
from typing import Any
from uuid import uuid4

from sigap_cli.api import Api
from sigap_testing.eventually import eventually
from sigap_testing.receiver import Receiver, Reply

from .regency import DESK, DOOR, LAT, LON, agency, applied, door, emergency, incident_of, leader

NUMBER = "+6281277317731"
NAME, ADDRESS, NOTE = "Kenari Zwastika", "Gang Kutilang Biru 7731", "burung hantu menjerit"
WORDS = ("cucakrawa", "perkutut", "jalakbali", "murairawa", "gelatikjawa", "kasuariputih", "kepodangemas")
"""Said by the agencies, the receiver, the dispatcher (twice) and the planner."""

CANARIES = tuple(
    text.encode()
    for text in (NUMBER.removeprefix("+62"), "Kenari", "Zwastika", "Kutilang", "hantu menjerit", "kutilangemas", *WORDS)
)
COORDINATES = tuple(str(number).encode() for number in (LAT, LON))
"""Clear in the tables of intake and dispatch, which search by them; nowhere else."""


def told(step: str) -> dict[str, Any]:
    steps: dict[str, dict[str, Any]] = {
        "call": {
            "exchange_id": f"kutilangemas-{uuid4()}",
            "number": NUMBER,
            "caller_name": NAME,
            "caller_location": {"lat": LAT, "lon": LON},
        },
        "location": {"address": ADDRESS},
        "note": {"text": NOTE},
    }
    return steps.get(step, {})


async def led_through(url: str, code: str) -> None:
    """Returns when what was told has been everywhere."""
    async with Receiver(otherwise=Reply(body=WORDS[0].encode())) as receiver, leader(url, code) as api:
        await applied(api, code)
        await door(api, code, receiver.url)
        call = await emergency(api, code, told=told)
        incident = await incident_of(api, code, call)
        await eventually(lambda: any(NOTE.encode() in one.body for one in receiver.received), within=30)
        await _answered(url, code)
        await _ended(api, code, call, incident["id"])
        await _seen(api, code, call, incident["id"])


async def _answered(url: str, code: str) -> None:
    async with agency(url, code, DOOR) as fire, agency(url, code, DESK) as desk:
        for who, answer, body in (
            (fire, "acknowledge", {"text": WORDS[1]}),
            (desk, "decline", {"reason": "no_unit", "text": WORDS[2]}),
        ):
            forwardings = await eventually(partial(_listed, who))
            await who.post(f"/v1/forwardings/{forwardings[0]['id']}/{answer}", body)


async def _listed(api: Api) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get("/v1/forwardings"))["items"]
    return items


async def _ended(api: Api, code: str, call: str, incident: str) -> None:
    parts = (await api.get(f"/v1/incidents/{incident}"))["forwardings"]
    answer = {"response": "acknowledged", "spoke_to": WORDS[3], "channel": "telephone"}
    await api.post(f"/v1/incidents/{incident}/forwardings/{parts[0]['id']}/answers", answer)
    await api.post(f"/v1/incidents/{incident}/forwardings/{parts[0]['id']}/withdraw", {"reason": WORDS[6]})
    await api.post(f"/v1/calls/{call}/end", {"ended_by": "caller"})
    await api.post(f"/v1/incidents/{incident}/close", {"disposition": "resolved", "note": WORDS[4]})
    await api.post("/v1/staff", {"regency": code, "name": WORDS[5], "contact": NUMBER, "number": NUMBER})


async def _seen(api: Api, code: str, call: str, incident: str) -> None:
    """Whoever may, is shown it; what was asked is in no log either."""
    assert (await api.get(f"/v1/calls/{call}"))["caller_name"] == NAME
    for path in (f"/v1/calls/{call}/timeline", f"/v1/incidents/{incident}/timeline"):
        assert NOTE in str(await api.get(path, limit=200))
    await api.get("/v1/kpis/answered_within_15s", regency=code, **{"from": "2027-01-01", "to": "2027-01-01"})
