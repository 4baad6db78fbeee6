"""`POST /v1/calls` with everything on, beside a bare FastAPI + asyncpg insert: saturated throughput, in turn."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import asyncpg
from tests.load.report import Figure, show, spread
from tests.load.setting import prepared, token_for
from tests.load.usage import cpu_seconds

from sigap_testing.cluster import Cluster, steady_port
from sigap_testing.parts import end

HERE = Path(__file__).parent
CONNECTIONS = 32
WANTED = 0.3


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    pid: int


@dataclass(frozen=True, slots=True)
class Load:
    """Requests a second, and milliseconds of the server's CPU for each."""

    rate: float
    cpu_ms: float


def measure(runs: int = 5, seconds: int = 10) -> None:
    """Prints both medians and the ratio of each pair. Needs wrk."""
    if shutil.which("wrk") is None:
        print("receiving calls: skipped, wrk is not installed")
        return
    with Cluster(durable=True, services=("dispatch", "intake")) as cluster:
        asyncio.run(prepared(cluster.url, agencies=False))
        token = asyncio.run(token_for(cluster.url, "operator"))
        port = steady_port()
        asyncio.run(_database(cluster.postgres.url))
        bare_url = urlsplit(cluster.postgres.url)._replace(scheme="postgresql", path="/bare").geturl()
        bare = subprocess.Popen(
            [sys.executable, HERE / "baseline.py"],
            env=os.environ | {"BASELINE_DSN": bare_url, "BASELINE_PORT": str(port)},
        )
        try:
            wait_for(port)
            intake = cluster.processes["intake"]
            _alternate(
                Server(f"http://127.0.0.1:{port}", bare.pid), Server(intake.url, intake.pid), token, runs, seconds
            )
        finally:
            end(bare, signal.SIGTERM, within=10)


def wait_for(port: int, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _alternate(bare: Server, ours: Server, token: str, runs: int, seconds: int) -> None:
    _load(bare, token, 2), _load(ours, token, 2)
    pairs = [(_load(bare, token, seconds), _load(ours, token, seconds)) for _ in range(runs)]
    ratios = sorted(ours.rate / bare.rate for bare, ours in pairs)
    middle = ratios[len(ratios) // 2]
    spread_of_ratios = f"median {middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    show(
        "Receiving a call, saturated (wrk, 32 connections, one worker, PostgreSQL that waits for the disk)",
        [
            Figure("bare FastAPI + asyncpg insert", spread([b.rate for b, _ in pairs], "requests/s")),
            Figure("  its CPU a request", f"{median(b.cpu_ms for b, _ in pairs):.2f} ms"),
            Figure("POST /v1/calls with everything on", spread([o.rate for _, o in pairs], "requests/s")),
            Figure("  its CPU a request, relay and streams included", f"{median(o.cpu_ms for _, o in pairs):.2f} ms"),
            Figure("ratio", spread_of_ratios, f"at least {WANTED:g}", middle >= WANTED),
        ],
    )


def _load(server: Server, token: str, seconds: int) -> Load:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / "receive_call.lua"), server.url]
    before = cpu_seconds({server.pid: "it"})["it"]
    said = subprocess.run(command, env=os.environ | {"TOKEN": token}, capture_output=True, text=True, check=True).stdout
    used = cpu_seconds({server.pid: "it"})["it"] - before
    if refused := re.search(r"Non-2xx or 3xx responses: (\d+)", said):
        raise AssertionError(f"{refused[1]} requests to {server.url} were refused")
    rate, requests = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"(\d+) requests in", said)
    assert rate
    assert requests
    return Load(float(rate[1]), 1000 * used / int(requests[1]))


async def _database(url: str) -> None:
    connection = await asyncpg.connect(urlsplit(url)._replace(scheme="postgresql").geturl())
    await connection.execute("CREATE DATABASE bare")
    await connection.close()
