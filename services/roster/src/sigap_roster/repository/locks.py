"""The rows of locked cells."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import col, select

from sigap_common.core.errors import NotFound
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.transaction import Transaction
from sigap_roster.domain.locks import Lock
from sigap_roster.models import LockRow, locks


class Locks:
    """Lock the roster before one is added or removed: so two planners never lock one cell in two ways."""

    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def of_roster(self, roster_id: UUID) -> list[LockRow]:
        """By day, then in the order in which they were made."""
        chosen = select(LockRow).where(col(LockRow.roster_id) == roster_id)
        return await read_all(self._tx.connection, chosen.order_by(col(LockRow.day), col(LockRow.id)))

    async def one(self, roster_id: UUID, lock_id: UUID) -> LockRow:
        """Raises NotFound."""
        chosen = select(LockRow).where(col(LockRow.id) == lock_id, col(LockRow.roster_id) == roster_id)
        row = await read_one(self._tx.connection, chosen)
        if row is None:
            raise NotFound
        return row

    async def add(self, row: LockRow) -> None:
        await self._tx.connection.execute(insert(locks).values(row.values()))

    async def remove(self, row: LockRow) -> None:
        await self._tx.connection.execute(delete(locks).where(locks.c.id == row.id))


def lock_of(row: LockRow) -> Lock:
    return Lock(row.staff_id, row.day, row.shift)
