"""Live streams (Server-Sent Events) of one thing that no event of the bus tells of, such as what is typed of a call.

Such a stream reads the database: at once when it is woken, and again and again after some seconds. Between these it
holds no connection. It ends with the token that opened it, and with its process.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol
from uuid import UUID

from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send

from sigap_common.auth import Access
from sigap_common.core.clock import Clock, Elapsed
from sigap_common.core.errors import Forbidden, NotFound
from sigap_common.http.stream_answer import StreamAnswer
from sigap_common.http.streams import HEARTBEAT, HEARTBEAT_SECONDS, LiveStream, stopping
from sigap_common.messaging.outages import AWAY


class Clocks(Protocol):
    """The clocks of the service to which a stream belongs."""

    @property
    def clock(self) -> Clock: ...
    @property
    def elapsed(self) -> Elapsed: ...


class Watcher:
    """One open stream."""

    def __init__(self) -> None:
        self.gone = False
        """Whether its client has left."""
        self._called = asyncio.Event()

    def wake(self) -> None:
        self._called.set()

    def leave(self) -> None:
        self.gone = True
        self.wake()

    async def called(self, seconds: float) -> None:
        """Returns when it is woken, or after this time."""
        try:
            async with asyncio.timeout(seconds):
                await self._called.wait()
        except TimeoutError:
            pass
        self._called.clear()


class Watchers:
    """The watchers of one process, by what they look at."""

    def __init__(self) -> None:
        self._of: dict[UUID, set[Watcher]] = {}

    @contextmanager
    def watching(self, thing: UUID) -> Iterator[Watcher]:
        """A watcher of this, for as long as its stream is open."""
        watcher = Watcher()
        self._of.setdefault(thing, set()).add(watcher)
        try:
            yield watcher
        finally:
            self._of[thing].discard(watcher)
            if not self._of[thing]:
                del self._of[thing]

    def wake(self) -> None:
        """Wakes all of them: the process is about to stop."""
        for watchers in self._of.values():
            for watcher in watchers:
                watcher.wake()

    async def tell(self, thing: UUID) -> None:
        """Wakes those who look at it."""
        for watcher in self._of.get(thing, ()):
            watcher.wake()


class WatchedStream(StreamAnswer):
    """The answer that is such a stream. A subclass says what is new."""

    def __init__(
        self,
        clocks: Clocks,
        stream: LiveStream,
        access: Access,
        watching: AbstractContextManager[Watcher],
        look_seconds: float,
    ) -> None:
        """`stream`: whose places and end hold here too. `look_seconds`: clock and token are looked at so often too."""
        super().__init__()
        self._clocks, self._stream, self._access = clocks, stream, access
        self._watching, self._look_seconds = watching, look_seconds
        self._is_over = False
        """Whether nothing new can come any more."""

    async def _begin(self) -> None:
        """Called once, before `ready`."""

    async def _news(self) -> bytes:
        """The messages of what is new. If nothing can come after it, it sets `_is_over`. Raises NotFound, Forbidden,
        Unavailable, LockHeld.
        """
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Raises TooManyRequests (429) before it answers anything."""
        with self._stream.places.taken(self._access.subject), self._watching as watcher:
            async with self.begun(receive, send, watcher.leave):
                async for body in self._bodies(watcher):
                    await send({"type": "http.response.body", "body": body, "more_body": True})

    async def _bodies(self, watcher: Watcher) -> AsyncIterator[bytes]:
        elapsed = self._clocks.elapsed
        sent_at = elapsed()
        await self._begin()
        yield format_sse_event(event="ready", data_str="{}")
        while not watcher.gone:
            if self._stream.is_closed:
                yield stopping()
                return
            if self._access.expires_at <= self._clocks.clock():
                yield format_sse_event(event="expired", data_str="{}")
                return
            try:
                body = await self._news()
            except (NotFound, Forbidden):
                return
            except AWAY:
                body = b""
            if not body and elapsed() - sent_at >= HEARTBEAT_SECONDS:
                body = HEARTBEAT
            if body:
                sent_at = elapsed()
                yield body
            if self._is_over:
                return
            await watcher.called(self._look_seconds)
