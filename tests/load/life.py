"""The whole life of calls at a stated rate, open loop: what it costs, and how long each part of the way takes.

Every call is an emergency for two agencies: receive, answer, locate, classify, end; two acknowledgements; two done;
close. The generator runs in this process; its CPU is not counted.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from tests.faults.regency import scattered
from tests.load.reference import Reference
from tests.load.report import Figure, percentile, show
from tests.load.setting import CODE, Setting, prepared
from tests.load.usage import cpu_seconds, fsyncs_a_second, resident_mb
from tests.load.wire import Wire

from sigap_common.outbound import no_cookies
from sigap_testing.cluster import Cluster, Installation, SingleHost
from sigap_testing.kafka import KafkaBroker
from sigap_testing.postgres import PostgresServer
from sigap_testing.receiver import Received, Receiver

KIND = "traffic_accident"  # the pack's plan sends it to two agencies
DRAIN_SECONDS = 60.0


@dataclass(slots=True)
class Call:
    """Times by the wall clock, seconds."""

    number: int
    began: float = field(default_factory=time.time)
    answered: float = 0.0
    doors: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Life:
    drain_seconds = DRAIN_SECONDS

    def __init__(self, url: str, setting: Setting) -> None:
        parts = urlsplit(url)
        self.url, self.setting = url, setting
        self.wire = Wire(parts.hostname or "", parts.port or 0)
        self.calls: dict[int, Call] = {}
        self.forwarded: dict[str, float] = {}
        self.closing: set[str] = set()
        self.acknowledging: dict[str, float] = {}
        self.answer_to_door: list[float] = []
        self.forwarding_to_door: list[float] = []
        self.acknowledged_to_stream: list[float] = []
        self.early: dict[str, float] = {}
        self.closed = 0
        self.failures: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, rate: float, seconds: float) -> None:
        """Calls arrive at `rate` a second, whatever became of those before."""
        following = asyncio.create_task(self.follow())
        began = time.monotonic()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            self._start(self._lead(number))
        with suppress(TimeoutError):
            async with asyncio.timeout(self.drain_seconds):
                while self._tasks or self.closed < len(self.calls):
                    await asyncio.sleep(0.1)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await self.wire.close()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, path: str, body: Any, token: str) -> Any:
        status, answer = await self.wire.post(path, body, token)
        if status >= 300:
            self.failures.append(f"{path}: {status} {answer}")
            raise AssertionError(self.failures[-1])
        return answer

    async def _lead(self, number: int) -> None:
        path = await self.ready(number)
        await self.classify(path)
        await self._post(f"{path}/end", {"ended_by": "operator"}, self.setting.leader)

    async def ready(self, number: int) -> str:
        """The path of a call that waits only for its class."""
        call = self.calls[number] = Call(number)
        body = {"regency": CODE, "channel": "telephone", "number": f"+62812{number:08d}"}
        lat, lon = scattered(CODE, number)
        place = {"lat": lat, "lon": lon, "uncertainty_m": 10, "address": f"Jalan Uji {number}"}
        leader = self.setting.leader
        path = f"/v1/calls/{(await self._post('/v1/calls', body, leader))['id']}"
        await self._post(f"{path}/answer", {}, leader)
        call.answered = time.time()
        await self._post(f"{path}/location", place, leader)
        return path

    async def classify(self, path: str) -> None:
        body = {"call_class": "emergency", "incident_type": KIND}
        await self._post(f"{path}/classification", body, self.setting.leader)

    async def at_the_door(self, received: Received) -> None:
        now, agency = time.time(), received.path.rpartition("/")[2]
        notice = json.loads(received.body)
        if notice["event"] == "withdrawn":
            return
        call = self.calls[int(notice["incident"]["place"]["address"].rpartition(" ")[2])]
        forwarding = notice["forwarding_id"]
        call.doors += 1
        if call.doors == 2:
            self.answer_to_door.append(now - call.answered)
        if (forwarded := self.forwarded.pop(forwarding, None)) is not None:
            self.forwarding_to_door.append(now - forwarded)
        else:
            self.early[forwarding] = now
        self._start(self._respond(forwarding, agency))

    async def _respond(self, forwarding: str, agency: str) -> None:
        path, token = f"/v1/forwardings/{forwarding}", self.setting.tokens[agency]
        self.acknowledging[forwarding] = time.time()
        await self._post(f"{path}/acknowledge", {}, token)
        await self._post(f"{path}/progress", {"progress": "done"}, token)

    async def _close(self, incident: str) -> None:
        await self._post(f"/v1/incidents/{incident}/close", {"disposition": "resolved"}, self.setting.leader)
        self.closed += 1

    async def follow(self) -> None:
        """Dispatch's own stream: when each forwarding was made, when each acknowledgement was shown."""
        async for event in events_of(f"{self.url}/v1/incidents/stream", self.setting.leader):
            said = event["event"]
            if event["type"] == "sigap.IncidentForwarded.v1":
                made = datetime.fromisoformat(said["at"]).timestamp()
                if (came := self.early.pop(said["forwarding_id"], None)) is not None:
                    self.forwarding_to_door.append(came - made)
                else:
                    self.forwarded[said["forwarding_id"]] = made
            elif said.get("state") == "done" and event["subject"] not in self.closing:
                self.closing.add(event["subject"])
                self._start(self._close(event["subject"]))
            elif event["type"] == "sigap.IncidentAcknowledged.v1":
                sent = self.acknowledging.pop(said["forwarding_id"], None)
                if sent is not None:
                    self.acknowledged_to_stream.append(time.time() - sent)


