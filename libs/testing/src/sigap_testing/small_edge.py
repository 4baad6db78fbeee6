"""A reverse proxy for machines without nginx. It only sends each path to its service and streams the answer.

python -m sigap_testing.small_edge ROUTES.json
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sigap_common.core.errors import NotFound, Unavailable
from sigap_common.http.problems import problem_response
from sigap_common.observability.tracing import TraceMiddleware
from sigap_common.outbound import no_cookies

_HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"te", b"trailer"}
_TIMEOUT = httpx.Timeout(30, connect=2, read=3600)


class Proxy:
    def __init__(self, owners: Mapping[str, str]) -> None:
        self._owners = owners
        # Connections are not kept longer than uvicorn keeps them.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=4)
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, limits=limits, trust_env=False, cookies=no_cookies())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        owner = self._owner(scope["path"])
        if owner is None:
            await problem_response(NotFound(), scope)(scope, receive, send)
            return
        body = await _body(receive)
        passing = asyncio.create_task(self._pass_on(owner, body, scope, receive, send))
        leaving = asyncio.create_task(_gone(receive))
        await asyncio.wait({passing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in (passing, leaving):
            task.cancel()
        await asyncio.gather(passing, leaving, return_exceptions=True)

    def addresses_of(self, owner: str) -> Sequence[str]:
        """The addresses at which a request for this owner is tried, one after the other, as long as one refuses the
        connection.
        """
        return [owner]

    def _owner(self, path: str) -> str | None:
        steps = path.split("/")
        owners = (self._owners.get("/".join(steps[:depth])) for depth in (4, 3, 2))
        return next((owner for owner in owners if owner), None)

    async def _pass_on(self, owner: str, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(owner, body, scope)
        if response is None:
            await problem_response(Unavailable(retry_after=1), scope)(scope, receive, send)
            return
        try:
            headers = _kept(response.headers.raw)
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            async for chunk in response.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await response.aclose()

    async def _answer(self, owner: str, body: bytes, scope: Scope) -> httpx.Response | None:
        """That of the first address that takes the connection, its body still to come; None if none does, or if the
        connection breaks: then it may have been read, and is not sent twice.
        """
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        others = [header for header in _kept(scope["headers"]) if header[0] != b"x-forwarded-for"]
        headers = [*others, (b"x-forwarded-for", scope["client"][0].encode())]
        for address in self.addresses_of(owner):
            url = httpx.URL(f"http://{address}").copy_with(raw_path=target)
            request = httpx.Request(scope["method"], url, headers=headers, content=body)
            try:
                return await self._client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
            except httpx.TransportError:
                break
        return None


def _kept(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _alive(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await Response()(scope, receive, send)


async def serve(proxy: Proxy, listen: str, alive: str) -> None:
    """Serves the proxy at one address, and at another one the answer that it is up."""
    apps: list[tuple[str, ASGIApp]] = [(listen, TraceMiddleware(proxy)), (alive, _alive)]
    await asyncio.gather(*(_server(address, app).serve() for address, app in apps))


def _server(address: str, app: ASGIApp) -> uvicorn.Server:
    host, _, port = address.rpartition(":")
    options = {"log_level": "warning", "access_log": False, "lifespan": "off", "timeout_graceful_shutdown": 1}
    return uvicorn.Server(uvicorn.Config(app, host=host, port=int(port), **options))  # type: ignore[arg-type]


async def main(listen: str, alive: str, owners: Mapping[str, str]) -> None:
    await serve(Proxy(owners), listen, alive)


if __name__ == "__main__":
    asyncio.run(main(**json.loads(Path(sys.argv[1]).read_text())))
