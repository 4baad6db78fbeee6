"""The stored duties, and what is read of them by roster, person or days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy import select as select_columns

from sigap_common.messaging.aggregates import AggregateTable
from sigap_common.personal_data import Sealed
from sigap_roster.domain import Duty, DutyState, Roster, Span, StaffMember, Taken
from sigap_roster.files.calendar import Entry
from sigap_roster.models import duties, rosters, tables
from sigap_roster.repository.kept import Kept
from sigap_roster.visibility import POLICY

MOST_IN_CALENDAR = 2000
"""Duties: more than four years of daily ones."""

BINDS_AFTER, BINDS_BEFORE = timedelta(days=14), timedelta(days=8)
"""So long after and before a plan, other duties are read for its rules: whole weeks at both ends are covered."""
LONGEST_SHIFT = timedelta(hours=26)
"""A shift of 24 hours in a night when clocks go back, with some reserve."""
_DUTY_TIMES = ("starts_at", "ends_at", "started_at", "ended_at")
_DUTY_COLUMNS = ("roster_id", "staff_id", "state", "day", *_DUTY_TIMES, "break_minutes")
DUTIES = AggregateTable(
    duties,
    tables.timeline,
    Duty,
    lambda duty: {name: getattr(duty, name) for name in _DUTY_COLUMNS},
    POLICY,
)


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
