"""One row of a table, read in the ways that ADR 0008 compares: what each costs in CPU, on SQLite in a file."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import bindparam
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from tests.load.report import Figure, show

from sigap_common.database import CompiledStatement, Connection, Database, insert
from sigap_common.database.table_models import read_one
from sigap_dispatch.models import Account

READS = 3000
NAME = "sari"
_COMPILED = CompiledStatement(Account.table().select().where(Account.table().c.username == bindparam("name")))
Read = Callable[[Connection], Awaitable[object]]


async def _compiled(connection: Connection) -> object:
    return await _COMPILED.first(connection, {"name": NAME})


async def _core(connection: Connection) -> object:
    t = Account.table()
    return (await connection.execute(t.select().where(t.c.username == NAME))).first()


async def _model(connection: Connection) -> object:
    return await read_one(connection, select(Account).where(col(Account.username) == NAME))


async def _session(connection: Connection) -> object:
    async with AsyncSession(connection.core) as session:
        return (await session.execute(select(Account).where(col(Account.username) == NAME))).scalar_one()


WAYS: dict[str, Read] = {
    "a compiled statement, given to the driver": _compiled,
    "SQLAlchemy Core": _core,
    "a table model, as `read_one` reads it": _model,
    "the same by an ORM session of its own": _session,
}


async def _microseconds(connection: Connection, read: Read) -> float:
    """Of CPU, of one read on average, the thread of SQLite included."""
    for _ in range(100):  # what is compiled once is compiled now
        assert await read(connection)
    began = time.process_time()
    for _ in range(READS):
        await read(connection)
    return 1_000_000 * (time.process_time() - began) / READS


async def _measured() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/rows.sqlite3")
        async with database.write() as connection:
            await connection.run_sync(Account.table().create)
            account = Account(
                username=NAME,
                password_hash="none",
                name="Sari",
                roles=["operator"],
                regencies=["99.01"],
                agency=None,
                disabled=False,
                created_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            await connection.execute(insert(Account.table()).values(account.values()))
        try:
            async with database.read() as connection:
                return {name: await _microseconds(connection, read) for name, read in WAYS.items()}
        finally:
            await database.close()


def measure() -> None:
    took = asyncio.run(_measured())
    least = min(took.values())
    figures = [Figure(name, f"{one:,.0f} us of CPU", f"{one / least:.1f} times") for name, one in took.items()]
    show("One row read by its key, SQLite", figures)
