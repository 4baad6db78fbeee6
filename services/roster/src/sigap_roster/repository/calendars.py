"""The rows of calendar links. Of a secret they have the keyed hash alone."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from sigap_common.core.errors import NotFound
from sigap_common.database.table_models import read_one
from sigap_common.messaging.transaction import Transaction
from sigap_roster.models import CalendarLinkRow, calendar_links


class Calendars:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def of_person(self, staff_id: UUID) -> CalendarLinkRow:
        """Raises NotFound."""
        return await self._one(select(CalendarLinkRow).where(col(CalendarLinkRow.staff_id) == staff_id))

    async def by_secret(self, secret_hash: str) -> CalendarLinkRow:
        """Raises NotFound."""
        return await self._one(select(CalendarLinkRow).where(col(CalendarLinkRow.secret_hash) == secret_hash))

    async def _one(self, chosen: SelectOfScalar[CalendarLinkRow]) -> CalendarLinkRow:
        row = await read_one(self._tx.connection, chosen)
        if row is None:
            raise NotFound
        return row

    async def add(self, row: CalendarLinkRow) -> None:
        await self._tx.connection.execute(insert(calendar_links).values(row.values()))

    async def remove(self, staff_id: UUID) -> None:
        await self._tx.connection.execute(delete(calendar_links).where(calendar_links.c.staff_id == staff_id))
