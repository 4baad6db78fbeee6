"""An agency without any system of its own: it looks at its desk, acknowledges, and dispatch sees both."""

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from sigap_cli.api import Api
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually

from .regency import DESK, agency, applied, emergency, incident_of, leader, listening, part_of

CODE = "99.73"


async def delivered_by_desk(api: Api, incident: str) -> bool:
    """Whether dispatch knows that the desk has the incident."""
    return bool((await part_of(api, incident, DESK))["delivered_by"] == "desk")


async def test_a_list_answer_delivers_and_an_acknowledgement_reaches_dispatch(single_host: SingleHost) -> None:
    async with leader(single_host.url, CODE) as api, agency(single_host.url, CODE, DESK) as desk:
        await applied(api, CODE)
        incident = (await incident_of(api, CODE, await emergency(api, CODE)))["id"]

        async def given() -> bool:
            return bool((await api.get("/v1/forwardings", agency=f"{CODE}/{DESK}"))["items"])

        await eventually(given)
        assert (await part_of(api, incident, DESK))["delivered_at"] is None  # a dispatcher's look is no delivery
        (forwarding,) = (await desk.get("/v1/forwardings"))["items"]

        await eventually(partial(delivered_by_desk, api, incident))
        await desk.post(f"/v1/forwardings/{forwarding['id']}/acknowledge", {"text": "Berangkat"})

        async def acknowledged() -> bool:
            return bool((await part_of(api, incident, DESK))["state"] == "acknowledged")

        await eventually(acknowledged)
        timeline = (await api.get(f"/v1/incidents/{incident}/timeline", limit=200))["items"]
        assert "sigap.IncidentAcknowledged.v1" in [entry["type"] for entry in timeline]
        (delivery,) = (await api.get("/v1/deliveries", forwarding_id=forwarding["id"]))["items"]
        assert (delivery["state"], delivery["channel"]) == ("delivered", "desk")


STREAM = "/v1/forwardings/stream"


async def ticket(api: Api) -> str:
    issued: str = (await api.post(f"{STREAM}-tickets"))["ticket"]
    return issued


async def told(events: AsyncIterator[tuple[str, str, str]], name: str, code: str) -> dict[str, Any]:
    """The next message of that name that is about the desk's agency."""
    async for _, event, data in events:
        message: dict[str, Any] = json.loads(data)
        if event == name and message["event"]["agency"] == f"{code}/{DESK}":
            return message
    raise AssertionError("the stream ended")


async def test_a_stream_s_message_to_the_agency_delivers_and_one_to_staff_does_not(single_host: SingleHost) -> None:
    async with leader(single_host.url, CODE) as api, agency(single_host.url, CODE, DESK) as desk:
        await applied(api, CODE)
        async with listening(single_host.url, STREAM, ticket=await ticket(api)) as staff:
            begin, ready, _ = await anext(staff)
            assert ready == "ready"
            calls = [await emergency(api, CODE), await emergency(api, CODE, told=a_drill)]
            # Two incidents: their order on the stream is not that of the calls.
            received = [await told(staff, "ForwardingReceived", CODE) for _ in calls]
            parts = [one["subject"] for one in received]
            assert sorted(one["drill"] for one in received) == [False, True]
            for part in parts:
                (delivery,) = (await api.get("/v1/deliveries", forwarding_id=part))["items"]
                assert (delivery["channel"], delivery["state"]) == ("desk", "pending")
            async with listening(single_host.url, STREAM, ticket=await ticket(desk), after=begin) as own:
                assert [(await told(own, "ForwardingReceived", CODE))["subject"] for _ in calls] == parts
                said = [await told(staff, "NotificationDelivered", CODE) for _ in calls]
            assert sorted((one["subject"], one["drill"]) for one in said) == sorted(
                (one["subject"], one["drill"]) for one in received
            )
            assert {(one["event"]["channel"], one["event"]["revision"]) for one in said} == {("desk", 1)}
            for call in calls:
                incident = (await incident_of(api, CODE, call))["id"]

                await eventually(partial(delivered_by_desk, api, incident))


def a_drill(step: str) -> dict[str, Any]:
    return {"drill": True, "with_agencies": True} if step == "call" else {}
