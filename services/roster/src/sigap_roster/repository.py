"""All SQL about staff, rosters and duties."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, false, insert, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from sigap_common.app.resources import Resources
from sigap_common.app.running import RunningService
from sigap_common.auth import Access
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import NotFound
from sigap_common.database import CompiledStatement
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import AT_ONCE
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import Sealed
from sigap_roster.calendar_file import Entry
from sigap_roster.domain import Duty, DutyState, Roster, RosterState, Span, StaffMember, Taken
from sigap_roster.models import StaffRow, duties, rosters, staff, tables
from sigap_roster.plain_rows import Absences, Calendars, Locks, Pickups, Solves, Swaps, Teams, lock_by_name
from sigap_roster.settings import RosterSettings
from sigap_roster.visibility import POLICY

A = TypeVar("A", bound=Aggregate)
MOST_IN_CALENDAR = 2000
"""Duties: more than four years of daily ones."""

BINDS_AFTER, BINDS_BEFORE = timedelta(days=14), timedelta(days=8)
"""So long after and before a plan, other duties are read for its rules: whole weeks at both ends are covered."""
LONGEST_SHIFT = timedelta(hours=26)
"""A shift of 24 hours in a night when clocks go back, with some reserve."""


_NAMES = tuple(StaffRow.model_fields)
_ADD = CompiledStatement(insert(staff), _NAMES)
_REPLACE = CompiledStatement(
    update(staff)
    .where(staff.c.id == bindparam("this_id"))
    .values({name: bindparam(f"new_{name}") for name in _NAMES if name != "id"}),
    by="this_id",
)
_ROSTER_COLUMNS = ("state", "first_day", "last_day", "changed", "published_version", "published_at")
ROSTERS = AggregateTable(
    rosters,
    tables.timeline,
    Roster,
    lambda roster: {name: getattr(roster, name) for name in _ROSTER_COLUMNS},
    POLICY,
)
_DUTY_TIMES = ("starts_at", "ends_at", "started_at", "ended_at")
_DUTY_COLUMNS = ("roster_id", "staff_id", "state", "day", *_DUTY_TIMES, "break_minutes")
DUTIES = AggregateTable(
    duties,
    tables.timeline,
    Duty,
    lambda duty: {name: getattr(duty, name) for name in _DUTY_COLUMNS},
    POLICY,
)


class Kept(Aggregates[A]):
    """Aggregates that can also change without an event: drafts, and duties of a roster."""

    def keep(self, before: Aggregate, after: A) -> A:
        """Saves the changed aggregate without an event. Does nothing if it has not changed."""
        if before == after:
            return after
        after = after.model_copy(update={"version": before.version + 1})
        self.save(before, after)
        return after


class Staff:
    """Entries of people. They have no events: an entry is replaced as a whole."""

    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def get(self, staff_id: UUID, *, lock: bool = True) -> StaffMember:
        """The person's entry, locked until the transaction ends unless `lock` is false. Raises NotFound."""
        statement = select(StaffRow).where(col(StaffRow.id) == staff_id)
        row = await read_one(self._tx.connection, statement.with_for_update() if lock else statement)
        if row is None:
            raise NotFound
        return self.of_row(row)

    async def visible(self, staff_id: UUID, access: Access, *, lock: bool = True) -> StaffMember:
        """The same as `get`, but raises NotFound also if the token may not see the entry."""
        found = await self.get(staff_id, lock=lock)
        if not POLICY.sees(access, found):
            raise NotFound
        return found

    async def of_regency(self, regency: str) -> dict[UUID, StaffMember]:
        return await self._all(select(StaffRow).where(col(StaffRow.regency) == regency))

    async def locked(self, regency: str, ids: Collection[UUID]) -> dict[UUID, StaffMember]:
        """The entries of those people who belong to the regency. They are locked, so that until the transaction ends
        nobody plans them in another roster or changes their entries.
        """
        chosen = select(StaffRow).where(col(StaffRow.regency) == regency, col(StaffRow.id).in_(ids))
        return await self._all(chosen.order_by(col(StaffRow.id)).with_for_update())

    async def with_any(
        self, regency: str, numbers: Collection[str], subjects: Collection[str]
    ) -> dict[UUID, StaffMember]:
        """The people of the regency who have one of these hashes of numbers, or one of these subjects; locked."""
        one_of = or_(col(StaffRow.number_hash).in_(numbers), col(StaffRow.subject).in_(subjects))
        chosen = select(StaffRow).where(col(StaffRow.regency) == regency, one_of)
        return await self._all(chosen.order_by(col(StaffRow.id)).with_for_update())

    async def of_subject(self, regency: str, subject: str) -> StaffMember | None:
        """The person of the regency whose token this is; None: it is nobody's."""
        chosen = select(StaffRow).where(col(StaffRow.regency) == regency, col(StaffRow.subject) == subject)
        return next(iter((await self._all(chosen)).values()), None)

    async def some(self, ids: Collection[UUID]) -> dict[UUID, StaffMember]:
        return await self._all(select(StaffRow).where(col(StaffRow.id).in_(ids)))

    async def same_as(self, member: StaffMember) -> StaffMember | None:
        """Another person of the regency with the same subject or number; None if there is none."""
        told = {col(StaffRow.subject): member.subject, col(StaffRow.number_hash): member.number_hash}
        same = or_(false(), *(column == value for column, value in told.items() if value is not None))
        other = select(StaffRow).where(col(StaffRow.regency) == member.regency, col(StaffRow.id) != member.id, same)
        return next(iter((await self._all(other.limit(1))).values()), None)

    def keep(self, before: Aggregate, member: StaffMember) -> StaffMember:
        """Saves the entry at the end of the transaction, if it has changed. An entry of version 0 is new.

        If another transaction takes the subject or the number meanwhile, the end of this one raises NotUnique.
        """
        if before == member:
            return member
        member = member.model_copy(update={"version": before.version + 1})
        values = self._row(member).values()
        if before.version:
            changed = {"this_id": member.id} | {f"new_{name}": values[name] for name in _NAMES if name != "id"}
            self._tx.later(_REPLACE, [changed])
        else:
            self._tx.later(_ADD, [values])
        return member

    def of_row(self, row: Any) -> StaffMember:
        """The entry in a row. `row`: a StaffRow, or a row of that table from a list."""
        return StaffMember.model_validate_json(row.document, context=self._tx.seal_context(str(row.id)))

    def _row(self, member: StaffMember) -> StaffRow:
        return StaffRow(
            id=member.id,
            regency=member.regency,
            version=member.version,
            document=member.model_dump_json(context=self._tx.seal_context(str(member.id))),
            active=member.active,
            subject=member.subject,
            number_hash=member.number_hash,
            erase_at=AT_ONCE,
        )

    async def _all(self, statement: SelectOfScalar[StaffRow]) -> dict[UUID, StaffMember]:
        return {row.id: self.of_row(row) for row in await read_all(self._tx.connection, statement)}


