"""How much a search for a roster slows calls down, on one host.

Callers ring five times a second, an operator answers each, and somebody asks for `/healthz` ten times a second: first
alone, then while the solver searches for a month of 90 people. The service writes the program and explains the answer
in its own process; the search runs in another one of the lowest priority.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.load import rosters
from tests.load.flood import OTHERS_A_SECOND, Took, others
from tests.load.report import Figure, percentile, show
from tests.load.setting import CODE, LEADER, PACK, prepared
from tests.load.wire import Wire

from sigap_cli.api import Api, Patience
from sigap_cli.tokens import signed_in
from sigap_testing.cluster import SingleHost

PEOPLE, AGENCIES, USED = 90, 3, 0.86
SECONDS = 60
MOST_TIMES, HEALTHY_WITHIN_MS = 2.0, 100.0
"""The bars: of the p99 of receiving a call without a search, and of `/healthz`."""
ASKED_EVERY = 0.1


@dataclass(slots=True)
class Measured:
    """`healthy`: seconds of each `/healthz`."""

    took: Took
    healthy: list[float] = field(default_factory=list)


def _pack() -> Mapping[str, Any]:
    """The tests' regency, with the shifts and rules of the measurement of rosters."""
    seats = rosters.seats(PEOPLE, USED)
    shifts = [
        {"code": code, "name": code, "start": start, "end": end, "seats": number}
        for (code, start, end), number in zip(rosters.SHIFTS, seats, strict=True)
    ]
    codes = [agency["code"] for agency in PACK["agencies"]]
    policies = [policy.model_dump(mode="json", exclude_defaults=True) for policy in rosters.policies(codes)]
    return {**PACK, "shifts": {"shifts": shifts}, "policies": policies}


async def _draft(api: Api) -> str:
    """The address of a month without assignments for 90 people."""
    agencies = [agency["code"] for agency in PACK["agencies"]]
    for n in range(PEOPLE):
        leads = n // AGENCIES % rosters.LEADERS == 0
        person = {
            "regency": CODE,
            "name": f"Petugas {n}",
            "number": f"OP-{n:02d}",
            "agency": f"{CODE}/{agencies[n % AGENCIES]}",
            "employment": "contract",
            "skills": [{"code": "leader"}] if leads else [],
        }
        await api.post("/v1/staff", person)
    month = {"regency": CODE, "first_day": f"{rosters.FIRST}", "last_day": f"{rosters.LAST}"}
    return f"/v1/rosters/{(await api.post('/v1/rosters', month))['id']}"


async def _measured(wire: Wire, token: str, numbers: "count[int]") -> Measured:
    measured = Measured(Took())
    asking = asyncio.create_task(_ask(wire, token, measured.healthy))
    measured.took = await others(wire, token, numbers, SECONDS)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    return measured


async def _ask(wire: Wire, token: str, healthy: list[float]) -> None:
    """Asks ten times a second, whatever became of the answers before."""
    asked = set[asyncio.Task[None]]()

    async def once() -> None:
        began = time.perf_counter()
        status = await wire.get("/healthz", token)
        healthy.append(time.perf_counter() - began if status == 200 else float("inf"))

    while True:
        task = asyncio.create_task(once())
        asked.add(task)
        task.add_done_callback(asked.discard)
        await asyncio.sleep(ASKED_EVERY)


async def _compare(host: SingleHost) -> tuple[Measured, Measured, Mapping[str, Any]]:
    token = (await prepared(host.url, document=_pack())).leader
    wire, numbers = Wire("127.0.0.1", host.port), count(1)
    async with signed_in(host.url, LEADER, patience=Patience(60)) as api:
        roster = await _draft(api)
        await others(wire, token, numbers, 10)  # to warm up
        alone = await _measured(wire, token, numbers)
        search = await api.post(f"{roster}/solves", {"existing": "replace", "seconds": SECONDS})
        beside = await _measured(wire, token, numbers)
        found = await api.get(f"{roster}/solves/{search['id']}")
    await wire.close()
    return alone, beside, found


def measure() -> None:
    with SingleHost() as host:
        alone, beside, found = asyncio.run(_compare(host))
    before, during = percentile(alone.took.received, 0.99), percentile(beside.took.received, 0.99)
    most, state = before * MOST_TIMES, str(found["state"])
    slowest = max(beside.healthy) * 1000
    show(
        f"a search for a month of {PEOPLE} people beside {OTHERS_A_SECOND} calls a second, {SECONDS} s",
        [
            Figure("the search at the end", state, "running or done", state in ("running", "done")),
            Figure("requests refused", f"{alone.took.refused + beside.took.refused}", "none", not beside.took.refused),
            Figure(
                "POST /v1/calls alone: p50, p99",
                f"{percentile(alone.took.received, 0.5) * 1000:.1f}, {before * 1000:.1f} ms",
            ),
            Figure(
                "beside the search: p50, p99",
                f"{percentile(beside.took.received, 0.5) * 1000:.1f}, {during * 1000:.1f} ms ({during / before:.2f}x)",
                f"p99 at most {most * 1000:.1f} ms",
                during <= most,
            ),
            Figure("/healthz alone: p99, longest", _of_health(alone.healthy)),
            Figure(
                "/healthz beside the search: p99, longest",
                _of_health(beside.healthy),
                f"at most {HEALTHY_WITHIN_MS:.0f} ms",
                slowest <= HEALTHY_WITHIN_MS,
            ),
        ],
    )


def _of_health(seconds: list[float]) -> str:
    return f"{percentile(seconds, 0.99) * 1000:.1f}, {max(seconds) * 1000:.1f} ms of {len(seconds)}"
