"""The address that a handler sees."""

import logging

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from sigap_common.core.networks import TrustedProxies
from sigap_common.http.client_address import ClientAddress


async def seen(scope: Scope, receive: Receive, send: Send) -> None:
    client = Request(scope).client
    await PlainTextResponse(client.host if client else "")(scope, receive, send)


def asking(peer: str, *proxies: str) -> httpx.AsyncClient:
    app = ClientAddress(seen, TrustedProxies.parse(proxies))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(peer, 5)), base_url="http://a")


async def test_a_trusted_proxy_is_believed_in_all_its_headers() -> None:
    async with asking("10.20.0.5", "10.20.0.5/32") as client:
        headers = [("X-Forwarded-For", "192.0.2.1"), ("x-forwarded-for", "203.0.113.9")]
        assert (await client.get("/", headers=headers)).text == "203.0.113.9"
        assert (await client.get("/")).text == "10.20.0.5"


async def test_another_is_not_and_the_log_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    async with asking("10.20.0.6", "10.20.0.5/32") as client:
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                assert (await client.get("/", headers={"X-Forwarded-For": "203.0.113.9"})).text == "10.20.0.6"
    said = [record.getMessage() for record in caplog.records]
    assert said == ["X-Forwarded-For of 10.20.0.6 is not believed: SIGAP_TRUSTED_PROXIES does not name it"]
