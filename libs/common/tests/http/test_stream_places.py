"""Live streams are limited: so many in a process, and far fewer of one person. Over a real port."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn

from sigap_common.app.server import DrainingServer
from sigap_common.core.settings import CommonSettings
from sigap_testing.eventually import eventually
from sigap_testing.kit import Kit, started
from sigap_testing.parts import free_port
from sigap_testing.sample.main import service

PATH = "/v1/doors/stream"
Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    common = CommonSettings(data_dir=tmp_path, streams_at_once=3, streams_at_once_per_person=2)
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite3'}", tmp_path, common=common) as kit:
        yield kit


@pytest.fixture
async def port(kit: Kit) -> AsyncIterator[int]:
    port = free_port()
    config = uvicorn.Config(kit.app, port=port, log_config=None, lifespan="on")
    server = DrainingServer(config, [kit.runtime.drain])
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield port
    server.should_exit = True
    await asyncio.wait_for(serving, 30)


async def _opened(port: int, head: str, query: str = "") -> Client:
    """A stream that has said `ready`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {PATH}{query} HTTP/1.1\r\nhost: 127.0.0.1\r\n{head}\r\n".encode())
    async with asyncio.timeout(30):
        await reader.readuntil(b"event: ready")
    return reader, writer


@asynccontextmanager
async def _listening(port: int, head: str, query: str = "") -> AsyncIterator[Client]:
    client = await _opened(port, head, query)
    try:
        yield client
    finally:
        client[1].close()
        with suppress(ConnectionError):
            await client[1].wait_closed()


def _head(kit: Kit, subject: str) -> str:
    return f"authorization: {kit.bearer('operator', subject=subject)['Authorization']}\r\n"


async def _answer(kit: Kit, port: int, subject: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        return await client.get(PATH, headers=kit.bearer("operator", subject=subject) | headers)


async def _ticket(kit: Kit, port: int, subject: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        return await client.post(f"{PATH}-tickets", headers=kit.bearer("operator", subject=subject))


async def test_a_person_has_so_many_by_token_and_ticket_together(kit: Kit, port: int) -> None:
    ticket = (await _ticket(kit, port, "ani")).json()["ticket"]
    async with _listening(port, _head(kit, "ani")), _listening(port, "", f"?ticket={ticket}"):
        for language, words in (("id", "Anda sudah membuka 2 siaran"), ("en", "You have 2 live streams open")):
            refused = await _answer(kit, port, "ani", **{"Accept-Language": language})
            document = refused.json()
            assert (refused.status_code, document["type"]) == (429, "/problems/too-many-requests")
            assert document["detail"].startswith(words)
            assert 5 <= int(refused.headers["Retry-After"]) <= 15
        # An EventSource does not tell why it was refused: the ticket's answer does.
        assert (await _ticket(kit, port, "ani")).status_code == 429
        async with _listening(port, _head(kit, "budi")):
            pass


async def test_a_process_has_so_many_for_all_persons(kit: Kit, port: int) -> None:
    async with (
        _listening(port, _head(kit, "ani")),
        _listening(port, _head(kit, "ani")),
        _listening(port, _head(kit, "budi")),
    ):
        refused = await _answer(kit, port, "citra", **{"Accept-Language": "en"})
        assert refused.status_code == 429
        assert refused.json()["detail"].startswith("This server has 3 live streams open")


@pytest.mark.parametrize("abruptly", [False, True])
async def test_who_leaves_frees_the_place(
    kit: Kit, port: int, caplog: pytest.LogCaptureFixture, abruptly: bool
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            clients = [await _opened(port, _head(kit, "ani")) for _ in range(2)]
            for _, writer in clients:
                writer.transport.abort() if abruptly else writer.close()
            await eventually(lambda: kit.runtime.stream.places._total == 0)
    assert kit.runtime.stream.places._taken == {}
    assert kit.runtime.stream._listeners == {}
    assert caplog.records == []


async def test_a_refused_stream_takes_no_place(kit: Kit, port: int) -> None:
    async with _listening(port, _head(kit, "ani")), _listening(port, _head(kit, "ani")):
        for _ in range(3):
            assert (await _answer(kit, port, "ani")).status_code == 429
    async with _listening(port, _head(kit, "ani")), _listening(port, _head(kit, "ani")):
        pass


def test_openapi_says_that_a_stream_may_be_refused(kit: Kit) -> None:
    document = kit.app.openapi()
    assert "429" in document["paths"][PATH]["get"]["responses"]
    assert "429" in document["paths"][f"{PATH}-tickets"]["post"]["responses"]
