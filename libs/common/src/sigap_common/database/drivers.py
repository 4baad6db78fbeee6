"""The two drivers, as `CompiledStatement` and `Database` use them.

SQLite's BEGIN IMMEDIATE and COMMIT may wait for the disk or for another writer, so they run in the connection's own
thread and not on the event loop. All other statements find their pages in memory, and take less time than the way to
that thread and back.
"""

import asyncio
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import aiosqlite
import asyncpg

from sigap_common.database.errors import NotUnique, Unavailable

Row = tuple[Any, ...]

IN_A_ROW = 32
_FAILED = re.compile("^UNIQUE constraint failed: ")
_SHARED = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


class Driver(Protocol):
    """One connection. It raises NotUnique, and otherwise its own errors."""

    @property
    def broken(self) -> bool: ...

    async def run(self, sql: str, row: Row) -> int:
        """Runs a statement. Returns how many rows it changed."""
        ...

    async def run_many(self, sql: str, rows: Sequence[Row]) -> None: ...

    async def rows(self, sql: str, row: Row) -> Sequence[Any]: ...

    async def begin(self, *, writing: bool) -> None: ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class PostgresDriver:
    def __init__(self, raw: asyncpg.Connection) -> None:
        self._raw = raw

    @property
    def broken(self) -> bool:
        return bool(self._raw.is_closed())

    async def run(self, sql: str, row: Row) -> int:
        with _unique():
            said: str = await self._raw.execute(sql, *row)
        return int(said.rpartition(" ")[2])

    async def run_many(self, sql: str, rows: Sequence[Row]) -> None:
        with _unique():
            await self._raw.executemany(sql, rows)

    async def rows(self, sql: str, row: Row) -> Sequence[Any]:
        with _unique():
            found: Sequence[Any] = await self._raw.fetch(sql, *row)
        return found

    async def begin(self, *, writing: bool) -> None:
        await self._raw.execute("BEGIN" if writing else "BEGIN READ ONLY")

    async def commit(self) -> None:
        if await self._raw.execute("COMMIT") != "COMMIT":  # it says ROLLBACK where a statement had failed
            raise Unavailable("the transaction had failed before its end")

    async def rollback(self) -> None:
        await self._raw.execute("ROLLBACK")


class SqliteDriver:
    broken = False

    def __init__(self, thread: aiosqlite.Connection) -> None:
        self._thread = thread
        self._here: sqlite3.Connection = thread._conn  # it has no public name
        self._in_a_row = 0

    async def run(self, sql: str, row: Row) -> int:
        await self._let_others()
        with _unique():
            return self._here.execute(sql, row).rowcount

    async def run_many(self, sql: str, rows: Sequence[Row]) -> None:
        await self._let_others()
        with _unique():
            self._here.executemany(sql, rows)

    async def rows(self, sql: str, row: Row) -> Sequence[Any]:
        await self._let_others()
        with _unique():
            return self._here.execute(sql, row).fetchall()

    async def _let_others(self) -> None:
        """Lets the event loop run from time to time. A long batch would stop all services of a single host."""
        self._in_a_row += 1
        if self._in_a_row % IN_A_ROW == 0:
            await asyncio.sleep(0)

    async def begin(self, *, writing: bool) -> None:
        if writing:
            await self._thread.execute("BEGIN IMMEDIATE")
        else:
            self._here.execute("BEGIN")

    async def commit(self) -> None:
        await self._thread.execute("COMMIT")

    async def rollback(self) -> None:
        await self._thread.rollback()


@contextmanager
def _unique() -> Iterator[None]:
    """Raises NotUnique without the driver's own error, whose text may quote the row."""
    try:
        yield
    except asyncpg.UniqueViolationError as shared:
        raise NotUnique(shared.table_name) from None
    except sqlite3.IntegrityError as shared:
        if shared.sqlite_errorname not in _SHARED:
            raise
        raise NotUnique(_FAILED.sub("", str(shared)).partition(".")[0]) from None