async def events_of(url: str, token: str) -> AsyncIterator[dict[str, Any]]:
    timeout = httpx.Timeout(None, connect=5)
    async with (
        httpx.AsyncClient(timeout=timeout, trust_env=False, cookies=no_cookies()) as client,
        client.stream("GET", url, headers={"Authorization": f"Bearer {token}"}) as stream,
    ):
        async for line in stream.aiter_lines():
            if line.startswith("data:") and '"type"' in line:
                yield json.loads(line[5:])


def measure(shape: str, rate: float, seconds: float) -> None:
    installation: Installation = Cluster(durable=True) if shape == "cluster" else SingleHost()
    with installation:
        asyncio.run(_measured(installation, shape, rate, seconds))


async def _measured(installation: Installation, shape: str, rate: float, seconds: float) -> None:
    async with Receiver() as receiver:
        setting = await prepared(installation.url, receiver.url)
        life = Life(installation.url, setting)
        receiver.on_received = life.at_the_door
        names = _processes(installation)
        with Reference() as reference:
            before = cpu_seconds(names)
            await life.run(rate, seconds)
            after = cpu_seconds(names)
    used = {name: after[name] - before[name] for name in after}
    _show(shape, rate, seconds, life, used, {name: resident_mb(pid) for pid, name in names.items()})
    print(f"the disk: {fsyncs_a_second():,.0f} fsyncs a second\n{reference}")


def _processes(installation: Installation) -> dict[int, str]:
    names = {process.pid: name for name, process in installation.processes.items()}
    if isinstance(installation, Cluster):
        for name, part in (("postgresql", installation.postgres), ("kafka", installation.kafka)):
            if isinstance(part, PostgresServer | KafkaBroker):  # what runs elsewhere cannot be counted
                names[part.pid] = name
    return names


def _show(
    shape: str, rate: float, seconds: float, life: Life, used: dict[str, float], resident: dict[str, float]
) -> None:
    calls = len(life.calls)
    each = 1000 * sum(used.values()) / max(1, calls)
    cluster = shape == "cluster"
    p99 = [percentile(v, 0.99) for v in (life.answer_to_door, life.forwarding_to_door, life.acknowledged_to_stream)]
    figures = [
        Figure("calls closed / begun", f"{life.closed} / {calls}", "all", life.closed == calls),
        Figure("failed requests", f"{len(life.failures)} {life.failures[:1]}", "none", not life.failures),
        Figure("CPU a call, all processes", f"{each:.1f} ms", "at most 80 ms", each <= 80 if cluster else None),
        Figure(
            "answer to the last door, p99",
            f"{p99[0] * 1000:.0f} ms of {len(life.answer_to_door)}",
            "2,000 ms",
            p99[0] <= 2,
        ),
        Figure(
            "forwarding to door, p99",
            f"{p99[1] * 1000:.0f} ms of {len(life.forwarding_to_door)}",
            "500 ms",
            p99[1] <= 0.5,
        ),
        Figure(
            "acknowledgement to dispatch's stream, p99",
            f"{p99[2] * 1000:.0f} ms of {len(life.acknowledged_to_stream)}",
            "500 ms",
            p99[2] <= 0.5,
        ),
        *(
            Figure(f"  CPU of {name}", f"{1000 * seconds_ / max(1, calls):.1f} ms a call, {resident[name]:.0f} MB")
            for name, seconds_ in sorted(used.items(), key=lambda item: -item[1])
        ),
    ]
    show(f"The whole life of a call, {shape}, {rate:g} calls/s for {seconds:g} s, open loop", figures)
