"""What a client can take of a server before anything is known of it: real sockets, an application of a few lines."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from sigap_common.app.connections import (
    FILES_KEPT,
    HEAD_BYTES,
    LEAST_BYTES_A_SECOND,
    MOST_HEADERS,
    ConnectionLimits,
    files_for,
)
from sigap_common.app.server import DrainingServer
from sigap_common.core.networks import TrustedProxies
from sigap_common.core.settings import CommonSettings
from sigap_testing.eventually import eventually
from sigap_testing.parts import free_port

SHORT = 0.3
"""Seconds; a server looks once in a second."""
LONG = 600.0
WITHIN = 60.0
GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
ENDLESS = b"x" * 65_536
Answer = tuple[int, dict[str, str], bytes]
"""Status, headers with names in lower case, body."""


class App:
    """Answers with the body's length; `/held` when it is told to, `/large` with more than any buffer holds."""

    def __init__(self) -> None:
        self.held, self.release, self.disconnected = 0, asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/unread":
            await self._answer(send, b"early")
            return
        length, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnected.set()
                return
            length, more = length + len(message["body"]), message["more_body"]
        if scope["path"] == "/held":
            self.held += 1
            await self.release.wait()
        await self._answer(send, ENDLESS * 1000 if scope["path"] == "/large" else str(length).encode())

    async def _answer(self, send: Send, body: bytes) -> None:
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> Answer:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WITHIN)
        first, *lines = head.decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await asyncio.wait_for(self.reader.readexactly(int(headers["content-length"])), WITHIN)
        return int(first.split()[1]), headers, body

    async def status(self) -> int:
        return (await self.answer())[0]

    async def is_closed(self) -> bool:
        """Waits for the end, with no byte before it."""
        try:
            return await asyncio.wait_for(self.reader.read(1), WITHIN) == b""
        except ConnectionError:
            return True

    async def sends_until_it_is_cut(self) -> None:
        with suppress(ConnectionError):
            while True:
                self.writer.write(ENDLESS)
                await self.writer.drain()

    async def drip(self, data: bytes) -> Answer:
        """Sends one byte after the other until an answer has come, and gives the answer."""
        answering = asyncio.create_task(self.answer())
        for byte in data:
            if answering.done():
                return await answering
            self.writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
        answering.cancel()
        raise AssertionError("all of it was waited for")


class Served:
    def __init__(self, app: App, server: DrainingServer, port: int) -> None:
        self.app, self.server, self.port = app, server, port
        self.clients: list[Client] = []

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, limit=2**20))
        self.clients.append(client)
        return client

    async def connected(self, count: int) -> list[Client]:
        """The server has all of them, or has closed them again."""
        return [await self.connect() for _ in range(count)]

    @property
    def open(self) -> int:
        return len(self.server.server_state.connections)


@asynccontextmanager
async def served(**limits: Any) -> AsyncIterator[Served]:
    app, port = App(), free_port()
    config = uvicorn.Config(app, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=30)
    server = DrainingServer(config, [], 0, ConnectionLimits(**{"total": 100, "seconds": LONG} | limits))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    here = Served(app, server, port)
    try:
        yield here
    finally:
        app.release.set()
        for client in here.clients:
            client.writer.transport.abort()
        server.should_exit = server.force_exit = True
        await asyncio.wait_for(serving, 30)


def problem(answer: Answer) -> tuple[int, str]:
    status, headers, body = answer
    assert headers["content-type"] == "application/problem+json"
    assert (headers["connection"], headers["x-content-type-options"]) == ("close", "nosniff")
    document = json.loads(body)
    assert document["status"] == status
    return status, document["type"].removeprefix("/problems/")


