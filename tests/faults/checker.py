"""What must be true when the damage is over: nothing lost, nothing double, all in order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.faults.traffic import EVERYBODY, Call, Traffic

from sigap_cli.api import Api, Patience
from sigap_cli.tokens import signed_in
from sigap_testing.eventually import eventually

AT_ONCE = 10
SETTLED_SECONDS = 60.0
ACKNOWLEDGED = "sigap.IncidentAcknowledged.v1"
SERVICES = ("intake", "dispatch", "agency-gateway", "roster", "analytics")


@dataclass(slots=True)
class Findings:
    calls: int = 0
    incidents: int = 0
    forwardings: int = 0
    revisions: int = 0
    repeats: int = 0
    wrong: list[str] = field(default_factory=list)


@asynccontextmanager
async def reader(url: str) -> AsyncIterator[Api]:
    async with signed_in(url, EVERYBODY, patience=Patience(30)) as api:
        yield api


async def check(traffic: Traffic, within: float = SETTLED_SECONDS) -> Findings:
    """Waits until all has settled, at most `within` seconds; what has not is among the findings."""
    async with reader(traffic.url) as api:
        wrong = await _settle(api, traffic, within)
        calls = await listed(api, "/v1/calls", traffic.regency)
        incidents = await listed(api, "/v1/incidents", traffic.regency)
        wrong += [*traffic.lost, *traffic.client.odd, *traffic.agencies.wrong]
        wrong += _calls(traffic.calls, calls) + _incidents(traffic.calls, incidents) + _doors(traffic, incidents)
        wrong += await _timelines(api, "/v1/calls", [str(call["id"]) for call in calls])
        wrong += await _acknowledged_once(api, incidents)
        wrong += await _dead_letters(api)
    return Findings(
        calls=len(calls),
        incidents=len(incidents),
        forwardings=sum(len(incident["forwardings"]) for incident in incidents),
        revisions=sum(f["revision"] for incident in incidents for f in incident["forwardings"]),
        repeats=traffic.agencies.repeats,
        wrong=wrong,
    )


async def _settle(api: Api, traffic: Traffic, within: float) -> list[str]:
    async def settled() -> bool:
        incidents = await listed(api, "/v1/incidents", traffic.regency)
        arrived = traffic.agencies.ids_and_bodies()
        expected = {call.id: 1 + call.revised for call in traffic.calls if call.led}
        assert len(incidents) >= len(expected), f"{len(incidents)} incidents of {len(expected)} calls"
        left = [
            f"{incident['number']}: {forwarding['agency']} {forwarding['state']}, revision {forwarding['revision']}"
            for incident in incidents
            for forwarding in incident["forwardings"]
            if not forwarding["acknowledged_at"]
            or forwarding["revision"] < expected.get(incident["call_id"], 1)
            or any((forwarding["id"], n) not in arrived for n in range(1, forwarding["revision"] + 1))
        ]
        assert not left, f"{len(left)} forwardings have not settled, such as {left[:3]}"
        return True

    try:
        await eventually(settled, within, every=1.0)
    except AssertionError as left:
        return [str(left)]
    return []


async def listed(api: Api, path: str, regency: str) -> list[dict[str, Any]]:
    return [item async for item in api.pages(path, regency=regency, limit=200)]


def _calls(posted: Sequence[Call], there: Sequence[dict[str, Any]]) -> list[str]:
    known, answered = {call["id"] for call in there}, {call.id for call in posted if call.id}
    wrong = [f"the call {call.id} was answered with 201 and is not there" for call in posted if call.id not in known]
    if more := known - answered:
        wrong.append(f"{len(more)} calls are there that nobody was told of: {sorted(more)[:3]}")
    return wrong + [f"the call {call['id']} is {call['state']}" for call in there if call["state"] != "ended"]


def _incidents(posted: Sequence[Call], there: Sequence[dict[str, Any]]) -> list[str]:
    of_call = Counter(incident["call_id"] for incident in there)
    numbers = Counter(incident["number"] for incident in there)
    return [
        *(f"the call {call.id} has {of_call[call.id]} incidents" for call in posted if of_call[call.id] != 1),
        *(f"{count} incidents have the number {number}" for number, count in numbers.items() if count > 1),
    ]


def _doors(traffic: Traffic, incidents: Iterable[dict[str, Any]]) -> list[str]:
    came = traffic.agencies.ids_and_bodies()
    told = {(f["id"], n) for i in incidents for f in i["forwardings"] for n in range(1, f["revision"] + 1)}
    return [
        *(f"revision {n} of forwarding {f} did not come to the door" for f, n in sorted(told - came.keys())),
        *(f"revision {n} of forwarding {f} came and is not dispatch's" for f, n in sorted(came.keys() - told)),
        *(
            f"revision {n} of forwarding {f} came under {sorted(ids)}, {len(digests)} different bodies"
            for (f, n), (ids, digests) in came.items()
            if (len(ids), len(digests)) != (1, 1)
        ),
    ]


async def _timelines(api: Api, path: str, ids: Sequence[str]) -> list[str]:
    return [wrong for item in in_turn(ids) for wrong in await _together(api, path, item)]


def in_turn(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


async def _together(api: Api, path: str, ids: Sequence[str]) -> list[str]:
    timelines = await asyncio.gather(*(timeline(api, path, one) for one in ids))
    return [f"{path}/{one}: {wrong}" for one, entries in zip(ids, timelines, strict=True) if (wrong := _gaps(entries))]


async def timeline(api: Api, path: str, subject: str) -> list[dict[str, Any]]:
    return [entry async for entry in api.pages(f"{path}/{subject}/timeline", limit=200)]


def _gaps(entries: Sequence[dict[str, Any]]) -> str | None:
    sequences = [entry["sequence"] for entry in entries]
    return None if sequences == list(range(1, len(sequences) + 1)) else f"its timeline is numbered {sequences}"


async def _acknowledged_once(api: Api, incidents: Sequence[dict[str, Any]]) -> list[str]:
    wrong = []
    for some in in_turn([incident["id"] for incident in incidents]):
        timelines = await asyncio.gather(*(timeline(api, "/v1/incidents", one) for one in some))
        for one, entries in zip(some, timelines, strict=True):
            said = Counter(e["event"]["forwarding_id"] for e in entries if e["type"] == ACKNOWLEDGED)
            wrong += [f"incident {one}: {f} acknowledged {n} times" for f, n in said.items() if n != 1]
            if gaps := _gaps(entries):
                wrong.append(f"incident {one}: {gaps}")
    return wrong


async def _dead_letters(api: Api) -> list[str]:
    return [
        f"a dead letter of {service}: {letter['type']} {letter['reason']}"
        for service in SERVICES
        async for letter in api.pages(f"/v1/ops/{service}/dead-letters")
    ]
