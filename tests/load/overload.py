"""Too many calls: what is still received and answered, what is refused and how fast, and when all is caught up.

The whole life of calls (see life.py) at one, two and four times a rate. A client that is refused (503) comes again
after what Retry-After says, and one whose connection was closed after a second, with the same Idempotency-Key, as ours
and the exchanges do.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from tests.load.life import Life
from tests.load.reference import Reference
from tests.load.report import Figure, percentile, show
from tests.load.setting import Setting, prepared

from sigap_testing.cluster import Cluster, Installation, SingleHost
from sigap_testing.receiver import Receiver

ANSWERED_WITHIN = 2.0
CATCH_UP_SECONDS = 600.0
LOOKS_A_SECOND = 1.0
COMES_AGAIN_SECONDS = 1.0
"""After a connection that was closed without an answer."""


@dataclass(slots=True)
class Seen:
    """Seconds. `answered`: from a call's arrival to the answer of its `answer` request, by call."""

    answered: list[float] = field(default_factory=list)
    refused: dict[str, list[float]] = field(default_factory=dict)
    """How long each refusal took, by the kind of request."""
    lists: list[float] = field(default_factory=list)
    lists_refused: int = 0
    cut: int = 0
    """Requests whose connection was refused or closed before an answer."""


class PatientLife(Life):
    """The same life, by clients that come again; beside it screens that ask for lists every second."""

    drain_seconds = CATCH_UP_SECONDS

    def __init__(self, url: str, setting: Setting) -> None:
        super().__init__(url, setting)
        self.seen = Seen()
        self._numbers: dict[str, int] = {}

    async def _post(self, path: str, body: Any, token: str) -> Any:
        key = self.wire.new_key()
        while True:
            began = time.monotonic()
            try:
                status, answer = await self.wire.post(path, body, token, key)
            except (OSError, EOFError):
                self.seen.cut += 1
                await asyncio.sleep(COMES_AGAIN_SECONDS)
                continue
            if status != 503:
                break
            kind = "calls" if path == "/v1/calls" or path.endswith(("/answer", "/end")) else "help"
            self.seen.refused.setdefault(kind, []).append(time.monotonic() - began)
            await asyncio.sleep(float(answer.get("retry_after", 1)))
        if status >= 300:
            self.failures.append(f"{path}: {status} {answer}")
            raise AssertionError(path)
        if path.endswith("/answer"):
            self.seen.answered.append(time.time() - self.calls[self._numbers[path.split("/")[3]]].began)
        if path == "/v1/calls":
            self._numbers[answer["id"]] = int(body["number"].removeprefix("+62812"))
        return answer

    async def screens(self) -> None:
        """Until cancelled."""
        while True:
            began = time.monotonic()
            status = await self.wire.get("/v1/incidents?limit=100", self.setting.leader)
            if status == 503:
                self.seen.lists_refused += 1
            else:
                self.seen.lists.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, began + 1 / LOOKS_A_SECOND - time.monotonic()))


def measure(shape: str, rate: float, seconds: float) -> None:
    """At one, two and four times `rate`, each on a fresh installation."""
    for times in (1, 2, 4):
        installation: Installation = Cluster(durable=True) if shape == "cluster" else SingleHost()
        with installation:
            asyncio.run(_measured(installation, shape, rate * times, seconds))


async def _measured(installation: Installation, shape: str, rate: float, seconds: float) -> None:
    async with Receiver() as receiver:
        life = PatientLife(installation.url, await prepared(installation.url, receiver.url))
        receiver.on_received = life.at_the_door
        with Reference() as reference:
            looking = asyncio.create_task(life.screens())
            began = time.monotonic()
            await life.run(rate, seconds)
            took = time.monotonic() - began
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
    _show(shape, rate, seconds, life, took)
    print(reference)


def _show(shape: str, rate: float, seconds: float, life: PatientLife, took: float) -> None:
    seen, calls = life.seen, len(life.calls)
    in_time = sum(one <= ANSWERED_WITHIN for one in seen.answered)
    refusals = [
        Figure(f"refused: {kind}", f"{len(took_)} times, p99 {percentile(took_, 0.99) * 1000:.0f} ms")
        for kind, took_ in sorted(seen.refused.items())
    ]
    figures = [
        Figure("calls received and answered", f"{len(seen.answered)} / {calls}", "all", len(seen.answered) == calls),
        Figure(
            f"answered within {ANSWERED_WITHIN:g} s of the arrival",
            f"{in_time} / {calls}, p99 {percentile(seen.answered, 0.99) * 1000:.0f} ms",
            "all",
            in_time == calls,
        ),
        Figure("closed in the end", f"{life.closed} / {calls}", "all", life.closed == calls),
        Figure("all caught up after the last arrival", f"{max(0.0, took - seconds):.0f} s"),
        Figure("failed requests", f"{len(life.failures)} {life.failures[:1]}", "none", not life.failures),
        *refusals,
        Figure("connections closed without an answer", f"{seen.cut}"),
        Figure("lists served, p99", f"{len(seen.lists)}, {percentile(seen.lists, 0.99) * 1000:.0f} ms"),
        Figure("lists refused", f"{seen.lists_refused}"),
    ]
    show(f"Too many calls, {shape}, {rate:g} calls/s for {seconds:g} s, open loop", figures)
