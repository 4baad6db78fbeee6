"""How much 5,000 calls from one number within a minute slow the calls of others down, on one host.

Other callers ring five times a second, and an operator answers each of their calls. Measured is how long the receiving
and the answering of their calls take: first alone, then beside 5,000 calls within a minute from as many numbers, then
beside 5,000 within a minute from one number. The second says what the load costs, the third what the one number adds.
The host's CPU for each call of the flood says the same on a machine that is busy with other things.
"""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from dataclasses import dataclass, field
from itertools import count

from tests.load.report import Figure, percentile, show
from tests.load.setting import CODE, prepared
from tests.load.usage import cpu_seconds
from tests.load.wire import Wire

from sigap_testing.cluster import SingleHost

CALLS, SECONDS = 5000, 60
OTHERS_A_SECOND = 5
MOST_MORE = 1.2
"""Of the p99 without a flood."""
ONE_NUMBER = "+628119999999"


@dataclass(slots=True)
class Took:
    """Seconds of each request of other callers' calls."""

    received: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    refused: int = 0
    """How many of the requests were refused, such as by 503. They are in no time."""
    cpu: float = 0.0
    """Seconds of CPU that the host used meanwhile."""


async def _other(wire: Wire, token: str, number: int, took: Took) -> None:
    body = {"regency": CODE, "channel": "telephone", "number": f"+62813{number:08d}"}
    began = time.perf_counter()
    status, call = await wire.post("/v1/calls", body, token)
    if status != 201:
        took.refused += 1
        return
    took.received.append(time.perf_counter() - began)
    began = time.perf_counter()
    status, _ = await wire.post(f"/v1/calls/{call['id']}/answer", {}, token)
    if status != 200:
        took.refused += 1
        return
    took.answered.append(time.perf_counter() - began)
    # Its operator has no screen that beats: a call that stayed on the line would become an alarm.
    await wire.post(f"/v1/calls/{call['id']}/end", {"ended_by": "operator"}, token)


async def others(wire: Wire, token: str, numbers: "count[int]", seconds: float) -> Took:
    took, began, running = Took(), time.monotonic(), set[asyncio.Task[None]]()
    for n in range(int(OTHERS_A_SECOND * seconds)):
        await asyncio.sleep(max(0.0, began + n / OTHERS_A_SECOND - time.monotonic()))
        task = asyncio.create_task(_other(wire, token, next(numbers), took))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return took


async def _flood(port: int, token: str, one_number: bool) -> None:
    """The flood, open loop. Prints how many calls were taken in."""
    wire, began, taken = Wire("127.0.0.1", port), time.monotonic(), list[int]()

    async def ring(n: int) -> None:
        number = ONE_NUMBER if one_number else f"+62814{n:08d}"
        status, _ = await wire.post("/v1/calls", {"regency": CODE, "channel": "telephone", "number": number}, token)
        taken.append(status)

    ringing = set[asyncio.Task[None]]()
    for n in range(CALLS):
        await asyncio.sleep(max(0.0, began + n * SECONDS / CALLS - time.monotonic()))
        task = asyncio.create_task(ring(n))
        ringing.add(task)
        task.add_done_callback(ringing.discard)
    await asyncio.gather(*ringing)
    print(sum(status == 201 for status in taken))


async def _beside(host: SingleHost, wire: Wire, token: str, numbers: "count[int]", how: str) -> tuple[Took, int]:
    # In a process of its own: in this one, its work would be measured as the host's.
    command = [sys.executable, "-m", __name__, str(host.port), token, how]
    flood = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    took = await others(wire, token, numbers, SECONDS)
    said, _ = await flood.communicate()
    return took, int(said)


async def _compare(host: SingleHost, how: str) -> tuple[Took, Took, int]:
    token = (await prepared(host.url, agencies=False)).leader
    wire, numbers = Wire("127.0.0.1", host.port), count(1)
    await others(wire, token, numbers, 10)  # to warm up
    used = _cpu(host)
    alone = await others(wire, token, numbers, SECONDS)
    alone.cpu = _cpu(host) - used
    beside, taken = await _beside(host, wire, token, numbers, how)
    beside.cpu = _cpu(host) - used - alone.cpu
    await wire.close()
    return alone, beside, taken


def _cpu(host: SingleHost) -> float:
    return cpu_seconds({host.processes["sigap"].pid: "host"})["host"]


def _figures(what: str, alone: list[float], beside: list[float], *, has_bar: bool) -> list[Figure]:
    before, during = percentile(alone, 0.99), percentile(beside, 0.99)
    grown = f"{percentile(beside, 0.5) * 1000:.1f}, {during * 1000:.1f} ms ({during / before - 1:+.0%})"
    most = before * MOST_MORE
    bar = (f"p99 at most {most * 1000:.1f} ms", during <= most) if has_bar else ()
    return [
        Figure(f"{what} alone: p50, p99", f"{percentile(alone, 0.5) * 1000:.1f}, {before * 1000:.1f} ms"),
        Figure(f"{what} beside it: p50, p99", grown, *bar),
    ]


def measure() -> None:
    for how, name in (("many", "as many numbers"), ("one", "one number")):
        with SingleHost() as host:  # of its own: the waiting calls of the first flood would slow down the second
            alone, beside, taken = asyncio.run(_compare(host, how))
        show(
            f"{CALLS:,} calls of {name} within {SECONDS} s beside {OTHERS_A_SECOND} calls a second of others",
            [
                Figure("calls of the flood taken in", f"{taken:,}", "all", taken == CALLS),
                Figure("requests of others refused", f"{beside.refused}", "none", beside.refused == 0),
                Figure(
                    "the host's CPU for each call of the flood", f"{(beside.cpu - alone.cpu) / CALLS * 1000:.2f} ms"
                ),
                *_figures("receiving", alone.received, beside.received, has_bar=how == "one"),
                *_figures("answering", alone.answered, beside.answered, has_bar=how == "one"),
            ],
        )


if __name__ == "__main__":
    asyncio.run(_flood(int(sys.argv[1]), sys.argv[2], sys.argv[3] == "one"))
