"""The inbox: a service handles an event once, however often the bus delivers it.

The event's row is always inserted last, after the handler's locks. So if two replicas handle the same event, one waits
for the other, and they never wait for each other.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, MetaData, Table, Uuid, insert, select, update

from sigap_common.core.clock import CLOCKS_AGREE_WITHIN
from sigap_common.database import SIZES, CompiledStatement, Connection, NotUnique, among, insert_if_new, named, padded
from sigap_common.database.types import Utc
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import Transaction

KEPT = timedelta(days=7)
COLUMNS = ("event_id", "handled_at")


def inbox_table(metadata: MetaData) -> Table:
    """The events that a service has handled."""
    return Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("handled_at", Utc, nullable=False, index=True),
    )


class Inbox:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._one = CompiledStatement(insert(table), COLUMNS)
        self._many = CompiledStatement(insert_if_new(table).returning(table.c.event_id), COLUMNS)
        look = select(table.c.event_id)
        self._known = {size: CompiledStatement(look.where(among(table.c.event_id, size))) for size in SIZES}

    async def known_among(self, connection: Connection, event_ids: Sequence[UUID]) -> set[UUID]:
        """The given events that are in the inbox. At most LARGEST ids may be given."""
        wanted = padded(event_ids)
        return {row.event_id for row in await self._known[len(wanted)].rows(connection, named(wanted))}

    async def take(self, tx: Transaction[Any], event_ids: Sequence[UUID]) -> None:
        """Records events as handled, at most LARGEST. Raises NotUnique if one is recorded already. A single event is
        recorded with the other writes at the end of the transaction, so for it the error comes then.
        """
        if len(event_ids) == 1:
            tx.later(self._one, [{"event_id": event_ids[0], "handled_at": tx.now()}])
            return
        rows = [{"event_id": event_id, "handled_at": tx.now()} for event_id in padded(event_ids)]
        if len(await self._many.rows_of_many(tx.connection, rows)) < len(event_ids):
            raise NotUnique(self._table.name)

    def has(self, taken: NotUnique) -> bool:
        """Whether this error means that an event was recorded already."""
        return taken.table == self._table.name

    def sweep(self) -> DeletionSweep:
        """Deletes events that were handled so long ago that the bus does not deliver them again."""
        table, handled_at = self._table, self._table.c.handled_at
        return DeletionSweep(
            "inbox",
            table,
            lambda now: handled_at < now - KEPT,
            # After the clock was put back: kept for seven days from now, and not until that year comes.
            lambda now: update(table).where(handled_at > now + CLOCKS_AGREE_WITHIN).values(handled_at=now),
        )
