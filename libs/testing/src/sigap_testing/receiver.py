"""An agency's receiver: a real HTTP server that records webhooks and answers with the replies that a test sets.

    async with Receiver() as receiver:
        receiver.will(Reply(503, {"retry-after": "7"}), HANGS, Reply(204))
        ...
        assert receiver.received[0].headers["webhook-id"] == ...

The replies are sent in order, then `receiver.otherwise` for ever. It uses raw sockets, so that it can also hang or
reset connections like real receivers.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Literal, Self

Manner = Literal["answers", "hangs", "resets"]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply. `manner`: the receiver answers, or reads the request and never answers, or resets the connection."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    manner: Manner = "answers"

    def text(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", f"content-length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


HANGS = Reply(manner="hangs")
RESETS = Reply(manner="resets")


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came; header names in lower case. `connection` counts the connections, from 1."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


class Receiver:
    def __init__(self, port: int = 0, otherwise: Reply | None = None) -> None:
        self.otherwise = otherwise or Reply()
        self.received: list[Received] = []
        self.on_received: Callable[[Received], Awaitable[None]] | None = None
        """Called before the reply is sent, for example to acknowledge by another request."""
        self._port = port
        self._replies: deque[Reply] = deque()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/112"

    def will(self, *replies: Reply | int) -> None:
        """Sets the next replies, in order. A number is a status."""
        self._replies.extend(Reply(reply) if isinstance(reply, int) else reply for reply in replies)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes the port until the next `start`. Open connections are cut."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        number = self._connections
        self._open.add(writer)
        try:
            while await self._exchange(reader, writer, number):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the loop ends with connections open, and would complain of them
        finally:
            self._open.discard(writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        """One request and its reply; whether the connection goes on."""
        received = await _read(reader, number)
        self.received.append(received)
        if self.on_received is not None:
            await self.on_received(received)
        reply = self._replies.popleft() if self._replies else self.otherwise
        if reply.manner == "resets":
            writer.transport.abort()
            return False
        if reply.manner == "hangs":
            await reader.read()  # until the other side has had enough
            return False
        writer.write(reply.text())
        await writer.drain()
        return True


async def _read(reader: asyncio.StreamReader, number: int) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    fields = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, path, headers, body, number)
