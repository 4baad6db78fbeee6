"""The inbox: an event is handled once by a service, however often the bus brings it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Table, delete, insert

from sigap_common.db import Connection, Hot, NotUnique, insert_if_new, padded
from sigap_common.transaction import Transaction

KEPT = timedelta(days=7)
SIZES = (2, 8, 32, 128, 512)
LARGEST = SIZES[-1]
COLUMNS = ("event_id", "handled_at")


class Inbox:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._take = Hot(insert(table), COLUMNS)
        self._one = Hot(insert_if_new(table), COLUMNS)
        self._many = Hot(insert_if_new(table).returning(table.c.event_id), COLUMNS)

    def take(self, tx: Transaction, event_id: UUID) -> None:
        """Takes the event down at the end. That it stood there is found out then, as NotUnique."""
        tx.later(self._take, [{"event_id": event_id, "handled_at": tx.now()}])

    def has(self, taken: NotUnique) -> bool:
        """Whether it was an event that stood there."""
        return taken.table == self._table.name

    async def is_new(self, connection: Connection, event_id: UUID, now: datetime) -> bool:
        """Takes the event down; False if it stood there."""
        return await self._one.run(connection, {"event_id": event_id, "handled_at": now}) == 1

    async def new_among(self, connection: Connection, event_ids: Sequence[UUID], now: datetime) -> set[UUID]:
        """Takes all of them down in one statement, at most LARGEST; gives those that did not stand there."""
        rows = [{"event_id": event_id, "handled_at": now} for event_id in padded(event_ids, SIZES)]
        return {row.event_id for row in await self._many.rows_of_many(connection, rows)}

    async def take_back(self, connection: Connection, event_id: UUID) -> None:
        """The event was not handled after all: it will come from the waiting store."""
        await connection.execute(delete(self._table).where(self._table.c.event_id == event_id))

    async def forget_old(self, connection: Connection, now: datetime) -> None:
        await connection.execute(delete(self._table).where(self._table.c.handled_at < now - KEPT))
