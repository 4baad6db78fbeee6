"""A lean HTTP client: the load generator must cost less than what it measures."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from typing import Any


class Wire:
    """Keep-alive connections to one origin, as many as are needed at once."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
        self._keys = 0

    def new_key(self) -> str:
        """An Idempotency-Key that nobody used before."""
        self._keys += 1
        return f"{id(self)}-{self._keys}"

    async def get(self, path: str, token: str) -> int:
        """The status."""
        head = f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\nauthorization: Bearer {token}\r\n\r\n"
        return (await self._sent(head.encode()))[0]

    async def post(self, path: str, body: Any, token: str, key: str | None = None) -> tuple[int, Any]:
        """Status and body. `key`: the request's Idempotency-Key; none: a new one."""
        payload = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(payload)}\r\nauthorization: Bearer {token}\r\n"
            f"idempotency-key: {key or self.new_key()}\r\n\r\n"
        )
        return await self._sent(head.encode() + payload)

    async def send(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Status and body of the answer to a POST of JSON with these headers beside."""
        beside = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n{beside}\r\n"
        )
        return await self._sent(head.encode() + body)

    async def _sent(self, sent: bytes) -> tuple[int, Any]:
        while self._idle:
            try:
                return await self._exchange(sent, *self._idle.pop())
            except (asyncio.IncompleteReadError, ConnectionError):
                pass  # its server ended it while it was idle; the key makes a repeat harmless
        return await self._exchange(sent, *await asyncio.open_connection(self._host, self._port))

    async def _exchange(
        self, sent: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[int, Any]:
        writer.write(sent)
        status, answer, goes_on = await _answer(reader)
        if goes_on:
            self._idle.append((reader, writer))
        else:
            writer.close()
        return status, answer

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, Any, bool]:
    """Status, body, and whether the connection goes on: a server ends it after some requests."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    length = next((int(line.partition(":")[2]) for line in head if line.startswith("content-length:")), 0)
    body = await reader.readexactly(length)
    return int(head[0].split()[1]), json.loads(body) if body else None, "connection: close" not in head
