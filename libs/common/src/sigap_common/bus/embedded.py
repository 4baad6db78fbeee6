"""The bus of a single host: a log in one SQLite file, durable, without a process of its own.

Every topic has one partition. Consumers of the same process are woken by the commit; an idle bus does nothing at all.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakKeyDictionary

from sigap_common.bus.envelope import Message
from sigap_common.bus.log import Log, Record, append, create, nothing, prune, read, row_of
from sigap_common.bus.port import BusUnavailable, Delivered, Position, TopicSpec
from sigap_common.core.clock import Clock, system_clock

_logs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Path, Log]] = WeakKeyDictionary()


class EmbeddedBus:
    """The embedded bus (see port.Bus). All objects of a process on the same file share its log, and wake each other."""

    name = "embedded"
    readers_keep_positions = True

    def __init__(self, path: Path, *, clock: Clock = system_clock) -> None:
        self._path = path.absolute()
        self._clock = clock
        self._opened: Log | None = None

    @property
    def _log(self) -> Log:
        if self._opened is None:
            raise BusUnavailable("the bus is not started")
        return self._opened

    async def start(self) -> None:
        if self._opened is None:
            logs = _logs.setdefault(asyncio.get_running_loop(), {})
            if self._path not in logs:
                logs[self._path] = Log(self._path)
            self._opened = logs[self._path]
            self._opened.users += 1

    async def stop(self) -> None:
        log, self._opened = self._opened, None
        if log is not None:
            log.users -= 1
            if not log.users:
                del _logs[asyncio.get_running_loop()][self._path]
                await log.close()

    async def ready(self) -> None:
        await self._log.write(nothing)

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        await self._log.write(partial(create, topics))

    async def publish(self, messages: Sequence[Message]) -> None:
        rows = [row_of(message) for message in messages]
        now = int(self._clock().timestamp())
        await self._log.write(partial(append, rows, now))

    def subscribe(
        self,
        group: str,  # noqa: ARG002 (a position is the consumer's own here)
        topics: Sequence[str],
        start: Mapping[tuple[str, int], int],
        patience: float = 0,
    ) -> "EmbeddedSubscription":
        return EmbeddedSubscription(self._log, {topic: start.get((topic, 0), 0) for topic in topics}, patience)

    async def tail(
        self, topics: Sequence[str], after: Mapping[tuple[str, int], int] | None, back: int
    ) -> AsyncGenerator[Delivered, None]:
        start = dict(after or {})
        for place, end in (await self.end(topics)).items():
            start.setdefault(place, max(0, end - back))
        async with self.subscribe("", topics, start) as subscription:
            while True:
                for record in await subscription.fetch(100, 3600):
                    if isinstance(record, Delivered):
                        yield record

    async def end(self, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        return {(topic, 0): await self._log.position_after(topic) for topic in topics}

    async def prune(self, now: datetime) -> int:
        removed = 0
        for topic in list(self._log.ends):
            # In slices, so that no publish waits long behind it.
            while count := await self._log.write(partial(prune, topic, int(now.timestamp()))):
                removed += count
        return removed


class EmbeddedSubscription:
    """See port.Subscription."""

    assignment_version = 1

    def __init__(self, log: Log, positions: dict[str, int], patience: float) -> None:
        self._log = log
        self._positions = positions
        self._handled = dict(positions)
        self._patience = patience

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def fetch(self, most: int, wait: float) -> list[Record]:
        try:
            async with asyncio.timeout(wait):
                behind = await self._wait_for_news()
        except TimeoutError:
            return []
        if self._patience:
            await asyncio.sleep(self._patience)
            behind = await self._wait_for_news()
        records, reached = await self._log.read(partial(read, behind, most))
        for topic, position in reached.items():  # to the end of the dictionary: the next fetch begins elsewhere
            del self._positions[topic]
            self._positions[topic] = position
        return records

    async def done(self, positions: Sequence[Position]) -> None:
        """Stores nothing: the consumer stores positions in the transaction of its handler."""
        self._handled |= {topic: offset for topic, _, offset in positions}

    async def lag(self) -> int:
        return sum([max(0, await self._log.position_after(topic) - at) for topic, at in list(self._handled.items())])

    async def _wait_for_news(self) -> dict[str, tuple[int, int]]:
        """Position and end of each topic that has more."""
        while True:
            news = self._log.news  # before looking, or a commit meanwhile would wake nobody
            ends = {topic: await self._log.position_after(topic) for topic in self._positions}
            behind = {topic: (at, ends[topic]) for topic, at in self._positions.items() if at < ends[topic]}
            if behind:
                return behind
            await news.wait()
