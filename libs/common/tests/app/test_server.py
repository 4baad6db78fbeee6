"""How a server stops: what is in flight ends well, and no stream holds it up."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from sigap_common.app.application import create_app
from sigap_common.app.server import CLIENT_SILENT_SECONDS, DrainingServer
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, started
from sigap_testing.parts import free_port
from sigap_testing.patience import patience
from sigap_testing.sample.main import service


class Slow:
    """An application with a request that waits for the test, and a stream that never has said all."""

    def __init__(self) -> None:
        self.app, self.asked, self.release = FastAPI(), asyncio.Event(), asyncio.Event()
        self.app.get("/slow")(self.slow)
        self.app.get("/v1/calls/stream", response_class=StreamingResponse)(self.stream)

    async def slow(self) -> str:
        self.asked.set()
        await self.release.wait()
        return "done"

    async def stream(self) -> StreamingResponse:
        return StreamingResponse(self._words())

    async def _words(self) -> AsyncIterator[str]:
        while True:
            self.asked.set()
            yield "x" * 1_000_000
            await asyncio.sleep(0)  # uvicorn takes all that is sent to a client that has left


@asynccontextmanager
async def served(
    app: FastAPI, *drain: Callable[[], None], drain_seconds: float = 0, lifespan: bool = False
) -> AsyncIterator[tuple[DrainingServer, str, "asyncio.Task[None]"]]:
    port = free_port()
    config = uvicorn.Config(
        app, port=port, log_config=None, lifespan="on" if lifespan else "off", timeout_graceful_shutdown=30
    )
    server = DrainingServer(config, drain, drain_seconds)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    try:
        yield server, f"http://127.0.0.1:{port}", serving
    finally:
        server.should_exit = server.force_exit = True
        await asyncio.wait_for(serving, patience(30))


async def test_what_is_in_flight_is_answered_and_nothing_new_is_taken() -> None:
    slow = Slow()
    async with served(slow.app) as (server, url, serving), httpx.AsyncClient(trust_env=False) as client:
        answer = asyncio.create_task(client.get(f"{url}/slow"))
        await slow.asked.wait()
        server.should_exit = True

        async def refused() -> bool:
            with suppress(httpx.ConnectError):
                async with httpx.AsyncClient(trust_env=False) as other:
                    await other.get(f"{url}/openapi.json")
                return False
            return True

        await eventually(refused)
        slow.release.set()
        assert (await answer).json() == "done"
        await asyncio.wait_for(serving, patience(30))


async def test_a_stream_whose_client_does_not_read_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    slow = Slow()
    async with served(slow.app) as (server, url, serving):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]), limit=1024)
        writer.write(b"GET /v1/calls/stream HTTP/1.1\r\nhost: a\r\n\r\n")
        await slow.asked.wait()
        with caplog.at_level(logging.INFO):
            server.should_exit = True
            await asyncio.wait_for(serving, patience(30))
        with suppress(ConnectionError):
            await reader.read(-1)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}", tmp_path) as kit:
        yield kit


async def test_a_stop_ends_open_streams_and_says_where_to_go(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    app, headers = create_app(kit.runtime), kit.bearer("operator")
    async with served(app, kit.runtime.drain, lifespan=True) as (server, url, serving):
        opened, texts = asyncio.Event(), list[str]()

        async def listen() -> None:
            async with (
                httpx.AsyncClient(trust_env=False) as client,
                client.stream("GET", f"{url}/v1/doors/stream", headers=headers, timeout=patience(30)) as answer,
            ):
                async for line in answer.aiter_lines():
                    texts.append(line)
                    opened.set()

        listening = asyncio.create_task(listen())
        await asyncio.wait_for(opened.wait(), patience(30))
        with caplog.at_level(logging.INFO):
            server.should_exit = True
            await asyncio.wait_for(listening, patience(30))
            await asyncio.wait_for(serving, patience(30))
    assert "event: stopping" in texts
    assert any(line.startswith("retry: ") for line in texts)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_while_it_drains_it_serves_but_is_not_ready(kit: Kit) -> None:
    app = create_app(kit.runtime)
    drained = asyncio.Event()
    async with (
        served(app, kit.runtime.drain, drained.set, drain_seconds=300, lifespan=True) as (server, url, _),
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        assert (await client.get("/readyz")).json()["stopping"] is False
        server.should_exit = True
        await asyncio.wait_for(drained.wait(), patience(30))
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["ready"], answer.json()["stopping"]) == (503, False, True)
        made = await client.post("/v1/doors", json={"regency": "17.71"}, headers=kit.bearer("operator"))
        assert made.status_code == 201
        stream = await client.get("/v1/doors/stream", headers=kit.bearer("operator"))
        assert "event: stopping" in stream.text


async def test_a_client_that_takes_nothing_any_more_is_cut_off() -> None:
    slow = Slow()
    async with served(slow.app) as (server, url, _):
        _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        await eventually(lambda: server.server_state.connections)
        (connection,) = server.server_state.connections
        ours = connection.transport.get_extra_info("socket")
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1000 * CLIENT_SILENT_SECONDS
        writer.close()
        await writer.wait_closed()
