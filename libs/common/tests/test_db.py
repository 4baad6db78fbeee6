"""What a database that is away or busy looks like to the services: Unavailable, and nothing else."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from sigap_common import db
from sigap_common.db import Database, Unavailable
from sigap_common.testing.parts import NotHere
from sigap_common.testing.plugin import missing
from sigap_common.testing.postgres import PostgresServer


async def _ask(database: Database, answers: Counter[str]) -> None:
    """Until cancelled: writes and reads, and what came of it."""
    while True:
        for connect in (database.write, database.read):
            try:
                async with connect() as connection:
                    await connection.execute(text("SELECT pg_sleep(0.01)"))
                answers["ok"] += 1
            except Exception as error:
                answers[type(error).__name__] += 1
        await asyncio.sleep(0.005)


@pytest.mark.postgres
async def test_a_server_that_stops_dies_or_starts_is_unavailable_and_never_anything_else() -> None:
    try:
        server = PostgresServer()
    except NotHere as reason:
        missing(reason)
    url = server.start().replace("postgresql:", "postgresql+asyncpg:")
    database, answers = Database(url), Counter[str]()
    asking = [asyncio.create_task(_ask(database, answers)) for _ in range(8)]
    try:
        for ended in (server.stop, server.kill):
            await asyncio.to_thread(ended)
            await asyncio.to_thread(server.start)
            before = answers["ok"]
            async with asyncio.timeout(10):
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
    monkeypatch.setattr(db, "LOCK_WAIT_SECONDS", 0.05)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'busy.sqlite3'}")
    async with database.write():
        with pytest.raises(Unavailable):
            async with database.write():
                pass
    async with database.write():
        pass
    await database.close()
