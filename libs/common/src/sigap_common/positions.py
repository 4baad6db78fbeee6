"""How far a service has read, for a bus that leaves this to its readers (the embedded one).

The position lies in the service's own database and moves in the transaction of the handler, so handling
and moving on are one.
"""

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sigap_common.db import Hot


class Positions:
    """`keep`: whether this bus needs it; if not, loading gives nothing and saving does nothing."""

    def __init__(self, table: Table, dialect: str, *, keep: bool) -> None:
        self._table, self._keep = table, keep
        statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(table)
        moved = {"next_offset": statement.excluded.next_offset}
        upsert = statement.on_conflict_do_update(index_elements=["topic", "partition"], set_=moved)
        self._hot = Hot(upsert, ["topic", "partition", "next_offset"])

    async def load(self, connection: AsyncConnection) -> dict[tuple[str, int], int]:
        if not self._keep:
            return {}
        rows = await connection.execute(select(self._table))
        return {(row.topic, row.partition): row.next_offset for row in rows}

    async def save(self, connection: AsyncConnection, topic: str, partition: int, next_offset: int) -> None:
        if self._keep:
            row = {"topic": topic, "partition": partition, "next_offset": next_offset}
            await self._hot.run(connection, row)
