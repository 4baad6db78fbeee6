"""What lies in the databases and on the bus of a single host, so that one can see whether anything changed."""

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
import pytest

from sigap_testing.eventually import eventually

T = TypeVar("T")

OF_ITSELF = {"jobs", "leases", "stream_tickets"}
"""Tables that change while nobody asks for anything."""
SWEPT = ("erase_at", "due_at")
"""Columns that the sweep of retention and the watch of deadlines set while nobody asks for anything."""
QUIET_SECONDS = 5.0
"""Longer than an event waits that came before the one it needs, and is tried again: on a busy machine some seconds."""
SOON_SECONDS = 60
"""A deadline that is due so soon would fire in the middle of a test. The others are hours away: see world.pack."""

Stored = dict[str, tuple[int, str]]
"""By database and table: the number of rows, and a digest of them."""


ON_SQLITE = pytest.mark.parametrize("stores", ["sqlite"], indirect=True, scope="session")
"""For a test of what is refused before any database is asked: what kind it is makes no difference."""
ON_POSTGRESQL = pytest.mark.parametrize(
    "stores", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True, scope="session"
)


class Stores:
    """The data of a single host in `folder`; its bus always lies there, in SQLite files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def settings(self) -> dict[str, str]:
        """What the host is told of its databases."""
        return {}

    def stored(self) -> Stored:
        files = sorted((self.folder / "data").glob("*.sqlite3"))
        return {name: found for path in files for name, found in _tables(path)}

    def changes(self, before: Stored) -> list[str]:
        """Database and table of what is not as it was, with the numbers of rows."""
        after = self.stored()
        return [
            f"{name}: {before[name][0]} rows, now {after[name][0]}" for name in before if before[name] != after[name]
        ]

    def close(self) -> None:
        """Lets the connections go."""

    def due_soon(self) -> bool:
        """Whether a deadline of any table is due in the next SOON_SECONDS, or is due and has not fired yet."""
        files = sorted((self.folder / "data").glob("*.sqlite3"))
        return any(_due_soon(path) for path in files)

    def quiet(self, within: float = 120) -> None:
        """Waits until for a while nothing has changed, every outbox was empty, and no deadline was due soon."""
        latest: list[tuple[float, Stored]] = [(time.monotonic(), self.stored())]

        def still() -> bool:
            # The deadlines are asked first: what one of them did after this question is seen in the rows.
            due, now = self.due_soon(), self.stored()
            said = any(rows for name, (rows, _) in now.items() if name.endswith("/outbox"))
            if due or said or now != latest[0][1]:
                latest[0] = (time.monotonic(), now)
            return time.monotonic() - latest[0][0] > QUIET_SECONDS

        asyncio.run(eventually(still, within=within, every=0.1))


class SqliteData(Stores):
    """A file for each service."""


class PostgresData(Stores):
    """A database for each service, on a server that others use too."""

    def __init__(self, folder: Path, server: str, services: Sequence[str], own: str) -> None:
        super().__init__(folder)
        # asyncpg's connections belong to a loop, and pytest's own may be running here.
        self._thread, self._loop = ThreadPoolExecutor(1), asyncio.new_event_loop()
        self._connections: dict[str, asyncpg.Connection] = {}
        names = {service: f"hostile_{own}_{service.replace('-', '_')}" for service in services}
        self._urls = {service: urlsplit(server)._replace(path=f"/{name}").geturl() for service, name in names.items()}
        self._run(_create(server, list(names.values())))

    def settings(self) -> dict[str, str]:
        return {
            f"SIGAP_{service.upper().replace('-', '_')}_DATABASE_URL": url.replace(
                "postgresql:", "postgresql+asyncpg:", 1
            )
            for service, url in self._urls.items()
        }

    def stored(self) -> Stored:
        return super().stored() | self._run(self._stored())

    def due_soon(self) -> bool:
        return super().due_soon() or self._run(self._due_soon())

    def close(self) -> None:
        self._run(self._close())
        self._thread.shutdown()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._loop.run_until_complete, work).result()

    async def _stored(self) -> Stored:
        for service, url in self._urls.items():
            if service not in self._connections:
                self._connections[service] = await asyncpg.connect(url)
        found = await asyncio.gather(*(_tables_of(*known) for known in self._connections.items()))
        return {name: digest for tables in found for name, digest in tables.items()}

    async def _due_soon(self) -> bool:
        columns = "information_schema.columns WHERE table_schema = 'public' AND column_name = 'due_at'"
        for connection in self._connections.values():
            for (table,) in await connection.fetch(f"SELECT table_name FROM {columns}"):
                soon = f'SELECT count(*) FROM "{table}" WHERE due_at < now() + make_interval(secs => {SOON_SECONDS})'
                if await connection.fetchval(soon):
                    return True
        return False

    async def _close(self) -> None:
        for connection in self._connections.values():
            await connection.close()


def _tables(path: Path) -> Iterator[tuple[str, tuple[int, str]]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in sorted(set(names) - OF_ITSELF):
            columns = [column for column in _columns_of(database, name) if column not in SWEPT]
            named = ", ".join(f'"{column}"' for column in columns)
            rows = database.execute(f'SELECT {named} FROM "{name}" ORDER BY 1').fetchall()
            yield f"{path.stem}/{name}", _digest(rows)


def _due_soon(path: Path) -> bool:
    soon = (datetime.now(UTC) + timedelta(seconds=SOON_SECONDS)).strftime("%Y-%m-%dT%H:%M:%S")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        dated = [name for name in names if "due_at" in _columns_of(database, name)]
        return any(database.execute(f'SELECT 1 FROM "{name}" WHERE due_at < ?', [soon]).fetchone() for name in dated)


def _columns_of(database: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]


def _digest(rows: Sequence[Any]) -> tuple[int, str]:
    return len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()


async def _create(server: str, names: Sequence[str]) -> None:
    connection = await asyncpg.connect(server)
    try:
        for name in names:
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def _tables_of(service: str, connection: asyncpg.Connection) -> Stored:
    """By one query that digests them where they lie: this is asked before and after each test."""
    named = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    row = f"(to_jsonb(t) - '{{{','.join(SWEPT)}}}'::text[])::text"
    digests = [
        f"SELECT '{name}', count(*), md5(coalesce(string_agg({row}, '' ORDER BY {row}), '')) FROM \"{name}\" t"
        for name in sorted({row[0] for row in named} - OF_ITSELF)
    ]
    found = await connection.fetch(" UNION ALL ".join(digests)) if digests else []
    return {f"{service}/{name}": (count, digest) for name, count, digest in found}
