"""The balancer of the rolling replacement: a pod is ready if its probe answers well, whatever else comes back."""

import asyncio
from pathlib import Path

import httpx
import pytest

from .balancer import Balancer
from .probe import Probe

READY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NOT_READY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NO_GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnone"
NO_HTTP = b"what?\r\n\r\n"


@pytest.mark.parametrize(("answer", "ready"), [(READY, True), (NOT_READY, False), (NO_GZIP, False), (NO_HTTP, False)])
async def test_an_answer_that_cannot_be_read_fails_the_probe_and_does_not_end_it(
    tmp_path: Path, answer: bytes, ready: bool
) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    balancer = Balancer({}, tmp_path / "pods", tmp_path / "ready", Probe("/readyz", 1, 5, 1))
    async with await asyncio.start_server(say, "127.0.0.1", 0) as pod, httpx.AsyncClient() as http:
        port = pod.sockets[0].getsockname()[1]
        assert await balancer.answers(http, f"127.0.0.1:{port}") is ready
