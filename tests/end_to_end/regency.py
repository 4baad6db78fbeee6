"""A regency of the tests with a kind of incident that no code has ever heard of, and a call in it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx

from sigap_cli.api import Api
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_cli.tokens import Who, signed_in
from sigap_testing.eventually import eventually
from sigap_testing.patience import patience
from sigap_testing.sent_events import sent_events

LEADER = ("admin", "supervisor", "operator", "dispatcher", "analyst", "planner")
KIND = "gas_bocor"
DOOR, DESK = "pemadam", "meja"
"""Codes of the agency that has a webhook, and of the one that has nothing."""
LAT, LON = 1.234567, 117.765432


def pack(code: str) -> dict[str, Any]:
    square = [[117.7, 1.2], [117.8, 1.2], [117.8, 1.3], [117.7, 1.3], [117.7, 1.2]]
    return {
        "code": code,
        "name": f"Kota Kelima {code}",
        "prefix": f"E{code.replace('.', '')}",
        "time_zone": "Asia/Makassar",
        "zone": {"type": "Polygon", "coordinates": [square]},
        "agencies": [
            {"code": DOOR, "name": "Pemadam", "kind": "fire"},
            {"code": DESK, "name": "Meja", "kind": "police"},
        ],
        "incident_types": [{"code": KIND, "label": {"id": "Gas bocor", "en": "Gas leak"}, "priority": 2}],
        "response_plans": [{"incident_type": KIND, "agencies": [DOOR, DESK]}],
        "shifts": {"shifts": [{"code": "penuh", "name": "Penuh", "start": "08:00", "end": "08:00", "seats": 1}]},
    }


def leader(url: str, code: str) -> AbstractAsyncContextManager[Api]:
    """The API for who may do everything in the regency."""
    return signed_in(url, Who(LEADER, (code,)))


def agency(url: str, code: str, which: str) -> AbstractAsyncContextManager[Api]:
    return signed_in(url, Who(("agency",), (code,), f"{code}/{which}"))


async def applied(api: Api, code: str, within: float = patience(30)) -> None:
    (outcome,) = await carry_out(api, await plan(api, [Source("the tests' pack", pack(code))]), within)
    assert outcome.ok, outcome


async def door(api: Api, code: str, url: str) -> str:
    """Gives the agency a webhook; its secret."""
    endpoint = {"agency": f"{code}/{DOOR}", "name": "sistem", "channel": "webhook", "url": url}
    secret: str = (await api.post("/v1/endpoints", endpoint))["secret"]
    return secret


async def emergency(api: Api, code: str, *, told: Callable[[str], dict[str, Any]] = lambda _: {}) -> str:
    """A call that becomes an incident; its id. `told`: what more is said in a step."""
    call = await api.post("/v1/calls", {"regency": code, "channel": "telephone", **told("call")})
    path = f"/v1/calls/{call['id']}"
    await api.post(f"{path}/answer")
    await api.post(f"{path}/location", {"lat": LAT, "lon": LON, "uncertainty_m": 10, **told("location")})
    if note := told("note"):
        await api.post(f"{path}/notes", note)
    await api.post(f"{path}/classification", {"call_class": "emergency", "incident_type": KIND, **told("class")})
    return str(call["id"])


async def incident_of(api: Api, code: str, call: str) -> dict[str, Any]:
    async def found() -> dict[str, Any] | None:
        items = (await api.get("/v1/incidents", regency=code, limit=200))["items"]
        return next((item for item in items if item["call_id"] == call), None)

    return await eventually(found)


async def part_of(api: Api, incident: str, which: str) -> dict[str, Any]:
    """The agency's forwarding as dispatch shows it."""
    shown = await api.get(f"/v1/incidents/{incident}")
    part: dict[str, Any] = next(part for part in shown["forwardings"] if part["agency"].endswith(f"/{which}"))
    return part


@asynccontextmanager
async def listening(
    url: str, path: str, token: str | None = None, ticket: str | None = None, after: str | None = None
) -> AsyncIterator[AsyncIterator[tuple[str, str, str]]]:
    """A live stream's events as a browser reads them: id, name, data."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Last-Event-ID": after} if after else {}
    params = {"ticket": ticket} if ticket else {}
    async with (
        httpx.AsyncClient(base_url=url, timeout=patience(30), trust_env=False) as http,
        http.stream("GET", path, params=params, headers=headers) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield ((event.id, event.name, event.data) async for event in sent_events(response))


def trace() -> tuple[str, str]:
    """A trace id, and the traceparent that carries it."""
    trace_id = uuid4().hex
    return trace_id, f"00-{trace_id}-00f067aa0ba902b7-01"