def header(size: int) -> bytes:
    return b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"a" * size


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(header(HEAD_BYTES) + b"\r\n\r\n", id="one header"),
        pytest.param(b"GET /?" + b"a" * HEAD_BYTES + b" HTTP/1.1\r\nhost: a\r\n\r\n", id="path"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"a: %b\r\n" % (b"a" * 1000) * 70 + b"\r\n", id="seventy headers"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * (MOST_HEADERS + 1) + b"\r\n", id="too many headers"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"a" * 2 * HEAD_BYTES, id="a name without end"),
        pytest.param(b"\r\n" * HEAD_BYTES, id="empty lines"),
        pytest.param(
            b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: " + b"a" * 10 * HEAD_BYTES,
            id="trailers",
        ),
    ],
)
async def test_a_head_that_is_too_large_is_refused_however_it_comes(head: bytes) -> None:
    async with served() as here:
        whole, in_parts = await here.connected(2)
        whole.send(head)
        assert problem(await whole.answer()) == (431, "headers-too-large")
        for start in range(0, len(head), 10_000):
            in_parts.send(head[start : start + 10_000])
            await in_parts.writer.drain()
        assert problem(await in_parts.answer()) == (431, "headers-too-large")
        assert [await whole.is_closed(), await in_parts.is_closed()] == [True, True]


async def test_a_head_just_below_the_limit_is_taken_each_time_anew() -> None:
    async with served() as here:
        client = await here.connect()
        for _ in range(5):
            client.send(header(HEAD_BYTES - 100) + b"\r\n\r\n")
            assert await client.status() == 200


async def test_a_large_body_in_small_chunks_is_no_large_head() -> None:
    async with served() as here:
        client = await here.connect()
        client.send(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        client.send(b"1\r\na\r\n" * HEAD_BYTES + b"0\r\n\r\n")
        status, _, body = await client.answer()
        assert (status, int(body)) == (200, HEAD_BYTES)


async def test_what_is_no_request_is_refused_by_a_problem_document() -> None:
    async with served() as here:
        client = await here.connect()
        client.send(b"hello\r\n\r\n")
        assert problem(await client.answer()) == (400, "bad-request")


async def test_who_sends_on_without_end_after_a_refusal_is_cut() -> None:
    async with served() as here:
        client = await here.connect()
        await asyncio.wait_for(client.sends_until_it_is_cut(), WITHIN)


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        pytest.param(b"", b"GET / HTTP/1.1\r\nx: " + b"a" * 1000, id="head"),
        pytest.param(GET, b"GET / HTTP/1.1\r\nx: " + b"a" * 1000, id="second head"),
        pytest.param(b"", b"POST / HTTP/1.1\r\ncontent-length: 2000\r\n\r\n" + b"a" * 1000, id="body"),
    ],
)
async def test_who_sends_byte_by_byte_is_not_waited_for(first: bytes, rest: bytes) -> None:
    async with served(seconds=SHORT) as here:
        client = await here.connect()
        if first:
            client.send(first)
            assert await client.status() == 200
        begun = rest.find(b"\r\n\r\n") + 4 if b"content-length" in rest else 1
        client.send(rest[:begun])
        assert problem(await client.drip(rest[begun:])) == (408, "request-timeout")
        if b"content-length" in rest:
            await asyncio.wait_for(here.app.disconnected.wait(), WITHIN)


async def test_a_body_that_comes_steadily_may_take_longer() -> None:
    async with served(seconds=1.0) as here:
        client = await here.connect()
        parts = 25
        size = LEAST_BYTES_A_SECOND  # ten times the least rate
        client.send(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % (parts * size))
        for _ in range(parts):
            client.send(b"a" * size)
            await asyncio.sleep(0.1)
        assert await client.status() == 200


async def test_the_rest_of_a_body_that_is_answered_already_is_not_waited_for() -> None:
    async with served(seconds=SHORT) as here:
        client = await here.connect()
        client.send(b"POST /unread HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n")
        assert await client.status() == 200
        await asyncio.wait_for(client.sends_until_it_is_cut(), WITHIN)


async def test_a_request_that_is_answered_early_gets_no_second_answer() -> None:
    async with served(seconds=SHORT) as here:
        silent, chatty = await here.connected(2)
        for client in (silent, chatty):
            client.send(b"POST /unread HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n")
            assert await client.status() == 200
        chatty.send(b"0\r\nx: " + ENDLESS * 10)
        assert [await silent.is_closed(), await chatty.is_closed()] == [True, True]


