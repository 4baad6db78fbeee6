"""One event to 500 listeners, and what 2,000 of them cost those who receive calls.

The listeners are in a process of their own. A time begins when the request is sent that makes
the event, so its commit is in it. The bare application writes bytes of the same length to as many connections.
"""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from uuid import uuid4

from tests.load.receiving import wait_for
from tests.load.report import Figure, percentile, show
from tests.load.setting import CODE, prepared, token_for
from tests.load.usage import cpu_seconds, resident_mb
from tests.load.wire import Wire

from sigap_testing.cluster import SingleHost, steady_port
from sigap_testing.parts import end

ROOT = Path(__file__).parents[2]
LISTENERS, EVENTS, MOST_SECONDS = 500, 20, 0.25
OPEN, MOST_SLOWER = 2_000, 1.2
"""The bars: 500 listeners within 250 ms; `POST /v1/calls` at most a fifth slower beside 2,000."""
TURNS = 2
FILES = 8_192
APART_SECONDS = 0.3
"""Between events, so that each goes out by itself."""
SETTINGS = {"SIGAP_STREAMS_AT_ONCE_PER_PERSON": str(OPEN), "SIGAP_STREAMS_AT_ONCE": str(OPEN)}
CALL = {"regency": CODE, "channel": "telephone", "number": "0812-3456-7890"}
BARE_BYTES = 700
"""About what `CallReceived` of such a call has as a message."""


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    pid: int
    path: str
    token: str


class Listeners:
    """Open streams of one server, in a process of their own."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def said(self) -> list[str]:
        """The next line of that process."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode().split()
        if not line or line[0] == "lost":
            raise AssertionError("a listener was lost")
        return line

    def had(self, subject: str) -> float:
        """When the last of them had the event."""
        while True:
            name, *times = self.said()
            if name == subject:
                return float(times[1])


@contextmanager
def listening(server: Server, count: int) -> Iterator[Listeners]:
    """So many streams, all open."""
    command = [sys.executable, "-m", "tests.load.listening"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        asked = {"host": server.host, "port": server.port, "path": server.path, "token": server.token}
        process.stdin.write(json.dumps(asked | {"count": count}).encode() + b"\n")
        process.stdin.flush()
        listeners = Listeners(process)
        listeners.said()
        yield listeners
    finally:
        end(process, signal.SIGTERM, within=10)
        process.stdin.close()
        process.stdout.close()


@contextmanager
def bare_server() -> Iterator[Server]:
    port = steady_port()
    process = subprocess.Popen(
        [sys.executable, ROOT / "tests/load/bare_stream.py"], env=os.environ | {"PORT": str(port)}
    )
    try:
        wait_for(port)
        yield Server("127.0.0.1", port, process.pid, "/stream", "")
    finally:
        end(process, signal.SIGTERM, within=10)


def _cpu(server: Server) -> float:
    return cpu_seconds({server.pid: ""})[""]


async def _fan_out(server: Server, listeners: Listeners | None, events: int) -> tuple[list[float], float]:
    """Seconds until the last listener had each event, and the server's seconds of CPU for one."""
    wire, took = Wire(server.host, server.port), list[float]()
    before = _cpu(server)
    for _ in range(events):
        began = monotonic()
        subject = await _make_event(server, wire)
        if listeners is not None:
            took.append(await asyncio.to_thread(listeners.had, subject) - began)
        await asyncio.sleep(APART_SECONDS)
    await wire.close()
    return took, (_cpu(server) - before) / events


async def _make_event(server: Server, wire: Wire) -> str:
    if server.path == "/stream":
        subject = uuid4().hex
        body = {"subject": subject, "filling": "x" * BARE_BYTES}
        await wire.post("/write", body, "")
        return subject
    status, call = await wire.post("/v1/calls", CALL, server.token)
    assert status == 201, call
    return str(call["id"])


def _show_fan_out(name: str, took: list[float], cpu: float, without: float, *, bar: bool) -> list[Figure]:
    worst = max(took)
    seen = f"median {1000 * median(took):.0f} ms, worst {worst * 1000:.0f} ms"
    wanted = f"at most {1000 * MOST_SECONDS:.0f} ms" if bar else ""
    each = f"{1000 * cpu:.1f} ms, without listeners {1000 * without:.1f} ms"
    return [
        Figure(f"{name}: the last of {LISTENERS} has it after", seen, wanted, worst <= MOST_SECONDS if bar else None),
        Figure("  CPU of the server for one event", each),
    ]


def _fanned(server: Server, name: str, *, bar: bool) -> list[Figure]:
    asyncio.run(_fan_out(server, None, 3))  # what is compiled once is compiled now
    _, without = asyncio.run(_fan_out(server, None, EVENTS))
    with listening(server, LISTENERS) as listeners:
        asyncio.run(_fan_out(server, listeners, 3))
        took, cpu = asyncio.run(_fan_out(server, listeners, EVENTS))
    return _show_fan_out(name, took, cpu, without, bar=bar)


async def _receive(server: Server, rate: float, seconds: float) -> dict[str, tuple[float, float]]:
    """Of each call, by its id: when it was sent, and after how many seconds it was answered. The rate is fixed."""
    wire, took = Wire(server.host, server.port), dict[str, tuple[float, float]]()

    async def one() -> None:
        began = monotonic()
        status, call = await wire.post("/v1/calls", CALL, server.token)
        assert status == 201, call
        took[call["id"]] = began, monotonic() - began

    async with asyncio.TaskGroup() as calls:
        begun = monotonic()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - monotonic()))
            calls.create_task(one())
    await wire.close()
    return took


