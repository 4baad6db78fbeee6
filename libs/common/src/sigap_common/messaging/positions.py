"""How far a service has read, for a bus that leaves this to its readers (the embedded one).

The position is stored in the service's own database and moves in the handler's transaction.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, select

from sigap_common.bus import Position
from sigap_common.database import CompiledStatement, Connection, insert


def positions_table(metadata: MetaData) -> Table:
    """How far a service has read each partition, for a bus that leaves this to its readers."""
    return Table(
        "positions",
        metadata,
        Column("topic", String, primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("next_offset", BigInteger, nullable=False),
    )


class Positions:
    """The stored positions. `keep`: whether this bus needs them. If not, `load` gives none and `save` does nothing."""

    def __init__(self, table: Table, *, keep: bool) -> None:
        self._table, self._keep = table, keep
        statement = insert(table)
        moved = {"next_offset": statement.excluded.next_offset}
        upsert = statement.on_conflict_do_update(index_elements=["topic", "partition"], set_=moved)
        self._hot = CompiledStatement(upsert, ["topic", "partition", "next_offset"])

    async def load(self, connection: Connection) -> dict[tuple[str, int], int]:
        if not self._keep:
            return {}
        rows = await connection.execute(select(self._table))
        return {(row.topic, row.partition): row.next_offset for row in rows}

    async def save(self, connection: Connection, positions: Sequence[Position]) -> None:
        if self._keep:
            names = ("topic", "partition", "next_offset")
            await self._hot.run_many(connection, [dict(zip(names, position, strict=True)) for position in positions])
