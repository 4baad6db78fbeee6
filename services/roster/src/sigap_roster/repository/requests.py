"""The rows of swaps and pickups: what staff ask for that changes published plans."""

from collections.abc import Collection
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, insert, or_, update
from sqlmodel import col, select

from sigap_common.core.errors import NotFound
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.transaction import Transaction
from sigap_roster.domain import STILL_OPEN, SwapState
from sigap_roster.models import PickupRow, SwapRow, pickups, swaps

R = TypeVar("R", SwapRow, PickupRow)


class Requests(Generic[R]):
    """What staff ask for that changes published plans: swaps, or pickups."""

    def __init__(self, tx: Transaction[Any], kind: type[R]) -> None:
        self._tx, self._table = tx, kind.table()
        self._kind: type[R] = kind

    async def locked(self, request_id: UUID) -> R:
        """Lock its rosters before. Raises NotFound."""
        chosen = select(self._kind).where(col(self._kind.id) == request_id).with_for_update()
        row: R | None = await read_one(self._tx.connection, chosen)
        if row is None:
            raise NotFound
        return row

    async def add(self, row: R) -> None:
        await self._tx.connection.execute(insert(self._table).values(row.values()))

    async def change(self, row: R, **values: Any) -> R:
        await self._tx.connection.execute(update(self._table).where(self._table.c.id == row.id).values(**values))
        return row.model_copy(update=values)

    async def _done(self, about: ColumnElement[bool]) -> list[R]:
        chosen = select(self._kind).where(about, col(self._kind.state) == SwapState.DONE)
        rows: list[R] = await read_all(self._tx.connection, chosen)
        return rows

    async def _overtake(self, about: ColumnElement[bool]) -> None:
        over = {"state": SwapState.OVERTAKEN, "decided_at": self._tx.now()}
        still_open = self._table.c.state.in_(STILL_OPEN)
        await self._tx.connection.execute(update(self._table).where(about, still_open).values(**over))


class Swaps(Requests[SwapRow]):
    def __init__(self, tx: Transaction[Any]) -> None:
        super().__init__(tx, SwapRow)

    async def done(self, roster_id: UUID) -> list[SwapRow]:
        """Those that changed the published plan of the roster."""
        return await self._done(or_(col(SwapRow.roster_id) == roster_id, col(SwapRow.return_roster_id) == roster_id))

    async def overtake(self, withdrawn: Collection[UUID]) -> None:
        """Ends those that are about one of these duties, which are withdrawn."""
        if withdrawn:
            await self._overtake(or_(swaps.c.duty_id.in_(withdrawn), swaps.c.return_duty_id.in_(withdrawn)))


class Pickups(Requests[PickupRow]):
    def __init__(self, tx: Transaction[Any]) -> None:
        super().__init__(tx, PickupRow)

    async def waiting(self, roster_id: UUID) -> list[PickupRow]:
        """Those of the roster that are not over."""
        chosen = select(PickupRow).where(col(PickupRow.roster_id) == roster_id, col(PickupRow.state).in_(STILL_OPEN))
        return await read_all(self._tx.connection, chosen)

    async def done(self, roster_id: UUID) -> list[PickupRow]:
        """Those that changed the published plan of the roster."""
        return await self._done(col(PickupRow.roster_id) == roster_id)

    async def overtake(self, roster_id: UUID, still: Collection[tuple[date, str]]) -> None:
        """Ends those of the roster whose shift has no open seat. `still`: the shifts that have one."""
        gone = [row.id for row in await self.waiting(roster_id) if (row.day, row.shift) not in still]
        if gone:
            await self._overtake(pickups.c.id.in_(gone))
