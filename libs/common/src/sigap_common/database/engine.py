"""Connections to one service's database, and their transactions."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import Any

from sqlalchemy import CursorResult, Executable, NullPool, event
from sqlalchemy.engine.url import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncResult, create_async_engine

from sigap_common.database.drivers import Driver, PostgresDriver, SqliteDriver
from sigap_common.database.errors import DRIVERS_ERRORS, LOCK_WAIT_SECONDS, Unavailable, translated

SQLITE_CONNECTIONS = 4


class Connection:
    """A connection that one task holds. `execute` runs SQLAlchemy Core, `driver` runs a `CompiledStatement`.

    SQLAlchemy is set to autocommit; Database begins and ends the transaction of both. On PostgreSQL the transaction
    begins with the first statement that writes or locks. Earlier reads see what was committed, as they would inside it
    (READ COMMITTED). A block that only reads, or whose writes are one statement, has no transaction.
    """

    def __init__(self, core: AsyncConnection, driver: Driver) -> None:
        self.core, self.driver, self.dialect = core, driver, core.dialect
        self.in_transaction = self._to_begin = self._over = self._spoilt = False

    @property
    def usable(self) -> bool:
        return not (self._spoilt or self.driver.broken or self.core.invalidated)

    async def execute(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        await self.begin()
        return await self.core.execute(statement, values)

    async def scalar(self, statement: Executable) -> Any:
        await self.begin()
        return await self.core.scalar(statement)

    async def run_sync(self, work: Callable[[Any], Any]) -> Any:
        """Runs SQLAlchemy code that does not await, such as DDL, in the transaction."""
        await self.begin()
        if not self.core.in_transaction():
            await self.core.begin()
        return await self.core.run_sync(work)

    @asynccontextmanager
    async def stream(self, statement: Executable) -> AsyncIterator[AsyncResult[Any]]:
        """The rows one by one, for a result that is too large for memory. It runs in a transaction, which PostgreSQL
        needs for this.
        """
        await self.begin()
        own = nullcontext() if self.in_transaction else self.transaction(writing=False)
        async with own, self.core.stream(statement) as rows:
            yield rows

    async def begin(self) -> None:
        """Begins the transaction of a writing block, if it has not begun. Raises RuntimeError after `is_all`."""
        if self._to_begin:
            await self._begin(writing=True)
        if self._over:
            raise RuntimeError("what the block had to write is written and committed")

    def is_all(self) -> None:
        """Declares that the next statement is all that the block writes. If no transaction has begun, the statement
        needs none.
        """
        self._over, self._to_begin = self._to_begin, False

    async def _begin(self, *, writing: bool) -> None:
        self._to_begin, self.in_transaction = False, True  # if it is cancelled here, it may have begun all the same
        await self.driver.begin(writing=writing)

    @asynccontextmanager
    async def transaction(self, *, writing: bool) -> AsyncIterator[None]:
        self._to_begin = writing and self.dialect.name != "sqlite"  # its one writer waits here
        try:
            if not self._to_begin:
                await self._begin(writing=writing)
            yield
            if self.in_transaction:
                await self.driver.commit()
        except BaseException:
            if self.in_transaction:
                await self._give_up()
            raise
        finally:
            self._to_begin = self.in_transaction = self._over = False

    async def _give_up(self) -> None:
        self._spoilt = True
        with suppress(Exception):  # what led here is what to tell of
            await self.driver.rollback()
            self._spoilt = False

    def spoil(self) -> None:
        """Marks the connection as broken, so that it is not used again."""
        self._spoilt = True


class Database:
    """The database of one service. `write` opens a transaction that may change it. `read` gives a connection without a
    transaction: each statement sees what was committed before it.
    """

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        options = _sqlite() if self.is_sqlite else _postgres()
        self.engine = create_async_engine(
            url,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            hide_parameters=True,  # personal data has no place in an error's text
            connect_args=options,
        )
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _configure_sqlite)
        self._free = asyncio.Semaphore(SQLITE_CONNECTIONS if self.is_sqlite else pool_size)
        self._idle: list[Connection] = []
        self._closed = False
        self._writer = asyncio.Lock()  # SQLite has one writer: those of this process queue here, not in its busy loop

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """A writing block: commits at its end, and rolls back if it raises. Writes after `is_all` are committed by
        their own statement. Raises Unavailable, LockHeld.
        """
        turn = self._alone() if self.is_sqlite else nullcontext()
        async with turn, self._held() as connection, connection.transaction(writing=True):
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Raises Unavailable."""
        async with self._held() as connection:
            yield connection

    async def close(self) -> None:
        """Closes the connections. A connection in use is closed when its holder returns it."""
        self._closed = True
        for connection in self._idle:
            await _close(connection)
        self._idle.clear()
        await self.engine.dispose()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(LOCK_WAIT_SECONDS):
                await self._writer.acquire()
        except TimeoutError as late:
            raise Unavailable("other writers took too long") from late
        try:
            yield
        finally:
            self._writer.release()

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[Connection]:
        """A connection of the pool. Inside the block the drivers' errors are translated. Raises Unavailable."""
        await self._wait_for_one()
        try:
            connection = await self._connection()
            try:
                yield connection
            except DRIVERS_ERRORS:
                connection.spoil()  # the state of the connection is not known now
                raise
            finally:
                await self._give_back(connection)
        except DRIVERS_ERRORS as error:
            raise translated(error) from error
        finally:
            self._free.release()

    async def _wait_for_one(self) -> None:
        if not self._free.locked():
            await self._free.acquire()  # at once
            return
        try:
            async with asyncio.timeout(LOCK_WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError as late:
            raise Unavailable("all connections are busy") from late

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            await _close(connection)
        core = await self.engine.connect()
        raw = (await core.get_raw_connection()).driver_connection
        return Connection(core, SqliteDriver(raw) if self.is_sqlite else PostgresDriver(raw))  # type: ignore[arg-type]

    async def _give_back(self, connection: Connection) -> None:
        if connection.usable and not self._closed:
            self._idle.append(connection)
        else:
            await _close(connection)


async def _close(connection: Connection) -> None:
    with suppress(Exception):
        await connection.core.close()


def _sqlite() -> dict[str, Any]:
    return {"check_same_thread": False, "timeout": LOCK_WAIT_SECONDS}


def _postgres() -> dict[str, Any]:
    settings = {"lock_timeout": f"{LOCK_WAIT_SECONDS}s", "idle_in_transaction_session_timeout": "10min"}
    # Statements of any length: the inbox's statement for a full batch has 22 kB.
    caches = {"prepared_statement_cache_size": 200, "statement_cache_size": 200, "max_cacheable_statement_size": 0}
    return {"server_settings": settings, "timeout": LOCK_WAIT_SECONDS, **caches}


def _configure_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # Without secure_delete, SQLite leaves erased values readable in the free parts of its file.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
