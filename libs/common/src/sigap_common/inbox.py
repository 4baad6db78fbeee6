"""The inbox: an event is handled once by a service, however often the bus brings it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Table, Uuid, bindparam, delete

from sigap_common.db import Connection, Hot, Utc, insert_if_new

KEPT = timedelta(days=7)
SIZES = (2, 8, 32, 128, 512)
LARGEST = SIZES[-1]


class Inbox:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._hot = Hot(insert_if_new(table), ["event_id", "handled_at"])
        self._by_size: dict[int, Hot] = {}

    async def is_new(self, connection: Connection, event_id: UUID, now: datetime) -> bool:
        """Takes the event down; False if it stood there."""
        return await self._hot.run(connection, {"event_id": event_id, "handled_at": now}) == 1

    async def new_among(self, connection: Connection, event_ids: Sequence[UUID], now: datetime) -> set[UUID]:
        """Takes all of them down in one statement, at most LARGEST; gives those that did not stand there."""
        size = next(size for size in SIZES if size >= len(event_ids))
        padded = [*event_ids, *[event_ids[-1]] * (size - len(event_ids))]
        values = {f"event_id_{n}": event_id for n, event_id in enumerate(padded)}
        return {row.event_id for row in await self._of_size(size).rows(connection, values | {"now": now})}

    def _of_size(self, size: int) -> Hot:
        """For so many events; compiling such a statement costs more than running it, so there are few sizes."""
        if size not in self._by_size:
            rows = [
                {"event_id": bindparam(f"event_id_{n}", type_=Uuid), "handled_at": bindparam("now", type_=Utc)}
                for n in range(size)
            ]
            self._by_size[size] = Hot(insert_if_new(self._table).values(rows).returning(self._table.c.event_id))
        return self._by_size[size]

    async def take_back(self, connection: Connection, event_id: UUID) -> None:
        """The event was not handled after all: it will come from the waiting store."""
        await connection.execute(delete(self._table).where(self._table.c.event_id == event_id))

    async def forget_old(self, connection: Connection, now: datetime) -> None:
        await connection.execute(delete(self._table).where(self._table.c.handled_at < now - KEPT))
