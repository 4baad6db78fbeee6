"""The rows of teams."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlmodel import col, select

from sigap_common.auth import Access
from sigap_common.core.errors import NotFound
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.transaction import Transaction
from sigap_roster.models import TeamRow, teams


class Teams:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def visible(self, team_id: UUID, access: Access, *, lock: bool = False) -> TeamRow:
        """Raises NotFound."""
        chosen = select(TeamRow).where(col(TeamRow.id) == team_id)
        row = await read_one(self._tx.connection, chosen.with_for_update() if lock else chosen)
        if row is None or not access.covers(row.regency):
            raise NotFound
        return row

    async def of_regency(self, regency: str) -> list[TeamRow]:
        chosen = select(TeamRow).where(col(TeamRow.regency) == regency).order_by(col(TeamRow.id))
        return await read_all(self._tx.connection, chosen)

    async def add(self, row: TeamRow) -> None:
        await self._tx.connection.execute(insert(teams).values(row.values()))

    async def change(self, row: TeamRow, **values: Any) -> TeamRow:
        await self._tx.connection.execute(update(teams).where(teams.c.id == row.id).values(**values))
        return row.model_copy(update=values)

    async def remove(self, row: TeamRow) -> None:
        await self._tx.connection.execute(delete(teams).where(teams.c.id == row.id))
