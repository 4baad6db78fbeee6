"""All SQL about staff, rosters and duties."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, false, or_, select

from sigap_common.app.resources import Resources
from sigap_common.core.aggregate import Aggregate
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import AT_ONCE
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import Sealed
from sigap_roster.domain import Duty, DutyState, Roster, RosterState, Span, StaffMember, Taken
from sigap_roster.models import duties, rosters, staff, tables
from sigap_roster.visibility import POLICY

A = TypeVar("A", bound=Aggregate)

LONGEST_SHIFT = timedelta(hours=26)
"""A day's shift in a night on which the clock is put back, and some more."""


STAFF = AggregateTable(
    staff,
    tables.timeline,
    StaffMember,
    lambda member: (
        {name: getattr(member, name) for name in ("active", "subject", "number_hash")} | {"erase_at": AT_ONCE}
    ),
    POLICY,
)
_ROSTER_COLUMNS = ("state", "first_day", "last_day", "changed", "published_version", "published_at")
ROSTERS = AggregateTable(
    rosters,
    tables.timeline,
    Roster,
    lambda roster: {name: getattr(roster, name) for name in _ROSTER_COLUMNS},
    POLICY,
)
_DUTY_COLUMNS = ("roster_id", "staff_id", "state", "day", "starts_at", "ends_at")
DUTIES = AggregateTable(
    duties,
    tables.timeline,
    Duty,
    lambda duty: {name: getattr(duty, name) for name in _DUTY_COLUMNS},
    POLICY,
)


class Kept(Aggregates[A]):
    """Aggregates that also change without anybody being told: drafts, staff."""

    def keep(self, before: Aggregate, after: A) -> A:
        """Saves what it is now; nothing where that is what it was."""
        if before == after:
            return after
        after = after.model_copy(update={"version": before.version + 1})
        self.save(before, after)
        return after


class Staff(Kept[StaffMember]):
    async def of_regency(self, regency: str) -> dict[UUID, StaffMember]:
        return await self._all(select(staff).where(staff.c.regency == regency))

    async def locked(self, regency: str, ids: Collection[UUID]) -> dict[UUID, StaffMember]:
        """Those of the regency among them, so that until the end nobody rosters them elsewhere or has them leave."""
        chosen = select(staff).where(staff.c.regency == regency, staff.c.id.in_(ids))
        return await self._all(chosen.order_by(staff.c.id).with_for_update())

    async def same_as(self, member: StaffMember) -> StaffMember | None:
        """Somebody else of the regency with the same token or number; who has none of them is like nobody."""
        told = {staff.c.subject: member.subject, staff.c.number_hash: member.number_hash}
        same = or_(false(), *(column == value for column, value in told.items() if value is not None))
        other = select(staff).where(staff.c.regency == member.regency, staff.c.id != member.id, same)
        return next(iter((await self._all(other.limit(1))).values()), None)

    async def _all(self, statement: Select[Any]) -> dict[UUID, StaffMember]:
        rows = await self.tx.connection.execute(statement)
        return {row.id: self.opened(row.id, row.document) for row in rows}


@dataclass(frozen=True, slots=True)
class Overview:
    """A roster as lists show it, without its assignments."""

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
    pass


@dataclass(frozen=True, slots=True)
class NamedDuty:
    duty: Duty
    name: Sealed


class Duties(Kept[Duty]):
    async def of_roster(self, roster_id: UUID) -> dict[UUID, Duty]:
        """All of them, locked."""
        statement = select(duties).where(duties.c.roster_id == roster_id).order_by(duties.c.id).with_for_update()
        return {row.id: self.opened(row.id, row.document) for row in await self.tx.connection.execute(statement)}

    async def elsewhere(self, roster: Roster, people: Collection[UUID]) -> list[Taken]:
        """When these people are on duty by other rosters, in the days of this one and a little beyond."""
        around = timedelta(days=2)
        statement = select(duties).where(
            duties.c.staff_id.in_(people),
            duties.c.roster_id != roster.id,
            duties.c.state != DutyState.WITHDRAWN,
            duties.c.starts_at > _midnight(roster.first_day) - around,
            duties.c.starts_at < _midnight(roster.last_day) + around,
        )
        found = [self.opened(row.id, row.document) for row in await self.tx.connection.execute(statement)]
        return [Taken(d.staff_id, d.day, d.shift, Span(d.starts_at, d.ends_at)) for d in found]

    async def keep_all(self, before: Mapping[UUID, Duty], after: Sequence[Duty]) -> None:
        """Saves all of them in two statements; none begins or changes by an event of its own."""
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
        return NamedDuty(self.opened(row.id, row.document), person.name)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class RosterTransaction(Transaction[Resources]):
    @cached_property
    def staff(self) -> Staff:
        return Staff(self, STAFF)

    @cached_property
    def rosters(self) -> Rosters:
        return Rosters(self, ROSTERS)

    @cached_property
    def duties(self) -> Duties:
        return Duties(self, DUTIES)