@dataclass(frozen=True, slots=True)
class Overview:
    """A roster in the form that lists show, without its assignments."""

    id: UUID
    regency: str
    version: int
    state: RosterState
    first_day: date
    last_day: date
    changed: bool
    published_version: int
    published_at: datetime | None


class Rosters(Kept[Roster]):
    async def locked(self, ids: Collection[UUID]) -> dict[UUID, Roster]:
        """Always in the same order, so that two transactions that lock some of them never wait for each other. Raises
        NotFound.
        """
        return {roster_id: await self.get(roster_id) for roster_id in sorted(ids)}

    async def of_days(self, regency: str, first_day: date, last_day: date) -> list[Roster]:
        """The rosters of the regency that have one of these days, the earliest first; drafts too."""
        statement = rosters.select().where(
            rosters.c.regency == regency, rosters.c.first_day <= last_day, rosters.c.last_day >= first_day
        )
        ordered = statement.order_by(rosters.c.first_day, rosters.c.id)
        return [self.opened(row.id, row.document) for row in await self.tx.connection.execute(ordered)]

    async def lock_publishing(self, regency: str) -> None:
        """Until the transaction ends nobody else publishes a draft of the regency: of two with the same days the later
        one sees the other.
        """
        await lock_by_name(self.tx, f"publishing {regency}")

    async def same_days(self, roster: Roster) -> list[tuple[date, date]]:
        """The first and the last day of each other published roster of the regency that has days of this one."""
        chosen = select_columns(rosters.c.first_day, rosters.c.last_day).where(
            rosters.c.regency == roster.regency,
            rosters.c.id != roster.id,
            rosters.c.state == RosterState.PUBLISHED,
            rosters.c.first_day <= roster.last_day,
            rosters.c.last_day >= roster.first_day,
        )
        found = await self.tx.connection.execute(chosen.order_by(rosters.c.first_day, rosters.c.id))
        return [(row.first_day, row.last_day) for row in found]


@dataclass(frozen=True, slots=True)
class NamedDuty:
    """`is_expected`: whether the person is to come; not on leave, nor after leaving the staff."""

    duty: Duty
    name: Sealed
    is_expected: bool

    @property
    def available(self) -> bool:
        """Whether the person is to come, or came."""
        return self.is_expected or self.duty.started_at is not None


