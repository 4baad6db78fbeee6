"""The balancer of the rolling replacement: a pod is ready if its probe answers well, whatever else comes back."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import httpx
import pytest

from sigap_testing.cluster import HOST, steady_port
from sigap_testing.eventually import eventually

from .balancer import Balancer
from .probe import Probe

READY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NOT_READY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NO_GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnone"
NO_HTTP = b"what?\r\n\r\n"


async def pod(answer: bytes) -> asyncio.Server:
    """One that gives this answer to every request."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    return await asyncio.start_server(say, HOST, 0)


def address(of: asyncio.Server) -> str:
    return f"{HOST}:{of.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(("answer", "ready"), [(READY, True), (NOT_READY, False), (NO_GZIP, False), (NO_HTTP, False)])
async def test_an_answer_that_cannot_be_read_fails_the_probe_and_does_not_end_it(
    tmp_path: Path, answer: bytes, ready: bool
) -> None:
    balancer = Balancer({}, tmp_path / "pods", tmp_path / "ready", Probe("/readyz", 1, 5, 1))
    async with await pod(answer) as asked, httpx.AsyncClient() as http:
        assert await balancer.answers(http, address(asked)) is ready


async def test_what_is_led_to_pods_that_are_not_ready_goes_on_to_the_next_one_if_nobody_listens(tmp_path: Path) -> None:
    file = tmp_path / "pods"
    routes = {"/v1/cti": "intake-cti", "/v1/calls": "intake"}
    balancer = Balancer(routes, file, tmp_path / "ready", Probe("/readyz", 1, 5, 1), ["intake-cti"])
    async with await pod(NOT_READY) as starting, await pod(READY) as there:
        pods = [address(starting), f"{HOST}:{steady_port()}", address(there)]
        file.write_text(json.dumps({"intake-cti": pods, "intake": pods}))
        watching = asyncio.create_task(balancer.watch())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(balancer), base_url="http://sigap") as http:
            await eventually(lambda: (tmp_path / "ready").exists())
            told = Counter([(await http.post("/v1/cti/generic")).status_code for _ in range(6)])
            asked = Counter([(await http.get("/v1/calls")).status_code for _ in range(6)])
        watching.cancel()
    assert told == {503: 2, 200: 4}
    assert asked == {200: 6}


async def test_what_a_pod_may_have_read_is_not_sent_to_another_one(tmp_path: Path) -> None:
    """One pod takes the connection and hangs up."""
    file, routes = tmp_path / "pods", {"/v1/cti": "intake-cti"}
    balancer = Balancer(routes, file, tmp_path / "ready", Probe("/readyz", 1, 5, 1), ["intake-cti"])
    async with await pod(b"") as ending, await pod(READY) as there:
        file.write_text(json.dumps({"intake-cti": [address(ending), address(there)]}))
        watching = asyncio.create_task(balancer.watch())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(balancer), base_url="http://sigap") as http:
            await eventually(lambda: (tmp_path / "ready").exists())
            told = Counter([(await http.post("/v1/cti/generic")).status_code for _ in range(6)])
        watching.cancel()
    assert told == {503: 3, 200: 3}
