"""All SQL about days off, teams, swaps, pickups, locks, and searches for plans."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, null, or_, text, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from sigap_common.auth import Access
from sigap_common.core.clock import CLOCKS_AGREE_WITHIN
from sigap_common.core.errors import NotFound
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.transaction import Transaction
from sigap_roster.domain import STILL_OPEN, Absence, AbsenceKind, SolveState, SwapState
from sigap_roster.models import (
    UNDER_WAY,
    AbsenceRow,
    CalendarLinkRow,
    LockRow,
    PickupRow,
    SolveRow,
    SwapRow,
    TeamRow,
    absences,
    calendar_links,
    locks,
    pickups,
    solves,
    swaps,
    teams,
)


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

    async def _overtake(self, about: ColumnElement[bool]) -> None:
        over = {"state": SwapState.OVERTAKEN, "decided_at": self._tx.now()}
        still_open = self._table.c.state.in_(STILL_OPEN)
        await self._tx.connection.execute(update(self._table).where(about, still_open).values(**over))


class Swaps(Requests[SwapRow]):
    def __init__(self, tx: Transaction[Any]) -> None:
        super().__init__(tx, SwapRow)

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

    async def overtake(self, roster_id: UUID, still: Collection[tuple[date, str]]) -> None:
        """Ends those of the roster whose shift has no open seat. `still`: the shifts that have one."""
        gone = [row.id for row in await self.waiting(roster_id) if (row.day, row.shift) not in still]
        if gone:
            await self._overtake(pickups.c.id.in_(gone))


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


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


async def lock_by_name(tx: Transaction[Any], name: str) -> None:
    """Until the transaction ends no other one gets this lock: for what is decided by rows that are not there yet."""
    if tx.connection.dialect.name != "sqlite":  # it has one writer
        await tx.connection.execute(_LOCK, {"name": name})


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
