"""Many listeners of one live stream, in a process of their own: they say when the last of them had an event.

python -m tests.load.listening, with a line of JSON on standard input: `host`, `port`, `path`, `token`, `count`. It
prints `open` when all have begun, then for each event its subject and when the first and the last listener had it
(CLOCK_MONOTONIC, which all processes of a machine share). It ends with its standard input.
"""

import asyncio
import json
import re
import sys
from time import monotonic

import uvloop

OPENED = re.compile(rb"event: (?:ready|open)\b")
SUBJECT = re.compile(rb'"subject": ?"([^"]+)"')
AT_ONCE = 10
"""Connections that are opened at a time."""
ADDRESSES = 50
"""They come from so many addresses of the loopback network: a server may bound the connections of one."""


class Refused(Exception):
    """The stream was not opened; says what was answered."""


class Arrivals:
    """When the first and the last listener had each event."""

    def __init__(self, count: int) -> None:
        self._count, self._first, self._had = count, dict[bytes, float](), dict[bytes, int]()

    def hear(self, subject: bytes) -> None:
        had = self._had[subject] = self._had.get(subject, 0) + 1
        if had == 1:
            self._first[subject] = monotonic()
        if had == self._count:
            print(subject.decode(), self._first[subject], monotonic(), flush=True)


class Listener(asyncio.Protocol):
    def __init__(self, head: bytes, arrivals: Arrivals) -> None:
        self._head, self._arrivals, self._rest = head, arrivals, b""
        self._transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        transport.write(self._head)

    def data_received(self, data: bytes) -> None:
        if not self.opened.done() and data.startswith(b"HTTP/1.1 ") and not data.startswith(b"HTTP/1.1 200"):
            self.opened.set_exception(Refused(data.decode(errors="replace")))
        whole, end, self._rest = (self._rest + data).rpartition(b"\n\n")
        if not end:
            return
        if not self.opened.done() and OPENED.search(whole):
            self.opened.set_result(None)
        for subject in SUBJECT.findall(whole):
            self._arrivals.hear(subject)

    def connection_lost(self, _: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(self._rest.decode(errors="replace")[:500]))
        elif not self.opened.cancelled() and self.opened.exception() is None:
            print("lost", flush=True)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def listen(host: str, port: int, path: str, token: str, count: int) -> None:
    """Opens them, and keeps them open until standard input ends."""
    loop, arrivals = asyncio.get_running_loop(), Arrivals(count)
    head = f"GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: Bearer {token}\r\n\r\n".encode()
    at_once = asyncio.Semaphore(AT_ONCE)

    async def opened(number: int) -> None:
        async with at_once:
            source = (f"127.0.1.{1 + number % ADDRESSES}", 0)
            while True:
                _, listener = await loop.create_connection(
                    lambda: Listener(head, arrivals), host, port, local_addr=source
                )
                try:
                    return await listener.opened
                except Refused as refused:
                    listener.close()
                    if "503 Service" not in str(refused):
                        raise
                await asyncio.sleep(1)  # a crowd that comes at once is told to come again

    async with asyncio.timeout(120):
        await asyncio.gather(*(opened(number) for number in range(count)))
    print("open", flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    uvloop.run(listen(**json.loads(sys.stdin.buffer.readline())))
