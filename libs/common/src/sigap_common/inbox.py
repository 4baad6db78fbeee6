"""The inbox: an event is handled once by a service, however often the bus brings it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Table, Uuid, bindparam, delete
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_common.db import Hot, Utc

KEPT = timedelta(days=7)
SIZES = (2, 8, 32, 128, 512)
LARGEST = SIZES[-1]


def insert_if_new(table: Table, dialect: str):  # type: ignore[no-untyped-def]
    """An INSERT that passes over rows whose key exists; both databases spell it alike, SQLAlchemy does not."""
    return (sqlite_insert if dialect == "sqlite" else postgres_insert)(table).on_conflict_do_nothing()


class Inbox:
    def __init__(self, table: Table, dialect: str) -> None:
        self._table = table
        self._statement = insert_if_new(table, dialect)
        self._hot = Hot(self._statement, ["event_id", "handled_at"])
        self._by_size: dict[int, Hot] = {}

    async def is_new(self, connection: AsyncConnection, event_id: UUID, now: datetime) -> bool:
        """Takes the event down; False if it stood there."""
        taken = await self._hot.run(connection, {"event_id": event_id, "handled_at": now})
        return taken.rowcount == 1

    async def new_among(self, connection: AsyncConnection, event_ids: Sequence[UUID], now: datetime) -> set[UUID]:
        """Takes all of them down in one statement, at most LARGEST; gives those that did not stand there."""
        size = next(size for size in SIZES if size >= len(event_ids))
        padded = [*event_ids, *[event_ids[-1]] * (size - len(event_ids))]
        values = {f"event_id_{n}": event_id for n, event_id in enumerate(padded)}
        taken = await self._of_size(size).run(connection, values | {"now": now})
        return {row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in taken}

    def _of_size(self, size: int) -> Hot:
        """For so many events; compiling such a statement costs more than running it, so there are few sizes."""
        if size not in self._by_size:
            rows = [
                {"event_id": bindparam(f"event_id_{n}", type_=Uuid), "handled_at": bindparam("now", type_=Utc)}
                for n in range(size)
            ]
            self._by_size[size] = Hot(self._statement.values(rows).returning(self._table.c.event_id))
        return self._by_size[size]

    async def take_back(self, connection: AsyncConnection, event_id: UUID) -> None:
        """The event was not handled after all: it will come from the waiting store."""
        await connection.execute(delete(self._table).where(self._table.c.event_id == event_id))

    async def forget_old(self, connection: AsyncConnection, now: datetime) -> None:
        await connection.execute(delete(self._table).where(self._table.c.handled_at < now - KEPT))
