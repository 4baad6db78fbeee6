"""How much hanging receivers of one regency hold up the notices of another, on one host.

Both regencies have calls, the first one every second, and ten receivers for its notices. Measured is, for calls of the
second regency, the time from the classification until its agency's receiver has the notice: first while the ten
receivers answer, then while they take every request and never do.
"""

import asyncio
import json
import time
from contextlib import AsyncExitStack

from tests.faults.regency import pack, scattered
from tests.load.report import Figure, percentile, show

from sigap_cli.api import Api, Patience
from sigap_cli.regency.applying import Source, carry_out, plan
from sigap_cli.tokens import Who, signed_in
from sigap_testing.cluster import SingleHost
from sigap_testing.receiver import HANGS, Received, Receiver

HANGING, MEASURED = "99.93", "99.94"
RECEIVERS = 10
MOST_MORE = 1.2
"""Of the p99 without hanging receivers."""
NOISE_SECONDS = 0.02
"""Of a p99 of some 50 ms the machine's own unrest is as large as what is allowed."""
ARRIVES_WITHIN = 120.0
ROLES = ("admin", "supervisor", "operator")


class Arrivals:
    """When the notice of each call came, by the number in its address."""

    def __init__(self) -> None:
        self._at: dict[int, asyncio.Future[float]] = {}

    def expected(self, number: int) -> "asyncio.Future[float]":
        return self._at.setdefault(number, asyncio.get_running_loop().create_future())

    async def hear(self, received: Received) -> None:
        address = json.loads(received.body)["incident"]["place"]["address"]
        arrival = self.expected(int(address.rpartition(" ")[2]))
        if not arrival.done():
            arrival.set_result(time.monotonic())


async def _call(api: Api, regency: str, number: int) -> float:
    """The moment at which a fire was classified."""
    lat, lon = scattered(regency, number)
    where = {"lat": lat, "lon": lon, "uncertainty_m": 10, "address": f"Jalan Uji {number}"}
    made = await api.post("/v1/calls", {"regency": regency, "channel": "telephone", "number": f"+62812{number:08d}"})
    path = f"/v1/calls/{made['id']}"
    await api.post(f"{path}/answer", {})
    await api.post(f"{path}/location", where)
    classified = time.monotonic()
    await api.post(f"{path}/classification", {"call_class": "emergency", "incident_type": "fire"})
    await api.post(f"{path}/end", {"ended_by": "operator"})
    return classified


async def _measured(api: Api, arrivals: Arrivals, numbers: range) -> list[float]:
    """Seconds of each notice, one call after the other, two a second."""
    took = []
    for number in numbers:
        began = time.monotonic()
        classified = await _call(api, MEASURED, number)
        arrived = await asyncio.wait_for(arrivals.expected(number), ARRIVES_WITHIN)
        took.append(arrived - classified)
        await asyncio.sleep(max(0.0, began + 0.5 - time.monotonic()))
    return took


async def _keep_calling(api: Api) -> None:
    number = 50_000_000
    while True:
        await _call(api, HANGING, number := number + 1)
        await asyncio.sleep(1)


async def _prepare(api: Api, regency: str, *urls: str) -> None:
    (applied,) = await carry_out(api, await plan(api, [Source("the tests' pack", pack(regency))]), 60)
    assert applied.ok, applied
    for n, url in enumerate(urls):
        hook = {"agency": f"{regency}/fire", "name": f"post-{n}", "channel": "webhook", "url": url}
        await api.post("/v1/endpoints", hook)


async def _compare(url: str, calls: int) -> tuple[list[float], list[float], int]:
    arrivals = Arrivals()
    async with AsyncExitStack() as stack:
        ten = [await stack.enter_async_context(Receiver()) for _ in range(RECEIVERS)]
        healthy = await stack.enter_async_context(Receiver())
        healthy.on_received = arrivals.hear
        who = Who(ROLES, (HANGING, MEASURED))
        api = await stack.enter_async_context(signed_in(url, who, patience=Patience(60)))
        await _prepare(api, HANGING, *(one.url for one in ten))
        await _prepare(api, MEASURED, healthy.url)
        calling = asyncio.create_task(_keep_calling(api))
        try:
            await _measured(api, arrivals, range(1, 21))  # to warm up
            answering = await _measured(api, arrivals, range(1000, 1000 + calls))
            before = sum(len(one.received) for one in ten)
            for one in ten:
                one.otherwise = HANGS
            await asyncio.sleep(10)  # until they hold all that they are given
            hanging = await _measured(api, arrivals, range(2000, 2000 + calls))
        finally:
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
        return answering, hanging, sum(len(one.received) for one in ten) - before


def measure(calls: int = 150) -> None:
    with SingleHost() as host:
        answering, hanging, held = asyncio.run(_compare(host.url, calls))
    before, after = percentile(answering, 0.99), percentile(hanging, 0.99)
    most = before * MOST_MORE + NOISE_SECONDS
    show(
        f"{RECEIVERS} hanging receivers of one regency ({held} requests hung), {calls} notices of another",
        [
            Figure(
                "received after, while they answer: p50, p99", f"{percentile(answering, 0.5):.3f} s, {before:.3f} s"
            ),
            Figure(
                "received after, while they hang: p50, p99",
                f"{percentile(hanging, 0.5):.3f} s, {after:.3f} s",
                f"p99 at most {most:.3f} s",
                after <= most,
            ),
        ],
    )
