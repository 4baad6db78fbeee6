"""Records the statements sent to a database, for tests of a use case's cost, and asks how they are answered."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import event

from sigap_common.database import Connection, Database
from sigap_common.database.drivers import Driver, Row

Note = Callable[[str, Any], None]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Yields a list that collects the SQL sent on connections that are taken in the meantime. A statement for many rows
    is listed once; BEGIN, COMMIT and ROLLBACK are not.
    """
    said: list[str] = []
    with _noting(database, lambda sql, _: said.append(sql)):
        yield said


@contextmanager
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The same with the parameters, for `plan_of`; of a statement for many rows those of all rows."""
    said: list[tuple[str, Any]] = []
    with _noting(database, lambda sql, parameters: said.append((sql, parameters))):
        yield said


@contextmanager
def _noting(database: Database, note: Note) -> Iterator[None]:
    take, watched = database._connection, list[Connection]()

    def note_execution(*execution: Any) -> None:
        note(execution[2], execution[3])

    async def take_watched() -> Connection:
        connection = await take()
        if connection not in watched:
            watched.append(connection)
            connection.driver = _Noting(connection.driver, note)
        return connection

    event.listen(database.engine.sync_engine, "before_cursor_execute", note_execution)
    database._connection = take_watched  # type: ignore[method-assign]
    try:
        yield
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note_execution)
        database._connection = take  # type: ignore[method-assign]
        for connection in watched:
            connection.driver = connection.driver.driver  # type: ignore[attr-defined]


async def plan_of(database: Database, sql: str, parameters: Any = ()) -> str:
    """How the database finds the rows, in its planner's own words: with an index, if it can use one."""

    def planned(connection: Any) -> str:
        if database.is_sqlite:
            return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all())
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # a few rows are read faster without an index
        return str(connection.exec_driver_sql(f"EXPLAIN {sql}", parameters).all())

    async with database.write() as connection:
        plan: str = await connection.run_sync(planned)
    return plan


@contextmanager
def blocks(database: Database) -> Iterator[list[str]]:
    """Yields a list with `read` or `write` for each connection that is asked for in the meantime."""
    asked: list[str] = []
    read, write = database.read, database.write

    @asynccontextmanager
    async def noting_read() -> AsyncIterator[Connection]:
        asked.append("read")
        async with read() as connection:
            yield connection

    @asynccontextmanager
    async def noting_write() -> AsyncIterator[Connection]:
        asked.append("write")
        async with write() as connection:
            yield connection

    database.read, database.write = noting_read, noting_write  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        database.read, database.write = read, write  # type: ignore[method-assign]


class _Noting:
    def __init__(self, driver: Driver, note: Note) -> None:
        self.driver, self._note = driver, note

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)

    async def run(self, sql: str, row: Row) -> int:
        self._note(sql, row)
        return await self.driver.run(sql, row)

    async def run_many(self, sql: str, rows: Sequence[Row]) -> None:
        self._note(sql, rows)
        await self.driver.run_many(sql, rows)

    async def rows(self, sql: str, row: Row) -> Sequence[Any]:
        self._note(sql, row)
        return await self.driver.rows(sql, row)
