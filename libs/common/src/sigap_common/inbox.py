"""The inbox: an event is handled once by a service, however often the bus brings it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Table, delete

from sigap_common.db import Connection, Hot, insert_if_new

KEPT = timedelta(days=7)
SIZES = (2, 8, 32, 128, 512)
LARGEST = SIZES[-1]
COLUMNS = ("event_id", "handled_at")


class Inbox:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._one = Hot(insert_if_new(table), COLUMNS)
        self._many = Hot(insert_if_new(table).returning(table.c.event_id), COLUMNS)

    async def is_new(self, connection: Connection, event_id: UUID, now: datetime) -> bool:
        """Takes the event down; False if it stood there."""
        return await self._one.run(connection, {"event_id": event_id, "handled_at": now}) == 1

    async def new_among(self, connection: Connection, event_ids: Sequence[UUID], now: datetime) -> set[UUID]:
        """Takes all of them down in one statement, at most LARGEST; gives those that did not stand there.

        Compiling such a statement costs more than running it, so there are few sizes.
        """
        size = next(size for size in SIZES if size >= len(event_ids))
        padded = [*event_ids, *[event_ids[-1]] * (size - len(event_ids))]
        rows = [{"event_id": event_id, "handled_at": now} for event_id in padded]
        return {row.event_id for row in await self._many.rows_of_many(connection, rows)}

    async def take_back(self, connection: Connection, event_id: UUID) -> None:
        """The event was not handled after all: it will come from the waiting store."""
        await connection.execute(delete(self._table).where(self._table.c.event_id == event_id))

    async def forget_old(self, connection: Connection, now: datetime) -> None:
        await connection.execute(delete(self._table).where(self._table.c.handled_at < now - KEPT))