async def test_silent_connections_end() -> None:
    async with served(seconds=SHORT) as here:
        silent = await here.connected(20)
        assert all([await client.is_closed() for client in silent])
        await eventually(lambda: here.open == 0)


async def test_who_does_not_read_an_answer_is_cut() -> None:
    async with served(seconds=SHORT) as here:
        client = await here.connect()
        client.send(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n")
        assert isinstance(client.writer.transport, asyncio.Transport)
        client.writer.transport.pause_reading()
        await eventually(lambda: here.open == 1)
        await eventually(lambda: here.open == 0, within=WITHIN)


async def test_an_answer_that_takes_long_is_waited_for() -> None:
    async with served(seconds=SHORT) as here:
        client, silent = await here.connected(2)
        client.send(GET.replace(b"/ ", b"/held "))
        await eventually(lambda: here.app.held == 1)
        assert await silent.is_closed()  # by then the time of the other would be over, too
        here.app.release.set()
        assert await client.status() == 200


async def test_the_one_that_waits_longest_makes_place_for_a_new_one() -> None:
    async with served(total=20) as here:
        held = await here.connect()
        held.send(GET.replace(b"/ ", b"/held "))
        await eventually(lambda: here.app.held == 1)
        silent = await here.connected(100)
        silent[-10].send(b"GET / HT")  # it has begun, and waits all the same
        client = await here.connect()
        client.send(GET)
        assert await client.status() == 200
        assert all([await one.is_closed() for one in silent[:80]])
        assert here.open <= 20
        client.send(GET)
        silent[-10].send(b"TP/1.1\r\nhost: a\r\n\r\n")
        here.app.release.set()
        assert [await client.status(), await silent[-10].status(), await held.status()] == [200, 200, 200]


async def test_one_client_leaves_place_for_others_unless_it_is_a_trusted_proxy() -> None:
    for proxies, most in (((), 15), (("127.0.0.0/8",), 20)):
        async with served(total=20, proxies=TrustedProxies.parse(proxies)) as here:
            await here.connected(100)
            client = await here.connect()
            client.send(GET)
            assert await client.status() == 200
            assert here.open == most


async def test_if_all_are_being_answered_a_new_one_is_told_to_come_again() -> None:
    async with served(total=20, proxies=TrustedProxies.parse(["127.0.0.0/8"])) as here:
        for client in await here.connected(20):
            client.send(GET.replace(b"/ ", b"/held "))
        await eventually(lambda: here.app.held == 20)
        late = await here.connect()
        answer = await late.answer()
        assert (problem(answer), answer[1]["retry-after"]) == ((503, "temporarily-unavailable"), "1")
        here.app.release.set()
        assert [await client.status() for client in here.clients[:20]] == [200] * 20
        again = await here.connect()
        again.send(GET)
        assert await again.status() == 200


async def test_requests_that_are_sent_at_once_are_answered_in_turn() -> None:
    async with served() as here:
        client = await here.connect()
        client.send(GET.replace(b"/ ", b"/held ") + GET + GET + GET[:10])
        await eventually(lambda: here.app.held == 1)
        here.app.release.set()
        assert [await client.status() for _ in range(3)] == [200] * 3
        client.send(GET[10:])
        assert await client.status() == 200


async def test_a_head_that_begins_behind_an_answer_in_progress_is_given_its_time() -> None:
    async with served(seconds=SHORT) as here:
        client, silent = await here.connected(2)
        client.send(GET.replace(b"/ ", b"/held ") + GET[:10])
        assert await silent.is_closed()
        here.app.release.set()
        assert await client.status() == 200
        assert problem(await client.answer()) == (408, "request-timeout")


@contextmanager
def file_limit(soft: int) -> Iterator[int]:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, before[1]))
    try:
        yield before[1]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_file_limit_is_raised_as_far_as_it_may_and_bounds_the_connections() -> None:
    with file_limit(600) as hard:
        assert files_for(500) == 600
        assert files_for(700) == 700
        limits = ConnectionLimits.of(CommonSettings(connections=10**9, request_seconds=7))
        assert (limits.total, limits.seconds) == (hard - FILES_KEPT, 7)
    assert ConnectionLimits.of(CommonSettings(connections=100)).total == 100
