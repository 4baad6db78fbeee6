"""The rows of searches for plans: their queue, and which process works on which."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, insert, null, or_, text, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from sigap_common.core.clock import CLOCKS_AGREE_WITHIN
from sigap_common.core.errors import NotFound
from sigap_common.database.table_models import read_one
from sigap_common.messaging.transaction import Transaction
from sigap_roster.domain import SolveState
from sigap_roster.models import UNDER_WAY, SolveRow, solves
from sigap_roster.repository.named_locks import lock_by_name


def _begins_before(other: Any) -> ColumnElement[bool]:
    """Whether `other`, an alias of the table, begins before the row of the table."""
    earlier = and_(other.c.turn == solves.c.turn, other.c.id < solves.c.id)
    return and_(other.c.state == SolveState.QUEUED, or_(other.c.turn < solves.c.turn, earlier))


def _ahead() -> ColumnElement[int | None]:
    other = solves.alias("other")
    # Within the subquery a bare `state` is that of `other`.
    before = select_columns(func.count()).select_from(other).where(text(UNDER_WAY), _begins_before(other))
    waiting = (solves.c.state == SolveState.QUEUED, before.scalar_subquery())
    return case(waiting, else_=null()).label("ahead")


AHEAD = _ahead()
"""How many searches that wait begin before this one; None: it does not wait."""
SUMMARY = (*(column for column in solves.c if column.name not in ("assignments", "explanation")), AHEAD)
"""A search without its assignments and its explanation, which are large."""


class Solves:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def of_roster(self, roster_id: UUID, solve_id: UUID) -> SolveRow:
        """Raises NotFound."""
        chosen = select(SolveRow).where(col(SolveRow.id) == solve_id, col(SolveRow.roster_id) == roster_id)
        row = await read_one(self._tx.connection, chosen)
        if row is None:
            raise NotFound
        return row

    async def progress(self, roster_id: UUID, solve_id: UUID) -> Any:
        """The row as `SUMMARY` has it. Raises NotFound."""
        chosen = select_columns(*SUMMARY).where(solves.c.id == solve_id, solves.c.roster_id == roster_id)
        row = (await self._tx.connection.execute(chosen)).first()
        if row is None:
            raise NotFound
        return row

    async def ahead(self, row: SolveRow) -> int | None:
        """How many searches that wait begin before this one; None: it does not wait."""
        found: int | None = await self._tx.connection.scalar(select_columns(AHEAD).where(solves.c.id == row.id))
        return found

    async def next_turn(self, regency: str) -> int:
        """The turn of a search that is asked for now. It is that of the search that began last, or the one after the
        regency's own last search: so a regency with many searches waits for one of each other regency between two of
        its own (start-time fair queueing; Goyal, Vin and Cheng 1996).
        """
        begun = solves.c.started_at.is_not(None)
        counts = or_(begun, solves.c.state == SolveState.QUEUED)
        own = select_columns(func.max(solves.c.turn)).where(solves.c.regency == regency, counts)
        last: int | None = await self._tx.connection.scalar(select_columns(func.max(solves.c.turn)).where(begun))
        own_last: int | None = await self._tx.connection.scalar(own)
        return max(last or 0, 0 if own_last is None else own_last + 1)

    async def anyone_waits(self) -> bool:
        """Whether a search waits, as far as is known without a lock."""
        queued = select_columns(solves.c.id).where(text(UNDER_WAY), solves.c.state == SolveState.QUEUED)
        return (await self._tx.connection.execute(queued.limit(1))).first() is not None

    async def claim(self, machine: str, length: timedelta) -> SolveRow | None:
        """The search whose turn it is, claimed for a process of this machine. None: there is none that no other process
        claims just now, or the machine has one that runs.
        """
        connection = self._tx.connection
        await lock_by_name(self._tx, machine)  # two processes of the machine could claim
        running = (text(UNDER_WAY), solves.c.state == SolveState.RUNNING, solves.c.machine == machine)
        if (await connection.execute(select_columns(solves.c.id).where(*running).limit(1))).first():
            return None
        queued = select(SolveRow).where(text(UNDER_WAY), col(SolveRow.state) == SolveState.QUEUED)
        first = queued.order_by(col(SolveRow.turn), col(SolveRow.id)).limit(1).with_for_update(skip_locked=True)
        row = await read_one(connection, first)
        if row is None:
            return None
        now = self._tx.now()
        begins: dict[str, Any] = {"machine": machine, "started_at": now, "claimed_until": now + length}
        await self.change(row.id, SolveState.QUEUED, state=SolveState.RUNNING, **begins)
        return row.model_copy(update={"state": SolveState.RUNNING, **begins})

    async def add(self, row: SolveRow) -> None:
        await self._tx.connection.execute(insert(solves).values(row.values()))

    async def cancel(self, roster_id: UUID, *ids: UUID) -> None:
        """Cancels those that are not over; without ids: all of the roster."""
        chosen = update(solves).where(text(UNDER_WAY), solves.c.roster_id == roster_id)
        chosen = chosen.where(solves.c.id.in_(ids)) if ids else chosen
        await self._tx.connection.execute(chosen.values(state=SolveState.CANCELLED, ended_at=self._tx.now()))

    async def abandoned(self, length: timedelta) -> Sequence[UUID]:
        """Those that run by a claim that has lapsed: their process is gone. `length`: of a claim."""
        chosen = select_columns(solves.c.id).where(*self._is_abandoned(length))
        return (await self._tx.connection.execute(chosen)).scalars().all()

    async def fail_abandoned(self, length: timedelta) -> int:
        """Ends those as interrupted; how many there were."""
        now = self._tx.now()
        over = {"state": SolveState.FAILED, "failure": "interrupted", "ended_at": now}
        chosen = update(solves).where(*self._is_abandoned(length)).values(**over)
        return (await self._tx.connection.execute(chosen)).rowcount

    def _is_abandoned(self, length: timedelta) -> tuple[ColumnElement[bool], ...]:
        claimed, now = solves.c.claimed_until, self._tx.now()
        # One that ends later than a whole length from now was written by a clock that was ahead: nobody renews it.
        latest: datetime = now + length + CLOCKS_AGREE_WITHIN
        lapsed = or_(claimed.is_(None), claimed < now, claimed > latest)
        return text(UNDER_WAY), solves.c.state == SolveState.RUNNING, lapsed  # type: ignore[return-value]

    async def change(self, solve_id: UUID, *states: SolveState, **values: Any) -> bool:
        """Changes the row if its state is one of these; whether it was."""
        chosen = update(solves).where(solves.c.id == solve_id, solves.c.state.in_(states)).values(**values)
        return (await self._tx.connection.execute(chosen)).rowcount == 1
