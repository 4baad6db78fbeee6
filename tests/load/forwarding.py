"""How soon agencies are forwarded to after a call was classified, at a stated rate, open loop.

The calls were received, answered and located before, so that only what follows the classification is on the way: the
event, the incident, its plan, the forwardings to two agencies. Each is timed from the request until the time that
dispatch gives the forwarding. The deliveries go on beside it. All clocks are this machine's.
"""

import asyncio
import time
from datetime import datetime

from tests.load.life import Life, events_of
from tests.load.report import Figure, percentile, show
from tests.load.setting import Setting, prepared

from sigap_testing.cluster import Cluster, Installation, SingleHost
from sigap_testing.receiver import Receiver

BAR_MS = 100.0
AGENCIES = 2
AT_ONCE = 8
"""Calls that are made ready side by side."""
WARM_UP = 60
DRAIN_SECONDS = 30.0


class Classified(Life):
    """Of each call, by its path: when the request to classify it was sent, and when dispatch made its forwardings."""

    def __init__(self, url: str, setting: Setting) -> None:
        super().__init__(url, setting)
        self.sent: dict[str, float] = {}
        self.made: dict[str, list[float]] = {}
        self._call_of: dict[str, str] = {}

    async def classify(self, path: str) -> None:
        self.sent[path] = time.time()
        await super().classify(path)

    async def follow(self) -> None:
        async for event in events_of(f"{self.url}/v1/incidents/stream", self.setting.leader):
            said = event["event"]
            if event["type"] == "sigap.IncidentCreated.v1":
                self._call_of[event["subject"]] = f"/v1/calls/{said['call_id']}"
            elif event["type"] == "sigap.IncidentForwarded.v1":
                at = datetime.fromisoformat(said["at"]).timestamp()
                if (call := self._call_of.get(event["subject"])) is not None:
                    self.made.setdefault(call, []).append(at)


async def _measured(url: str, rate: float, seconds: float) -> tuple[list[float], int]:
    """The seconds from the request to each forwarding, and the forwardings that were expected."""
    async with Receiver() as receiver:
        one = Classified(url, await prepared(url, receiver.url))
        calls = await _ready(one, WARM_UP + int(rate * seconds))
        following = asyncio.create_task(one.follow())
        await _classify(one, calls[:WARM_UP], rate)
        await _classify(one, calls[WARM_UP:], rate)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await one.wire.close()
    timed = calls[WARM_UP:]
    return [at - one.sent[call] for call in timed for at in one.made.get(call, ())], AGENCIES * len(timed)


async def _ready(one: Classified, count: int) -> list[str]:
    numbers, calls = iter(range(count)), []

    async def worker() -> None:
        for number in numbers:
            calls.append(await one.ready(number))

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return calls


async def _classify(one: Classified, calls: list[str], rate: float) -> None:
    began, tasks = time.monotonic(), []
    for n, call in enumerate(calls):
        await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
        tasks.append(asyncio.create_task(one.classify(call)))
    await asyncio.gather(*tasks)
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline and any(len(one.made.get(call, ())) < AGENCIES for call in calls):
        await asyncio.sleep(0.1)


def measure(rate: float, seconds: float) -> None:
    shapes: dict[str, Installation] = {"single host": SingleHost(), "cluster": Cluster(durable=True)}
    for shape, installation in shapes.items():
        with installation:
            took, expected = asyncio.run(_measured(installation.url, rate, seconds))
        p50, p99 = (1000 * percentile(took, share) for share in (0.5, 0.99))
        show(
            f"From the classification to the forwarding, {shape}, {rate:g} calls/s for {seconds:g} s, open loop",
            [
                Figure("forwardings made", f"{len(took):,} of {expected:,}", "all", len(took) == expected),
                Figure(
                    "classified to forwarded",
                    f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
                    f"p99 at most {BAR_MS:g} ms",
                    p99 <= BAR_MS,
                ),
            ],
        )
