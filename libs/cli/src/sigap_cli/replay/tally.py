"""Counts the result of a replay from dispatch's list of incidents, never from the requests that were sent."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sigap_cli.api import Api

LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Tally:
    """The result so far. `finished`: calls with one incident each that is forwarded, with every forwarding
    acknowledged. `doubled`: calls with more than one incident.
    """

    incidents: int
    forwardings: int
    acknowledged: int
    finished: int
    doubled: int


async def count(api: Api, regency: str, calls: set[str]) -> Tally:
    """The tally of the incidents that opened from these calls. Raises Refused, Unreachable."""
    incidents = [
        incident
        async for incident in api.pages("/v1/incidents", regency=regency, limit=200)
        if incident["call_id"] in calls
    ]
    forwardings = [forwarding for incident in incidents for forwarding in incident["forwardings"]]
    opened = Counter(incident["call_id"] for incident in incidents)
    return Tally(
        incidents=len(incidents),
        forwardings=len(forwardings),
        acknowledged=sum(map(_acknowledged, forwardings)),
        finished=len({incident["call_id"] for incident in incidents if _finished(incident)}),
        doubled=sum(times > 1 for times in opened.values()),
    )


async def followed(api: Api, regency: str, calls: set[str], patience: float, on_look: Callable[[Tally], None]) -> Tally:
    """Counts until all calls are finished, or until nothing has changed for `patience` seconds."""
    last, moved = await count(api, regency, calls), time.monotonic()
    on_look(last)
    while last.finished < len(calls) and time.monotonic() - moved < patience:
        await asyncio.sleep(LOOK_SECONDS)
        now = await count(api, regency, calls)
        if now != last:
            last, moved = now, time.monotonic()
            on_look(last)
    return last


def _acknowledged(forwarding: dict[str, Any]) -> bool:
    return forwarding["acknowledged_at"] is not None


def _finished(incident: dict[str, Any]) -> bool:
    forwardings = incident["forwardings"]
    return bool(forwardings) and all(map(_acknowledged, forwardings))
