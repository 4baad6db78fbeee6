"""The client by which commands use the services' HTTP API."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

import httpx

from sigap_cli.errors import Refused, Unreachable
from sigap_common.outbound import no_cookies

TokenOf = Callable[[bool], Awaitable[str | None]]
"""Gives the token to send. True: a new one, since the last was refused."""

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
AWAY = (429, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a service that does not answer: pauses double from `first` to `longest` seconds, `total`
    together.
    """

    total: float = 0.0
    first: float = 0.1
    longest: float = 5.0

    def pauses(self) -> list[float]:
        pauses: list[float] = []
        pause = self.first
        while sum(pauses) < self.total:
            pauses.append(min(pause, self.longest))
            pause *= 2
        return pauses


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    etag: str | None


class Api:
    """A client of one origin. Its methods raise Refused for a refusal, and Unreachable if no answer comes within
    `patience`.
    """

    def __init__(self, url: str, token: TokenOf | None = None, patience: Patience | None = None, connections: int = 10):
        self.url, self.patience = url.rstrip("/"), patience or Patience()
        self._token = token
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self.http = httpx.AsyncClient(
            base_url=self.url, timeout=TIMEOUT, limits=limits, headers={"Accept-Language": "en"}, cookies=no_cookies()
        )

    def acting(self, token: TokenOf) -> "Api":
        """A client with the same connections and another token."""
        other = object.__new__(Api)
        other.url, other.patience, other.http, other._token = self.url, self.patience, self.http, token
        return other

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def get(self, path: str, **params: Any) -> Any:
        known = {name: value for name, value in params.items() if value is not None}
        return (await self.send("GET", path, params=known)).body

    async def post(self, path: str, body: Any = None, key: str | None = None) -> Any:
        """The body of the answer. `key`: the Idempotency-Key; None: a new one, which is kept if this call repeats the
        request.
        """
        headers = {"Idempotency-Key": key or uuid4().hex}
        return (await self.send("POST", path, json=body if body is not None else {}, headers=headers)).body

    async def pages(self, path: str, **params: Any) -> AsyncIterator[Any]:
        """The items of all pages of a list."""
        cursor = None
        while True:
            page = await self.get(path, cursor=cursor, **params)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def send(self, method: str, path: str, **request: Any) -> Answer:
        headers = {**request.pop("headers", {}), **await self._bearer()}
        response = await self._patiently(method, path, headers=headers, **request)
        if response.status_code == 401 and self._token:
            headers |= await self._bearer(renewed=True)
            response = await self._patiently(method, path, headers=headers, **request)
        if response.is_success:
            return Answer(response.status_code, _body(response), response.headers.get("etag"))
        raise Refused(response.status_code, _body(response))

    async def _bearer(self, renewed: bool = False) -> dict[str, str]:
        token = await self._token(renewed) if self._token else None
        return {"Authorization": f"Bearer {token}"} if token else {}

    async def _patiently(self, method: str, path: str, **request: Any) -> httpx.Response:
        for pause in [*self.patience.pauses(), None]:
            try:
                response = await self.http.request(method, path, **request)
                if response.status_code not in AWAY or pause is None:
                    return response
                pause = max(pause, float(response.headers.get("retry-after", 0)))
            except httpx.TransportError as error:
                if pause is None:
                    raise Unreachable(self.url, _reason(error)) from error
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
        raise AssertionError

    async def stream(self, path: str, **params: Any) -> AsyncIterator[tuple[str, Any]]:
        """A live stream's events: name and data. The first is `ready`."""
        headers = await self._bearer()
        timeout = httpx.Timeout(60.0, connect=5.0)
        try:
            async with self.http.stream("GET", path, params=params, headers=headers, timeout=timeout) as response:
                if not response.is_success:
                    await response.aread()
                    raise Refused(response.status_code, _body(response))
                async for event in _events(response):
                    yield event
        except httpx.TransportError as error:
            raise Unreachable(self.url, _reason(error)) from error


async def _events(response: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    name, lines = "message", list[str]()
    async for line in _lines(response):
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            lines.append(value.strip())
        elif not line and lines:
            yield name, json.loads("\n".join(lines))
            name, lines = "message", []


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    """Whole lines, ended by LF or CRLF. httpx's own also end at U+2028 and NEL, which the JSON of an event may hold."""
    rest = ""
    async for text in response.aiter_text():
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            yield line.removesuffix("\r")


def _body(response: httpx.Response) -> Any:
    try:
        return response.json() if response.content else None
    except ValueError:
        return None


def _reason(error: httpx.TransportError) -> str:
    return "connection refused" if isinstance(error, httpx.ConnectError) else type(error).__name__