class Duties(Kept[Duty]):
    async def of_roster(self, roster_id: UUID) -> dict[UUID, Duty]:
        """All duties of the roster, their rows locked."""
        statement = duties.select().where(duties.c.roster_id == roster_id).order_by(duties.c.id).with_for_update()
        return {row.id: self.opened(row.id, row.document) for row in await self.tx.connection.execute(statement)}

    async def elsewhere(self, roster: Roster, people: Collection[UUID]) -> list[Taken]:
        """The duties of these people by other rosters: in the days of this roster, and in the days before and after it
        that count for their rest, nights and weeks.
        """
        statement = duties.select().where(
            duties.c.staff_id.in_(people),
            duties.c.roster_id != roster.id,
            duties.c.state != DutyState.WITHDRAWN,
            duties.c.starts_at > _midnight(roster.first_day) - BINDS_AFTER,
            duties.c.starts_at < _midnight(roster.last_day) + BINDS_BEFORE,
        )
        found = [self.opened(row.id, row.document) for row in await self.tx.connection.execute(statement)]
        return [Taken(d.staff_id, d.day, d.shift, Span(d.starts_at, d.ends_at), d.break_minutes) for d in found]

    async def taken(self, regency: str, first_day: date, last_day: date) -> list[Taken]:
        """The duties of these days, by their columns alone: there may be very many. Their shifts are not told."""
        own = (duties.c.staff_id, duties.c.day, duties.c.starts_at, duties.c.ends_at, duties.c.break_minutes)
        chosen = select_columns(*own).where(*self._of_days(regency, first_day, last_day))
        found = await self.tx.connection.execute(chosen)
        return [Taken(row.staff_id, row.day, "", Span(row.starts_at, row.ends_at), row.break_minutes) for row in found]

    async def attended(self, regency: str, first_day: date, last_day: date) -> list[Duty]:
        """The duties of these days that were started."""
        begun = duties.c.state.in_((DutyState.STARTED, DutyState.ENDED))
        statement = duties.select().where(*self._of_days(regency, first_day, last_day), begun)
        return [self.opened(row.id, row.document) for row in await self.tx.connection.execute(statement)]

    async def with_publications(self, staff_id: UUID, first_day: date) -> list[Entry]:
        """A person's duties from this day on, withdrawn ones too, each with the latest publication of its roster."""
        chosen = select_columns(duties, rosters.c.published_at).join(rosters, rosters.c.id == duties.c.roster_id)
        since = _midnight(first_day) - timedelta(days=1)
        chosen = chosen.where(duties.c.staff_id == staff_id, duties.c.starts_at >= since, duties.c.day >= first_day)
        found = await self.tx.connection.execute(
            chosen.order_by(duties.c.starts_at, duties.c.id).limit(MOST_IN_CALENDAR)
        )
        return [Entry(self.opened(row.id, row.document), row.published_at) for row in found]

    @staticmethod
    def _of_days(regency: str, first_day: date, last_day: date) -> Sequence[ColumnElement[bool]]:
        """The index begins with `starts_at` after the regency, so this column is bounded too."""
        return (
            duties.c.regency == regency,
            duties.c.state != DutyState.WITHDRAWN,
            duties.c.day >= first_day,
            duties.c.day <= last_day,
            duties.c.starts_at >= _midnight(first_day) - timedelta(days=1),
            duties.c.starts_at < _midnight(last_day) + timedelta(days=2),
        )

    async def keep_all(self, before: Mapping[UUID, Duty], after: Sequence[Duty]) -> None:
        """Saves the changed duties in two statements. No events are recorded for the duties themselves."""
        moved = [duty.model_copy(update={"version": duty.version + 1}) for duty in after]
        rows = [(duty.id, self._row(duty)) for duty in moved]
        new = [{"id": duty_id} | row for duty_id, row in rows if duty_id not in before]
        changed = [
            {"this_id": duty_id} | {f"new_{name}": value for name, value in row.items()}
            for duty_id, row in rows
            if duty_id in before
        ]
        await self.kind.insert.run_many(self.tx.connection, new)
        await self.kind.update.run_many(self.tx.connection, changed)

    def named(self, row: Any) -> NamedDuty:
        context = self.tx.seal_context(str(row.staff_id))
        person = StaffMember.model_validate_json(row.person, context=context)
        return NamedDuty(self.opened(row.id, row.document), person.name, row.active and not row.on_leave)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class RosterTransaction(Transaction[Resources]):
    @cached_property
    def staff(self) -> Staff:
        return Staff(self)

    @cached_property
    def rosters(self) -> Rosters:
        return Rosters(self, ROSTERS)

    @cached_property
    def absences(self) -> Absences:
        return Absences(self)

    @cached_property
    def solves(self) -> Solves:
        return Solves(self)

    @cached_property
    def teams(self) -> Teams:
        return Teams(self)

    @cached_property
    def swaps(self) -> Swaps:
        return Swaps(self)

    @cached_property
    def pickups(self) -> Pickups:
        return Pickups(self)

    @cached_property
    def locks(self) -> Locks:
        return Locks(self)

    @cached_property
    def calendars(self) -> Calendars:
        return Calendars(self)

    @cached_property
    def duties(self) -> Duties:
        return Duties(self, DUTIES)


RosterService = RunningService[RosterSettings, Resources, RosterTransaction]
