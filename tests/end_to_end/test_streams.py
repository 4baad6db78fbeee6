"""Live updates over a real port: opened by a ticket, as a browser must, and resumed where they broke off."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from sigap_cli.api import Api
from sigap_cli.errors import Refused
from sigap_testing.cluster import SingleHost
from sigap_testing.eventually import eventually

from .regency import DESK, agency, applied, emergency, incident_of, leader, listening

CODE = "99.74"


async def next_of(events: AsyncIterator[tuple[str, str, str]], wanted: str) -> tuple[str, str]:
    """Id and subject of the next event of that name."""
    async for event_id, name, data in events:
        if name == wanted:
            return event_id, json.loads(data)["subject"]
    raise AssertionError("the stream ended")


async def ticket(api: Api, path: str) -> str:
    issued: str = (await api.post(f"{path}-tickets"))["ticket"]
    return issued


async def call_of(api: Api) -> str:
    """The subject of an event on the queue's stream."""
    return str((await api.post("/v1/calls", {"regency": CODE, "channel": "telephone"}))["id"])


async def incident(api: Api) -> str:
    opened = await api.post("/v1/incidents", {"regency": CODE, "source": "observer"})
    return str(opened["id"])


@pytest.mark.parametrize(
    ("path", "event", "happens"),
    [("/v1/queue/stream", "CallReceived", call_of), ("/v1/incidents/stream", "IncidentCreated", incident)],
)
async def test_what_came_while_nobody_listened_comes_first(
    single_host: SingleHost, path: str, event: str, happens: Callable[[Api], Awaitable[str]]
) -> None:
    async with leader(single_host.url, CODE) as api:
        await applied(api, CODE)
        async with listening(single_host.url, path, ticket=await ticket(api, path)) as events:
            assert (await anext(events))[1] == "ready"
            first = await happens(api)
            position, subject = await next_of(events, event)
            assert subject == first
        missed = [await happens(api), await happens(api)]
        async with listening(single_host.url, path, ticket=await ticket(api, path), after=position) as events:
            assert [(await next_of(events, event))[1] for _ in missed] == missed


async def test_a_ticket_opens_its_own_stream_once(single_host: SingleHost) -> None:
    async with leader(single_host.url, CODE) as api:
        issued = await ticket(api, "/v1/queue/stream")
        async with Api(single_host.url) as nobody:
            with pytest.raises(Refused):
                await anext(nobody.stream("/v1/incidents/stream", ticket=issued))
        async with listening(single_host.url, "/v1/queue/stream", ticket=issued) as events:
            assert (await anext(events))[1] == "ready"
        async with Api(single_host.url) as nobody:
            with pytest.raises(Refused):
                await anext(nobody.stream("/v1/queue/stream", ticket=issued))


async def test_an_agency_s_stream_opens_by_a_ticket_too(single_host: SingleHost) -> None:
    path = "/v1/forwardings/stream"
    async with leader(single_host.url, CODE) as api, agency(single_host.url, CODE, DESK) as desk:
        await applied(api, CODE)
        async with listening(single_host.url, path, ticket=await ticket(desk, path)) as events:
            assert (await anext(events))[1] == "ready"
            opened = await incident_of(api, CODE, await emergency(api, CODE))
            _, subject = await next_of(events, "ForwardingReceived")
            assert subject in [part["id"] for part in opened["forwardings"] if part["agency"] == f"{CODE}/{DESK}"]


async def test_a_position_that_is_not_ours_is_answered_by_reset(single_host: SingleHost) -> None:
    path = "/v1/queue/stream"

    async def reset() -> bool:
        async with (
            leader(single_host.url, CODE) as api,
            listening(single_host.url, path, ticket=await ticket(api, path), after="nonsense") as events,
        ):
            return (await anext(events))[1] == "reset"

    assert await eventually(reset)
