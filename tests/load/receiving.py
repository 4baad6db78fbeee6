"""`POST /v1/calls` with everything on, beside a bare FastAPI + asyncpg insert: saturated throughput, in turn."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from tests.load.report import Figure, show, spread
from tests.load.setting import prepared, token_for

from sigap_common.testing.cluster import Cluster, steady_port

HERE = Path(__file__).parent
CONNECTIONS = 32
WANTED = 0.25


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
            _wait_for(port)
            _alternate(f"http://127.0.0.1:{port}", cluster.processes["intake"].url, token, runs, seconds)
        finally:
            bare.terminate()
            bare.wait()


def _wait_for(port: int, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _alternate(bare: str, ours: str, token: str, runs: int, seconds: int) -> None:
    _requests_a_second(bare, token, 2), _requests_a_second(ours, token, 2)
    pairs = [(_requests_a_second(bare, token, seconds), _requests_a_second(ours, token, seconds)) for _ in range(runs)]
    ratios = sorted(ours / bare for bare, ours in pairs)
    middle = ratios[len(ratios) // 2]
    show(
        "Receiving a call, saturated (wrk, 32 connections, one worker, PostgreSQL that waits for the disk)",
        [
            Figure("bare FastAPI + asyncpg insert", spread([b for b, _ in pairs], "requests/s")),
            Figure("POST /v1/calls with everything on", spread([o for _, o in pairs], "requests/s")),
            Figure(
                "ratio", f"median {middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})", "at least 0.25", middle >= WANTED
            ),
        ],
    )


def _requests_a_second(url: str, token: str, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / "receive_call.lua"), url]
    said = subprocess.run(command, env=os.environ | {"TOKEN": token}, capture_output=True, text=True, check=True).stdout
    if refused := re.search(r"Non-2xx or 3xx responses: (\d+)", said):
        raise AssertionError(f"{refused[1]} requests to {url} were refused")
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found
    return float(found[1])


async def _database(url: str) -> None:
    connection = await asyncpg.connect(urlsplit(url)._replace(scheme="postgresql").geturl())
    await connection.execute("CREATE DATABASE bare")
    await connection.close()
