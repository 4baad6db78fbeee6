"""A single host without an edge: what strangers hold open or send without end holds up nobody."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from time import monotonic

import httpx
import pytest

from sigap_testing.eventually import eventually
from sigap_testing.parts import end, free_port

FILES = 1024
"""What a process may open by default on most systems."""
SILENT = 1100
SECONDS = 2
"""Of the setting; what is tried here takes 20 by default."""
WITHIN = 60.0


class Host:
    def __init__(self, port: int) -> None:
        self.port = port
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)

    def is_ready(self) -> bool:
        try:
            return self.http.get("/readyz").is_success
        except httpx.TransportError:
            return False

    def sign_in(self) -> None:
        asked = {"roles": ["operator"], "regencies": ["*"]}
        token = self.http.post("/v1/auth/demo-tokens", json=asked).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def serves_an_operator(self) -> bool:
        """By a connection that is there already, and by a new one."""
        new = httpx.get(f"{self.http.base_url}/v1/queue", headers=self.http.headers, timeout=30, trust_env=False)
        return [self.http.get("/v1/queue").status_code, new.status_code] == [200, 200]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 30)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder, port = tmp_path_factory.mktemp("host"), free_port()
    env = {**os.environ, "SIGAP_REQUEST_SECONDS": str(SECONDS), "SIGAP_PORT": str(port)}
    command = [sys.executable, "-m", "sigap_cli.main", "run", "--data-dir", str(folder / "data")]
    with (folder / "log").open("wb") as log:
        few_files = partial(setrlimit, RLIMIT_NOFILE, (FILES, FILES))
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, preexec_fn=few_files)
    here = Host(port)
    try:
        yield here
    finally:
        here.http.close()
        end(process, signal.SIGTERM, within=30)
    said = (folder / "log").read_text()
    assert "Traceback" not in said
    assert "Too many open files" not in said


@pytest.fixture
async def ready(host: Host) -> Host:
    await eventually(host.is_ready, within=120)
    host.sign_in()
    return host


def most_sockets(wanted: int) -> int:
    """As many as this process may open, up to the wanted number."""
    soft, hard = getrlimit(RLIMIT_NOFILE)
    if soft < wanted + 100:
        setrlimit(RLIMIT_NOFILE, (min(wanted + 100, hard), hard))
    return min(wanted, getrlimit(RLIMIT_NOFILE)[0] - 100)


def said(connection: socket.socket) -> bytes:
    """All that comes until the host closes."""
    connection.settimeout(WITHIN)
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


async def test_silent_connections_hold_up_nobody_and_are_ended(ready: Host) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(ready.connect()) for _ in range(most_sockets(SILENT))]
        assert ready.serves_an_operator()
        watched = select.poll()
        for one in silent:
            watched.register(one, select.POLLIN)
        await eventually(lambda: len(watched.poll(0)) == len(silent), within=WITHIN)
        assert ready.serves_an_operator()


async def test_a_header_of_40_megabytes_is_refused_and_holds_up_nobody(ready: Host) -> None:
    with ready.connect() as stranger:
        stranger.sendall(b"GET /v1/calls HTTP/1.1\r\nhost: a\r\naccept-language: en\r\nx: ")
        for n in range(40):
            stranger.sendall(b"a" * 1_000_000)
            if n == 20:
                assert ready.serves_an_operator()
        answer = said(stranger)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"content-type: application/problem+json" in answer
    assert b"Headers too large" in answer
    assert ready.serves_an_operator()


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /v1/calls HTTP/1.1\r\nx: ",
        b"POST /v1/auth/demo-tokens HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n",
    ],
    ids=["head", "body"],
)
async def test_a_byte_a_second_is_not_waited_for(ready: Host, begun: bytes) -> None:
    with ready.connect() as stranger:
        stranger.sendall(begun)
        deadline = monotonic() + WITHIN
        while not select.select([stranger], [], [], 1)[0] and monotonic() < deadline:
            stranger.sendall(b" ")
        answer = said(stranger)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"/problems/request-timeout" in answer
    assert ready.serves_an_operator()
