"""The inbox: an event is handled once by a service, however often the bus brings it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Table, delete
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_common.db import Hot

KEPT = timedelta(days=7)


def insert_if_new(table: Table, dialect: str):  # type: ignore[no-untyped-def]
    """An INSERT that passes over rows whose key exists; both databases spell it alike, SQLAlchemy does not."""
    return (sqlite_insert if dialect == "sqlite" else postgres_insert)(table).on_conflict_do_nothing()


class Inbox:
    def __init__(self, table: Table, dialect: str) -> None:
        self._table = table
        self._statement = insert_if_new(table, dialect)
        self._hot = Hot(self._statement, ["event_id", "handled_at"])

    async def is_new(self, connection: AsyncConnection, event_id: UUID, now: datetime) -> bool:
        """Takes the event down; False if it stood there."""
        taken = await self._hot.run(connection, {"event_id": event_id, "handled_at": now})
        return taken.rowcount == 1

    async def new_among(
        self, connection: AsyncConnection, event_ids: Sequence[UUID], now: datetime
    ) -> set[UUID]:
        """Takes all of them down in one statement; gives those that did not stand there."""
        rows = [{"event_id": event_id, "handled_at": now} for event_id in dict.fromkeys(event_ids)]
        statement = self._statement.values(rows).returning(self._table.c.event_id)
        return {row[0] for row in await connection.execute(statement)}

    async def take_back(self, connection: AsyncConnection, event_id: UUID) -> None:
        """The event was not handled after all: it will come from the waiting store."""
        await connection.execute(delete(self._table).where(self._table.c.event_id == event_id))

    async def forget_old(self, connection: AsyncConnection, now: datetime) -> None:
        await connection.execute(delete(self._table).where(self._table.c.handled_at < now - KEPT))
