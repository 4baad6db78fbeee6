"""How many alarms one screen sees at the bench's load if nothing fails. A screen shows all alarms of its regency.

The whole life of calls (see life.py) on one host, with agencies that acknowledge as people do: after some seconds,
within their deadline. The seconds are drawn by a seed. An alarm that comes back within two minutes is the same one.
"""

import asyncio
from collections import Counter
from datetime import datetime
from random import Random
from typing import Any

from tests.load.life import Life, events_of
from tests.load.report import Figure, show
from tests.load.setting import LEADER, Setting, prepared

from sigap_cli.tokens import signed_in
from sigap_testing.cluster import SingleHost
from sigap_testing.receiver import Receiver

WINDOW_SECONDS = 600.0
MOST = 1
SEED, SOONEST, LATEST = 112, 3.0, 40.0
"""Seconds after which an agency acknowledges; the deadline is after 60."""


class LifeWithScreen(Life):
    """The same life, seen by one screen of alarms."""

    def __init__(self, url: str, setting: Setting) -> None:
        super().__init__(url, setting)
        self.began: dict[tuple[str, str], tuple[str, datetime]] = {}
        """The kind of each alarm that began, and when, by its group and `since`."""
        self._people = Random(SEED)

    async def _respond(self, forwarding: str, agency: str) -> None:
        await asyncio.sleep(self._people.uniform(SOONEST, LATEST))
        await super()._respond(forwarding, agency)

    async def watch(self) -> None:
        async for event in events_of(f"{self.url}/v1/alarms/stream", self.setting.leader):
            said: dict[str, Any] = event["event"]
            if event["type"] == "sigap.AlarmGroupChanged.v1" and said["count"]:
                since = said["since"]
                self.began.setdefault((event["subject"], since), (said["kind"], datetime.fromisoformat(since)))


def measure(rate: float, seconds: float) -> None:
    with SingleHost() as host:
        asyncio.run(_measured(host, rate, seconds))


async def _measured(host: SingleHost, rate: float, seconds: float) -> None:
    async with Receiver() as receiver:
        setting = await prepared(host.url, receiver.url)
        life = LifeWithScreen(host.url, setting)
        receiver.on_received = life.at_the_door
        watching = asyncio.create_task(life.watch())
        await life.run(rate, seconds)
        async with signed_in(host.url, LEADER) as api:
            standing = (await api.get("/v1/alarms"))["items"]
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    _show(life, rate, seconds, standing)


def most_in_a_window(moments: list[datetime]) -> int:
    """The most of these moments that lie within 10 minutes."""
    ordered = sorted(moments)
    return max(
        (sum(0 <= (other - one).total_seconds() < WINDOW_SECONDS for other in ordered) for one in ordered), default=0
    )


def _show(life: LifeWithScreen, rate: float, seconds: float, standing: list[dict[str, Any]]) -> None:
    kinds = Counter(kind for kind, _ in life.began.values())
    most = most_in_a_window([at for _, at in life.began.values()])
    calls, silent = len(life.calls), [one["kind"] for one in standing if ". " not in one["in_words"]["en"]]
    figures = [
        Figure("calls closed / begun", f"{life.closed} / {calls}", "all", life.closed == calls),
        Figure("failed requests", f"{len(life.failures)} {life.failures[:1]}", "none", not life.failures),
        Figure("alarms that a screen saw, most in 10 minutes", str(most), f"at most {MOST}", most <= MOST),
        *(Figure(f"  {kind}", str(count)) for kind, count in kinds.most_common()),
        Figure("alarms that stand at the end", str(len(standing))),
        Figure("  of them without an action", str(len(silent)), "none", not silent),
    ]
    show(f"Alarms on one screen, single host, {rate:g} calls/s for {seconds:g} s, no failures", figures)
