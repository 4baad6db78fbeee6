"""Processes that are started again, and the proxy that stands for nginx."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sigap_testing.cluster import HOST, steady_port
from sigap_testing.eventually import eventually
from sigap_testing.parts import DidNotStart, bounded
from sigap_testing.patience import patience
from sigap_testing.supervised import Supervised

ANSWERING = """
import http.server, os, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(f"{os.getpid()} {self.path}\\n".encode())
        self.wfile.flush()
        if "stream" in self.path:
            time.sleep(60)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(body[::-1])

    def log_message(self, *_): pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def supervised(tmp_path: Path, code: str = ANSWERING) -> Supervised:
    port = steady_port()
    command = [sys.executable, "-c", code, str(port)]
    return Supervised("answering", command, tmp_path / "log", f"http://{HOST}:{port}", dict(os.environ))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Supervised]:
    process = supervised(tmp_path)
    process.start()
    process.wait_for_start()
    yield process
    process.stop()


async def test_what_is_killed_is_another_process_at_the_same_address_soon(running: Supervised) -> None:
    killed = running.kill()
    await eventually(lambda: running.pid != killed and running.up())
    assert running.exits == [-signal.SIGKILL]
    assert httpx.get(running.url).text.startswith(str(running.pid))


def test_a_restart_returns_when_the_next_one_is_up(running: Supervised) -> None:
    before = running.pid
    running.restart()
    assert running.pid != before
    assert running.up()


def test_what_is_paused_does_not_answer_until_it_is_resumed(running: Supervised) -> None:
    running.pause()
    assert not running.up()
    running.resume()
    running.wait_until_up()
    assert running.exits == []


def test_what_was_stopped_stays_so_also_when_it_was_paused(running: Supervised) -> None:
    running.pause()
    running.stop()
    assert not running.up()


def test_a_first_start_that_fails_says_what_was_logged(tmp_path: Path) -> None:
    process = supervised(tmp_path, "raise SystemExit('no such database')")
    process.start()
    with pytest.raises(DidNotStart, match="no such database"):
        process.wait_for_start()
    process.stop()


async def test_it_does_not_outlive_who_supervises_it(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import test_supervised as t\n"
        "p = t.supervised(pathlib.Path(sys.argv[2])); p.start(); p.wait_for_start(); print(p.url, flush=True); input()"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent), str(tmp_path)]
    with bounded(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert httpx.get(url).status_code == 200
        parent.kill()

    async def gone() -> bool:
        try:
            httpx.get(url)
        except httpx.ConnectError:
            return True
        return False

    await eventually(gone)


@pytest.fixture
def proxied(running: Supervised, tmp_path: Path) -> Iterator[str]:
    """The address of a proxy whose one upstream is `running`, for /v1/doors."""
    listen, alive = f"{HOST}:{steady_port()}", f"{HOST}:{steady_port()}"
    routes = tmp_path / "routes.json"
    owner = running.url.removeprefix("http://")
    routes.write_text(f'{{"listen": "{listen}", "alive": "{alive}", "owners": {{"/v1/doors": "{owner}"}}}}')
    command = [sys.executable, "-m", "sigap_testing.small_edge", str(routes)]
    proxy = Supervised("proxy", command, tmp_path / "proxy", f"http://{alive}", dict(os.environ))
    proxy.start()
    proxy.wait_for_start()
    yield f"http://{listen}"
    proxy.stop()


async def test_the_small_edge_passes_on_what_has_an_owner_and_nothing_else(running: Supervised, proxied: str) -> None:
    async with httpx.AsyncClient(base_url=proxied) as client:
        assert (await client.get("/v1/doors/7?open=yes")).text.endswith(" /v1/doors/7?open=yes\n")
        assert (await client.post("/v1/doors", content=b"abc")).content == b"cba"
        assert (await client.get("/readyz")).headers["content-type"] == "application/problem+json"
        misspelt = (await client.get("/v1/dors")).json()
        assert (misspelt["type"], len(misspelt["trace_id"])) == ("/problems/not-found", 32)
        running.kill()
        assert (await client.get("/v1/doors")).status_code == 503


async def test_the_small_edge_passes_a_stream_on_as_it_comes(proxied: str) -> None:
    async with httpx.AsyncClient() as client, client.stream("GET", f"{proxied}/v1/doors/stream") as answer:
        async with asyncio.timeout(patience(10)):
            first = await anext(answer.aiter_lines())
    assert first.endswith("/v1/doors/stream")


async def test_what_was_stopped_stays_away_until_it_is_started_again(running: Supervised) -> None:
    running.stop()
    assert not running.up()
    running.start()
    await eventually(running.up)
    killed = running.kill()
    await eventually(lambda: running.pid != killed and running.up())
