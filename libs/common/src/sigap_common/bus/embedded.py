"""The bus of a single host: an append-only log in one SQLite file, durable, without a process of its own.

Every topic has one partition. Publishes that wait for the disk at the same moment share one commit. Consumers
of the same process are woken by the commit; an idle bus does nothing at all.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

from sigap_common.bus.port import (
    MIB,
    BusError,
    BusUnavailable,
    Delivered,
    Malformed,
    MessageTooLarge,
    Position,
    TopicAbsent,
    TopicSpec,
    read_record,
)
from sigap_common.clock import Clock, system_clock
from sigap_common.envelope import Message

T = TypeVar("T")
Record = Delivered | Malformed

_SCHEMA = """
CREATE TABLE IF NOT EXISTS topic (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, next INTEGER NOT NULL DEFAULT 0,
    compacted INTEGER NOT NULL, max_bytes INTEGER NOT NULL, retention_seconds INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS log (
    topic INTEGER NOT NULL REFERENCES topic (id), "offset" INTEGER NOT NULL, written_at INTEGER NOT NULL,
    key TEXT NOT NULL, headers TEXT NOT NULL, data BLOB NOT NULL, UNIQUE (topic, "offset"));
"""
_BYTES_A_FETCH = 8 * MIB
_ROWS_A_PRUNING = 1000


class _Log:
    """The file with one writing and one reading thread, shared by all buses on it of one event loop."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.users = 0
        self.news = asyncio.Event()
        self.ends: dict[str, int] = {}
        self._writer = ThreadPoolExecutor(1, "bus-writer")
        self._reader = ThreadPoolExecutor(1, "bus-reader")
        self._waiting: list[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]] = []
        self._drain: asyncio.Task[None] | None = None
        self._write_connection = _connect(path)
        self._write_connection.executescript(_SCHEMA)
        self._read_connection = _connect(path)
        self._note_ends(_ends(self._read_connection))

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work` in a transaction with whatever else waits, and returns after the commit.

        `work` raises a BusError before its first statement that writes, or not at all.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._drain is None or self._drain.done():
            self._drain = asyncio.create_task(self._drain_waiting())
        return await future

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await _in_thread(self._reader, work, self._read_connection)

    async def position_after(self, topic: str) -> int:
        if topic not in self.ends:  # made by another process since we opened the file
            self._note_ends(await self.read(_ends))
        if topic not in self.ends:
            raise TopicAbsent(topic)
        return self.ends[topic]

    async def close(self) -> None:
        if self._drain is not None:
            await asyncio.wait([self._drain])
        for executor, connection in (
            (self._reader, self._read_connection),
            (self._writer, self._write_connection),
        ):
            await _in_thread(executor, sqlite3.Connection.close, connection)
            executor.shutdown(wait=False)

    async def _drain_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            commit = partial(_commit, [work for work, _ in batch])
            outcomes: Sequence[object]
            try:
                outcomes, ends = await _in_thread(self._writer, commit, self._write_connection)
            except Exception as error:  # whatever it was, nobody may wait for ever
                outcomes, ends = [error] * len(batch), {}
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                _settle(future, outcome)
            self._note_ends(ends)

    def _note_ends(self, ends: Mapping[str, int]) -> None:
        if any(self.ends.get(topic) != end for topic, end in ends.items()):
            self.ends.update(ends)
            self.news.set()
            self.news = asyncio.Event()


_logs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Path, _Log]] = WeakKeyDictionary()


class EmbeddedBus:
    """See port.Bus. Several of one process on the same file share it, and wake each other."""

    name = "embedded"
    readers_keep_positions = True

    def __init__(self, path: Path, *, clock: Clock = system_clock) -> None:
        self._path = path.absolute()
        self._clock = clock
        self._opened: _Log | None = None

    @property
    def _log(self) -> _Log:
        if self._opened is None:
            raise BusUnavailable("the bus is not started")
        return self._opened

    async def start(self) -> None:
        if self._opened is None:
            logs = _logs.setdefault(asyncio.get_running_loop(), {})
            if self._path not in logs:
                logs[self._path] = _Log(self._path)
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
        await self._log.write(_nothing)

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        await self._log.write(partial(_create, topics))

    async def publish(self, messages: Sequence[Message]) -> None:
        rows = [(m.topic, m.key, _packed(m.headers), m.data) for m in messages]
        now = int(self._clock().timestamp())
        await self._log.write(partial(_append, rows, now))

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
            while count := await self._log.write(partial(_prune, topic, int(now.timestamp()))):
                removed += count
        return removed


class EmbeddedSubscription:
    """See port.Subscription."""

    assignment_version = 1

    def __init__(self, log: _Log, positions: dict[str, int], patience: float) -> None:
        self._log = log
        self._positions = positions
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
        records, reached = await self._log.read(partial(_read, behind, most))
        for (
            topic,
            position,
        ) in reached.items():  # to the end of the dictionary: the next fetch begins elsewhere
            del self._positions[topic]
            self._positions[topic] = position
        return records

    async def done(self, positions: Sequence[Position]) -> None:
        """Nothing: the consumer has written them with what it did."""

    async def _wait_for_news(self) -> dict[str, tuple[int, int]]:
        """Position and end of each topic that has more."""
        while True:
            news = self._log.news  # before looking, or a commit meanwhile would wake nobody
            ends = {topic: await self._log.position_after(topic) for topic in self._positions}
            behind = {topic: (at, ends[topic]) for topic, at in self._positions.items() if at < ends[topic]}
            if behind:
                return behind
            await news.wait()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in (
        "busy_timeout = 10000",
        "journal_mode = WAL",
        "synchronous = FULL",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


async def _in_thread(
    executor: ThreadPoolExecutor, work: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection
) -> T:
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, work, connection)
    except (sqlite3.Error, RuntimeError) as error:  # RuntimeError: the threads are gone, the bus was stopped
        raise BusUnavailable(f"{type(error).__name__}: {error}") from error


def _settle(future: asyncio.Future[Any], outcome: object) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _commit(
    works: Sequence[Callable[[sqlite3.Connection], object]], connection: sqlite3.Connection
) -> tuple[list[object], dict[str, int]]:
    """What each work gave or raised, and the ends after all of them, once they are on the disk."""
    outcomes: list[object] = []
    connection.execute("BEGIN IMMEDIATE")
    try:
        for work in works:
            try:
                outcomes.append(work(connection))
            except BusError as error:
                outcomes.append(error)
        ends = _ends(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return outcomes, ends


def _nothing(connection: sqlite3.Connection) -> None:  # noqa: ARG001 (the commit is what is tried)
    return None


def _ends(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT name, next FROM topic").fetchall())


def _create(topics: Sequence[TopicSpec], connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO topic (name, compacted, max_bytes, retention_seconds) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(t.name, t.compacted, t.max_bytes, int(t.retention.total_seconds())) for t in topics],
    )


def _append(rows: Sequence[tuple[str, str, str, bytes]], now: int, connection: sqlite3.Connection) -> None:
    topics = {name: (number, next_, most) for number, name, next_, most in
              connection.execute("SELECT id, name, next, max_bytes FROM topic")}  # fmt: skip
    log: list[tuple[int, int, int, str, str, bytes]] = []
    for name, key, headers, data in rows:
        if name not in topics:
            raise TopicAbsent(name)
        number, offset, most = topics[name]
        if (size := len(key) + len(headers) + len(data)) > most:
            raise MessageTooLarge(f"{size} bytes for {name}, which allows {most}")
        topics[name] = (number, offset + 1, most)
        log.append((number, offset, now, key, headers, data))
    connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", log)
    connection.executemany("UPDATE topic SET next = ? WHERE id = ?", [(n, t) for t, n, _ in topics.values()])


def _read(
    behind: Mapping[str, tuple[int, int]], most: int, connection: sqlite3.Connection
) -> tuple[list[Record], dict[str, int]]:
    """Records in order, and the position reached in each topic that was looked at."""
    records: list[Record] = []
    reached: dict[str, int] = {}
    size = 0
    for topic, (position, end) in behind.items():
        # What retention took away leaves a gap: where nothing is left up to the end, the end is reached.
        reached[topic] = end
        for offset, key, headers, data in connection.execute(
            'SELECT "offset", key, headers, data FROM log WHERE topic = (SELECT id FROM topic WHERE name = ?)'
            ' AND "offset" >= ? AND "offset" < ? ORDER BY "offset" LIMIT ?',
            (topic, position, end, most - len(records) + 1),
        ):
            if len(records) == most or size > _BYTES_A_FETCH:
                reached[topic] = offset
                return records, reached
            size += len(data)
            records.append(read_record((topic, 0, offset), _unpacked(headers), key.encode(), data))
    return records, reached


def _prune(topic: str, now: int, connection: sqlite3.Connection) -> int:
    number, compacted, retention = connection.execute(
        "SELECT id, compacted, retention_seconds FROM topic WHERE name = ?", (topic,)
    ).fetchone()
    if compacted:
        old = (
            'SELECT rowid FROM log WHERE topic = :topic AND "offset" NOT IN'
            ' (SELECT max("offset") FROM log WHERE topic = :topic GROUP BY key) LIMIT :most'
        )
    else:
        old = (
            'SELECT rowid FROM (SELECT rowid, written_at FROM log WHERE topic = :topic ORDER BY "offset" LIMIT :most)'
            " WHERE written_at < :before"
        )
    values = {"topic": number, "most": _ROWS_A_PRUNING, "before": now - retention}
    return connection.execute(f"DELETE FROM log WHERE rowid IN ({old})", values).rowcount  # noqa: S608 (our own text)


def _packed(headers: Sequence[tuple[str, bytes]]) -> str:
    return json.dumps([(name, value.decode()) for name, value in headers], ensure_ascii=False)


def _unpacked(headers: str) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in json.loads(headers)]
