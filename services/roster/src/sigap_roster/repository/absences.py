"""The rows of days off."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlmodel import col, select

from sigap_common.auth import Access
from sigap_common.core.errors import NotFound
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.transaction import Transaction
from sigap_roster.domain import Absence, AbsenceKind
from sigap_roster.models import AbsenceRow, absences


class Absences:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def visible(self, absence_id: UUID, access: Access) -> AbsenceRow:
        """Raises NotFound."""
        chosen = select(AbsenceRow).where(col(AbsenceRow.id) == absence_id).with_for_update()
        row = await read_one(self._tx.connection, chosen)
        if row is None or not access.covers(row.regency):
            raise NotFound
        return row

    async def between(self, regency: str, first_day: date, last_day: date) -> list[Absence]:
        """Those of the regency that have a day from the one to the other."""
        chosen = select(AbsenceRow).where(
            col(AbsenceRow.regency) == regency,
            col(AbsenceRow.last_day) >= first_day,
            col(AbsenceRow.first_day) <= last_day,
        )
        rows = await read_all(self._tx.connection, chosen)
        return [
            Absence(row.staff_id, AbsenceKind(row.kind), row.first_day, row.last_day, row.shift, row.weight)
            for row in rows
        ]

    async def add(self, row: AbsenceRow) -> None:
        await self._tx.connection.execute(insert(absences).values(row.values()))

    async def add_all(self, rows: Sequence[AbsenceRow]) -> None:
        if rows:
            await self._tx.connection.execute(insert(absences), [row.values() for row in rows])

    async def change(self, row: AbsenceRow, kind: AbsenceKind) -> AbsenceRow:
        await self._tx.connection.execute(update(absences).where(absences.c.id == row.id).values(kind=kind))
        return row.model_copy(update={"kind": kind})

    async def remove(self, row: AbsenceRow) -> None:
        await self._tx.connection.execute(delete(absences).where(absences.c.id == row.id))
