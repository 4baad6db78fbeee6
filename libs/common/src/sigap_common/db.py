"""One database a service: SQLite or PostgreSQL, by the URL alone.

Statements are SQLAlchemy Core. What runs for every call is written as `Hot`: compiled once for the
dialect, then sent as text, since compiling is half of what a small statement costs.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CursorResult, DateTime, Dialect, Executable, String, Text, event
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.types import TypeDecorator

LOCK_WAIT_SECONDS = 5
"""How long a statement waits for a row or a table that another transaction holds."""


class Unavailable(Exception):
    """The database is away, or too busy to be waited for. Nothing was changed; trying again is right."""


class LockHeld(Exception):
    """Another transaction held a row longer than LOCK_WAIT_SECONDS."""


class Utc(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite keeps it as text of fixed width, so that it sorts and compares."""

    impl = DateTime(timezone=True)
    cache_ok = True
    python_type = datetime

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None or isinstance(value, datetime):
            return value.astimezone(UTC) if value else None
        return datetime.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """A JSON value kept as text, the same on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(value)


class Hot:
    """A statement compiled once a dialect. `names`: the bound parameters that a caller gives."""

    def __init__(self, statement: Executable, names: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._names = list(names) if names else None
        self._compiled: dict[str, tuple[str, list[str], dict[str, Callable[[Any], Any]]]] = {}
        self._constants: dict[str, Any] = {}  # values that the statement brings along

    def _for(self, dialect: Dialect) -> tuple[str, list[str], dict[str, Callable[[Any], Any]]]:
        if dialect.name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._names)  # type: ignore[attr-defined]
            order = list(compiled.positiontup)
            processors = {name: compiled._bind_processors[name] for name in order if name in compiled._bind_processors}
            self._constants |= {name: v for name, v in compiled.params.items() if v is not None}
            self._compiled[dialect.name] = (str(compiled), order, processors)
        return self._compiled[dialect.name]

    async def run(self, connection: AsyncConnection, values: Mapping[str, Any]) -> CursorResult[Any]:
        sql, row = self._row(connection.dialect, values)
        return await connection.exec_driver_sql(sql, row)

    async def run_many(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """One round trip for all rows; nothing for none."""
        if len(rows) == 1:
            await self.run(connection, rows[0])
        elif rows:
            sql = self._for(connection.dialect)[0]
            await connection.exec_driver_sql(sql, [self._row(connection.dialect, values)[1] for values in rows])

    def _row(self, dialect: Dialect, values: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        sql, order, processors = self._for(dialect)
        values = {**self._constants, **values} if self._constants else values
        return sql, tuple(processors[name](values[name]) if name in processors else values[name] for name in order)


class Database:
    """Connections to one service's database. `write`: a transaction that may change it; `read`: one that may not."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = create_async_engine(url, **(_sqlite() if self.is_sqlite else _postgres(pool_size)))
        self._writer = asyncio.Lock()  # SQLite has one writer: those of this process queue here, not in its busy loop
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _configure_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Commits when its block ends, rolls back when it raises. Raises Unavailable, LockHeld."""
        if not self.is_sqlite:
            async with self._begin(writer=True) as connection:
                yield connection
            return
        try:
            await asyncio.wait_for(self._writer.acquire(), LOCK_WAIT_SECONDS)
        except TimeoutError as late:
            raise Unavailable("other writers took too long") from late
        try:
            async with self._begin(writer=True) as connection:
                yield connection
        finally:
            self._writer.release()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Raises Unavailable."""
        async with self._begin(writer=False) as connection:
            yield connection

    @asynccontextmanager
    async def _begin(self, *, writer: bool) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.connect() as connection:
                await connection.execution_options(sigap_writer=writer)
                async with connection.begin():
                    yield connection
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise _translated(error) from error

    async def close(self) -> None:
        await self.engine.dispose()


def _translated(error: Exception) -> Exception:
    if isinstance(error, OSError | PoolTimeout):
        return Unavailable(str(error))
    assert isinstance(error, DBAPIError)
    state = getattr(error.orig, "sqlstate", None) or ""
    if state == "55P03" or "database is locked" in str(error.orig):
        return LockHeld(str(error.orig))
    away = error.connection_invalidated or state[:2] in {"08", "57", "53"} or "connection" in str(error.orig).lower()
    return Unavailable(str(error.orig)) if away else error


def _sqlite() -> dict[str, Any]:
    return {"pool_size": 4, "max_overflow": 0, "pool_timeout": LOCK_WAIT_SECONDS, "hide_parameters": True}


def _postgres(pool_size: int) -> dict[str, Any]:
    settings = {"lock_timeout": f"{LOCK_WAIT_SECONDS}s", "idle_in_transaction_session_timeout": "10min"}
    return {
        "pool_size": pool_size,
        "max_overflow": 0,
        "hide_parameters": True,  # personal data has no place in an error's text
        "pool_timeout": LOCK_WAIT_SECONDS,
        "connect_args": {"server_settings": settings, "prepared_statement_cache_size": 500, "timeout": 5},
    }


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={LOCK_WAIT_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writer = connection.get_execution_options().get("sigap_writer", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")
