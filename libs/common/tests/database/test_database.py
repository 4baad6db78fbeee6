"""What a database that is away or busy looks like to the services: Unavailable, and nothing else."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, bindparam, func, insert, select, text, update

from sigap_common.database import CompiledStatement, Database, LockHeld, NotUnique, Unavailable, engine, execute_batch
from sigap_testing.patience import patience
from sigap_testing.plugin import or_missing
from sigap_testing.postgres import PostgresServer

METADATA = MetaData()
THINGS = Table("things", METADATA, Column("id", Integer, primary_key=True), Column("name", String))
NOTES = Table("notes", METADATA, Column("id", Integer, primary_key=True), Column("name", String))
ADD_THING, ADD_NOTE = (
    CompiledStatement(insert(THINGS), ["id", "name"]),
    CompiledStatement(insert(NOTES), ["id", "name"]),
)
RENAME_THING, RENAME_NOTE = (
    CompiledStatement(
        table.update().where(table.c.id == bindparam("this_id")).values(name=bindparam("new_name")), by=by
    )
    for table, by in ((THINGS, "this_id"), (NOTES, None))
)
SLEEP = CompiledStatement(select(func.pg_sleep(bindparam("seconds", type_=Float))))
NAME_OF = CompiledStatement(select(THINGS.c.name).where(THINGS.c.id == bindparam("this_id")))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """With two empty tables."""
    made = Database(database_url)
    async with made.write() as connection:
        await connection.run_sync(METADATA.create_all)
    yield made
    await made.close()


async def names(database: Database, table: Table) -> list[str | None]:
    async with database.read() as connection:
        return list((await connection.execute(select(table.c.name).order_by(table.c.id))).scalars())


async def test_hot_statements_and_sqlalchemys_are_in_one_transaction(database: Database) -> None:
    with suppress(LookupError):
        async with database.write() as connection:
            await ADD_THING.run(connection, {"id": 1, "name": "hot"})
            await connection.execute(insert(THINGS).values(id=2, name="core"))
            assert (await NAME_OF.first(connection, {"this_id": 2})) == ("core",)
            raise LookupError
    assert await names(database, THINGS) == []


async def test_a_statement_may_bring_a_none_of_its_own(database: Database) -> None:
    rename = CompiledStatement(update(NOTES).where(NOTES.c.id == bindparam("this_id")).values(name=None))
    async with database.write() as connection:
        await ADD_NOTE.run(connection, {"id": 1, "name": "perhaps"})
        assert await rename.run(connection, {"this_id": 1}) == 1
    assert await names(database, NOTES) == [None]


async def test_whoever_is_cancelled_leaves_no_transaction_open(database: Database) -> None:
    """After any number of turns of the loop: in BEGIN, in a statement, in COMMIT, in a statement that is all."""

    async def write(number: int) -> None:
        async with database.write() as connection:
            await ADD_THING.run(connection, {"id": number, "name": "perhaps"})
            await connection.execute(insert(NOTES).values(id=number, name="perhaps"))

    async def write_at_once(number: int) -> None:
        row = {"id": number, "name": "at once"}
        async with database.write() as connection:
            await execute_batch(connection, [(ADD_THING, [row]), (ADD_NOTE, [row])], is_all=True)

    async def read() -> None:
        async with database.read() as connection, connection.stream(select(THINGS)) as rows:
            [row async for row in rows]

    for turns in range(1, 25):
        for work in (write(turns), read(), write_at_once(500 + turns)):
            task = asyncio.create_task(work)
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await write(1000 + turns)
    written = await names(database, THINGS)
    assert len(written) >= 24
    assert written == await names(database, NOTES), "all or nothing"


@pytest.mark.parametrize("count", [1, 3, 40])
async def test_what_goes_together_is_all_there_in_its_order(database: Database, count: int) -> None:
    rows = [{"id": n, "name": f"n{n}"} for n in range(count)]
    async with database.write() as connection:
        await execute_batch(connection, [(ADD_THING, rows), (ADD_NOTE, rows[:1])])
    assert await names(database, THINGS) == [f"n{n}" for n in range(count)]
    assert await names(database, NOTES) == ["n0"]


@pytest.mark.parametrize("count", [1, 40])
async def test_what_goes_into_one_table_goes_in_its_order(database: Database, count: int) -> None:
    """A change finds the row that was added before it, and of two changes of a row the later stands."""
    rows = [{"id": n, "name": f"n{n}"} for n in range(count)]
    changes = [{"this_id": 0, "new_name": "first"}, *({"this_id": n, "new_name": f"last{n}"} for n in range(count))]
    async with database.write() as connection:
        writes = [(ADD_THING, rows), (ADD_NOTE, rows), (RENAME_THING, changes), (RENAME_NOTE, changes)]
        await execute_batch(connection, writes, is_all=True)
    for table in (THINGS, NOTES):
        assert await names(database, table) == [f"last{n}" for n in range(count)]


async def test_a_block_that_writes_by_one_statement_has_no_transaction(database: Database) -> None:
    one = {"id": 1, "name": "one"}
    async with database.write() as connection:
        assert await NAME_OF.first(connection, {"this_id": 1}) is None
        assert connection.in_transaction == database.is_sqlite, "SQLite's one writer has its turn from the start"
        await execute_batch(connection, [(ADD_THING, [one]), (ADD_NOTE, [one])], is_all=True)
        if not database.is_sqlite:
            with pytest.raises(RuntimeError):
                await ADD_THING.run(connection, {"id": 2, "name": "too late"})
        seen = [] if database.is_sqlite else ["one"]
        assert (await names(database, THINGS), await names(database, NOTES)) == (seen, seen)
    assert (await names(database, THINGS), await names(database, NOTES)) == (["one"], ["one"])


@pytest.mark.parametrize("before", [0, 1])
async def test_of_writes_that_go_together_one_that_is_refused_undoes_all(database: Database, before: int) -> None:
    """Alone, and as the last of a transaction."""
    async with database.write() as connection:
        await ADD_NOTE.run(connection, {"id": 1, "name": "first"})

    async def write() -> None:
        async with database.write() as connection:
            await ADD_THING.run_many(connection, [{"id": 8, "name": "before"}] * before)
            await execute_batch(
                connection, [(ADD_THING, [{"id": 9, "name": "x"}]), (ADD_NOTE, [{"id": 1, "name": "x"}])]
            )

    with pytest.raises(NotUnique) as refused:
        await write()
    assert refused.value.table == "notes"
    assert (await names(database, THINGS), await names(database, NOTES)) == ([], ["first"])


async def test_a_row_that_is_not_unique_is_told_without_its_values(database: Database) -> None:

    async def write_twice(run: Any) -> None:
        async with database.write() as connection:
            await ADD_THING.run(connection, {"id": 1, "name": "first"})
            await run(connection, {"id": 1, "name": "canary"})

    for run in (ADD_THING.run, lambda connection, row: execute_batch(connection, [(ADD_THING, [row])])):
        with pytest.raises(NotUnique) as refused:
            await write_twice(run)
        assert "canary" not in repr(refused.value)
    assert await names(database, THINGS) == []


async def test_of_two_who_wait_for_each_other_one_is_told_to_come_again(database: Database) -> None:
    """SQLite's second writer waits for the first one's end."""
    async with database.write() as connection:
        await ADD_THING.run_many(connection, [{"id": n, "name": "old"} for n in (1, 2)])
    both_began = asyncio.Barrier(1 if database.is_sqlite else 2)

    async def rename(first: int, second: int) -> None:
        async with database.write() as connection:
            await RENAME_THING.run(connection, {"this_id": first, "new_name": f"{first}"})
            await both_began.wait()
            await RENAME_THING.run(connection, {"this_id": second, "new_name": f"{first}"})

    outcomes = await asyncio.gather(rename(1, 2), rename(2, 1), return_exceptions=True)
    refused = [type(outcome) for outcome in outcomes if outcome is not None]
    assert refused == ([] if database.is_sqlite else [LockHeld])
    assert len(set(await names(database, THINGS))) == 1


async def _ask(database: Database, answers: Counter[str]) -> None:
    """Until cancelled: writes and reads, and what came of it."""
    while True:
        for connect in (database.write, database.read):
            try:
                async with connect() as connection:
                    await SLEEP.rows(connection, {"seconds": 0.01})
                    await connection.execute(text("SELECT pg_sleep(0.01)"))
                answers["ok"] += 1
            except Exception as error:
                answers[type(error).__name__] += 1
        await asyncio.sleep(0.005)


@pytest.mark.postgres
async def test_a_server_that_stops_dies_or_starts_is_unavailable_and_never_anything_else() -> None:
    with or_missing():
        server = PostgresServer()
    url = server.start().replace("postgresql:", "postgresql+asyncpg:")
    database, answers = Database(url), Counter[str]()
    asking = [asyncio.create_task(_ask(database, answers)) for _ in range(8)]
    try:
        for ended in (server.stop, server.kill):
            await asyncio.to_thread(ended)
            await asyncio.to_thread(server.start)
            before = answers["ok"]
            async with asyncio.timeout(patience(10)):
                while answers["ok"] < before + 20:
                    await asyncio.sleep(0.01)
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await database.close()
        server.remove()
    assert set(answers) == {"ok", "Unavailable"}, answers


async def test_a_writer_that_others_keep_waiting_too_long_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_WAIT_SECONDS", 0.05)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'busy.sqlite3'}")
    async with database.write():
        with pytest.raises(Unavailable):
            async with database.write():
                pass
    async with database.write():
        pass
    await database.close()