def _late(listeners: Listeners, calls: Mapping[str, tuple[float, float]]) -> list[float]:
    """Of each call, seconds until the last listener had it."""
    waited, late = dict(calls), list[float]()
    while waited:
        name, *times = listeners.said()
        if name in waited:
            late.append(float(times[1]) - waited.pop(name)[0])
    return late


def _beside(server: Server, rate: float, seconds: float) -> list[Figure]:
    """In turns, since other programs of the machine change what is measured."""
    alone, beside, late = list[float](), list[float](), list[float]()
    asyncio.run(_receive(server, rate, 3))
    small = large = resident_mb(server.pid)
    for _ in range(TURNS):
        alone += [took for _, took in asyncio.run(_receive(server, rate, seconds)).values()]
        with listening(server, OPEN) as listeners:
            large = max(large, resident_mb(server.pid))
            calls = asyncio.run(_receive(server, rate, seconds))
            beside += [took for _, took in calls.values()]
            late += _late(listeners, calls)
    return [
        *(_slower(share, alone, beside) for share in (0.5, 0.99)),
        Figure("  the last of them has it after", f"median {median(late):.2f} s, worst {max(late):.2f} s"),
        Figure("  memory for each open stream", f"{1024 * (large - small) / OPEN:.1f} KiB"),
    ]


def _slower(share: float, alone: list[float], beside: list[float]) -> Figure:
    first, second = percentile(alone, share), percentile(beside, share)
    seen = f"{1000 * first:.1f} ms, {1000 * second:.1f} ms ({second / first:.2f})"
    name = f"p{100 * share:.0f} with 0 and with {OPEN:,} open streams"
    return Figure(name, seen, f"at most {MOST_SLOWER:g} times", second <= MOST_SLOWER * first)


def measure(rate: float = 5, seconds: float = 15) -> None:
    """`seconds` of each turn, at `rate` calls a second."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with bare_server() as bare:
        figures = _fanned(bare, "bare Starlette", bar=False)
    with SingleHost(settings=SETTINGS) as host:
        asyncio.run(prepared(host.url, agencies=False))
        token = asyncio.run(token_for(host.url, "operator"))
        ours = Server("127.0.0.1", host.port, host.processes["sigap"].pid, "/v1/queue/stream", token)
        show(f"One event to {LISTENERS} listeners, single host", [*figures, *_fanned(ours, "single host", bar=True)])
        show(f"POST /v1/calls, {rate:g} a second, which each open stream sees", _beside(ours, rate, seconds))
