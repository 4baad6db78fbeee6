"""The file of the embedded bus: an append-only log in SQLite, with one writing and one reading thread.

Each operation is a function that takes the connection: `create`, `append`, `read`, `prune`. Writes that wait for the
disk at the same moment share one commit.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sigap_common.bus.envelope import Message
from sigap_common.bus.port import (
    MIB,
    BusError,
    BusUnavailable,
    Delivered,
    Malformed,
    MessageTooLarge,
    TopicAbsent,
    TopicSpec,
    read_record,
)

T = TypeVar("T")
Record = Delivered | Malformed
Row = tuple[str, str, str, bytes]
"""Topic, key, headers as JSON, data."""

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


class Log:
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
        """Runs `work` in one transaction with all other waiting writes, and returns after the commit.

        `work` may raise a BusError only before its first statement that writes.
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


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in (
        "busy_timeout = 10000",
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
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
    """The result or exception of each work, and the ends of the topics after them, once all is on the disk."""
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


def nothing(connection: sqlite3.Connection) -> None:  # noqa: ARG001 (the commit is what is tried)
    return None


def _ends(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT name, next FROM topic").fetchall())


def create(topics: Sequence[TopicSpec], connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO topic (name, compacted, max_bytes, retention_seconds) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(t.name, t.compacted, t.max_bytes, int(t.retention.total_seconds())) for t in topics],
    )


def append(rows: Sequence[Row], now: int, connection: sqlite3.Connection) -> None:
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


def read(
    behind: Mapping[str, tuple[int, int]], most: int, connection: sqlite3.Connection
) -> tuple[list[Record], dict[str, int]]:
    """Records in order, and the position reached in each topic that was looked at."""
    records: list[Record] = []
    reached: dict[str, int] = {}
    size = 0
    for topic, (position, end) in behind.items():
        # Retention leaves a gap. If no record is left before the end, the end is reached.
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


def prune(topic: str, now: int, connection: sqlite3.Connection) -> int:
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


def row_of(message: Message) -> Row:
    headers = json.dumps([(name, value.decode()) for name, value in message.headers], ensure_ascii=False)
    return message.topic, message.key, headers, message.data


def _unpacked(headers: str) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in json.loads(headers)]
