"""Finds the wrong assignments of a roster, each with its reason."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sigap_common.contracts.rosters import Assignment
from sigap_common.regency import RosterPolicy, Season, Shift, ShiftPattern
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.roster import Planned, Roster, planned_as
from sigap_roster.domain.shifts import Span, span_of
from sigap_roster.domain.staff import StaffMember


@dataclass(frozen=True, slots=True)
class Taken:
    """An assignment of a person in another roster."""

    staff_id: UUID
    day: date
    shift: str
    span: Span
    break_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The data that a roster's assignments are checked against. `people`: staff of the regency by id, at least all that
    the roster names; locks of anybody else do not hold.
    """

    pattern: ShiftPattern
    zone: ZoneInfo
    people: Mapping[UUID, StaffMember]
    elsewhere: Sequence[Taken] = ()
    policies: Sequence[RosterPolicy] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)
    """The names of holidays, by day."""
    seasons: Sequence[Season] = ()
    leave: Mapping[UUID, Set[date]] = field(default_factory=dict)
    """The days on which a person is on leave."""
    wished: Mapping[UUID, Mapping[date, int]] = field(default_factory=dict)
    """The days on which a person wishes to be free, with the weight of the wish."""
    shift_wishes: Mapping[UUID, Mapping[tuple[date, str], int]] = field(default_factory=dict)
    """The shifts that a person wishes to have, with the weight of the wish; below 0: not to have."""
    year_before: Sequence[Taken] = ()
    """The published duties of the year before the plan, which count for fair shares."""
    locks: Set[Lock] = frozenset()
    """What the planner decided of single cells of the roster."""
    same_days: Sequence[tuple[date, date]] = ()
    """The first and the last day of each other published roster that has days of this one."""
    numbers: bool = False
    """Whether texts name people by name and staff number. Leaders read both, staff the name alone."""

    def on_leave(self, staff_id: UUID, day: date) -> bool:
        return day in self.leave.get(staff_id, ())

    def away(self, staff_id: UUID, day: date) -> bool:
        """Whether the person will not come, whatever the plan says: is on leave, or not active any more."""
        person = self.people.get(staff_id)
        return self.on_leave(staff_id, day) or (person is not None and not person.active)

    def wished_free(self, staff_id: UUID, day: date) -> int:
        """The weight of the person's wish to be free on this day; 0: there is none."""
        return self.wished.get(staff_id, {}).get(day, 0)

    def shift_wish(self, staff_id: UUID, day: date, shift: str) -> int:
        """The weight of the person's wish for this shift; below 0: not to have it; 0: there is none."""
        return self.shift_wishes.get(staff_id, {}).get((day, shift), 0)

    def locked_free(self, staff_id: UUID, day: date) -> bool:
        """Whether the planner keeps the person free on this day."""
        return bool(self.locks) and Lock(staff_id, day) in self.locks

    def holds(self, lock: Lock) -> bool:
        """Whether the lock binds: not if its shift is gone from the pack, or the person is on leave or not active."""
        if lock.shift is None:
            return True
        person = self.people.get(lock.staff_id)
        known = self.shift(lock.shift) is not None
        return known and person is not None and person.active and not self.on_leave(lock.staff_id, lock.day)

    def assignments_of(self, locks: Iterable[Lock]) -> list[Planned]:
        """What these locks keep people on, as far as they hold."""
        return [
            Planned(staff_id=lock.staff_id, day=lock.day, shift=lock.shift)
            for lock in locks
            if lock.shift is not None and self.holds(lock)
        ]

    def keeps_off(self, staff_id: UUID, day: date) -> bool:
        """Whether leave or the planner keeps the person off this day."""
        return self.on_leave(staff_id, day) or self.locked_free(staff_id, day)

    def in_season(self, code: str, day: date) -> bool:
        return any(one.code == code and one.first_day <= day <= one.last_day for one in self.seasons)

    def shift(self, code: str) -> Shift | None:
        return next((shift for shift in self.pattern.shifts if shift.code == code), None)

    def seats(self, day: date, shift: str) -> int:
        """How many people the shift wants on this day."""
        return self.pattern.seats(shift, day, self.holidays.keys())

    def minimum(self, day: date, shift: str) -> int:
        """How many of them are needed first."""
        return self.pattern.minimum(shift, day, self.holidays.keys())

    def name(self, staff_id: UUID) -> str:
        """A person for texts, by name or by name and number; the id if the person is not in the staff."""
        person = self.people.get(staff_id)
        if person is None:
            return str(staff_id)
        return person.name_and_number if self.numbers else person.name.clear

    def without_restrictions(self) -> "Circumstances":
        """The same as if nobody had restrictions: shares that are counted by it tell nobody who has one."""
        people = {one.id: one.model_copy(update={"no_nights_until": None}) for one in self.people.values()}
        return replace(self, people=people)

    def clash(self, one: Span, other: Span) -> bool:
        """Whether one person cannot work both. Two shifts in a row may overlap by the hand-over, which takes no time if
        the same person goes on.
        """
        return one.overlap(other) > timedelta(minutes=self.pattern.handover_minutes)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: the assignment's index in the roster, its field, and the text's key with its parameters."""

    index: int
    column: str
    kind: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """An assignment with its times. `kept`: the published assignment if it has begun, which stays unchanged."""

    index: int
    planned: Planned
    span: Span
    break_minutes: int = 0
    kept: Assignment | None = None


def begun(roster: Roster, now: datetime) -> dict[Planned, Assignment]:
    """The published assignments that have begun. Neither new shifts in the pack nor a change of staff changes them."""
    return {planned_as(told): told for told in roster.published if told.starts_at <= now}


def placed(roster: Roster, around: Circumstances, now: datetime) -> list[Placed]:
    """The assignments whose shift is known."""
    kept = begun(roster, now)
    return [one for n, planned in enumerate(roster.planned) if (one := _placed(n, planned, kept, around))]


def findings(roster: Roster, around: Circumstances, now: datetime) -> list[Finding]:
    """All faults that keep the roster from being published, in the order of its assignments."""
    kept = begun(roster, now)
    found = [
        finding
        for index, planned in enumerate(roster.planned)
        if planned not in kept
        for finding in _of_one(index, planned, roster, around)
    ]
    found += _of_persons(placed(roster, around, now), around)
    return sorted(found, key=lambda finding: finding.index)


def _placed(index: int, planned: Planned, kept: Mapping[Planned, Assignment], around: Circumstances) -> Placed | None:
    if told := kept.get(planned):
        return Placed(index, planned, Span(told.starts_at, told.ends_at), told.break_minutes, told)
    shift = around.shift(planned.shift)
    return Placed(index, planned, span_of(shift, planned.day, around.zone), shift.break_minutes) if shift else None


def _of_one(index: int, planned: Planned, roster: Roster, around: Circumstances) -> Iterator[Finding]:
    named = {"who": around.name(planned.staff_id), "day": planned.day, "shift": planned.shift}
    person = around.people.get(planned.staff_id)
    if person is None:
        yield Finding(index, "staff_id", "unknown_staff", named)
    elif not person.active:
        yield Finding(index, "staff_id", "staff_inactive", named)
    if not roster.first_day <= planned.day <= roster.last_day:
        days = {"first_day": roster.first_day, "last_day": roster.last_day}
        yield Finding(index, "day", "day_outside_plan", named | days)
    if around.shift(planned.shift) is None:
        known = ", ".join(shift.code for shift in around.pattern.shifts) or "-"
        yield Finding(index, "shift", "unknown_shift", named | {"known": known})


def _of_persons(all_placed: Sequence[Placed], around: Circumstances) -> Iterator[Finding]:
    taken: defaultdict[UUID, list[Taken]] = defaultdict(list)
    for other in around.elsewhere:
        taken[other.staff_id].append(other)
    latest: dict[UUID, Placed] = {}
    for one in sorted(all_placed, key=lambda placed: (placed.span.starts_at, placed.index)):
        person = one.planned.staff_id
        before = latest.get(person)
        twice = before is not None and before.planned == one.planned
        if before and (twice or around.clash(before.span, one.span)):
            yield _clash(one, before.planned, "assigned_twice" if twice else "overlapping", around)
        if before is None or before.span.ends_at < one.span.ends_at:
            latest[person] = one
        if clash := next((t for t in taken[person] if around.clash(t.span, one.span)), None):
            yield _clash(one, clash, "overlapping_elsewhere", around)


def _clash(one: Placed, other: Planned | Taken, kind: str, around: Circumstances) -> Finding:
    planned = one.planned
    named = {"who": around.name(planned.staff_id), "day": planned.day, "shift": planned.shift}
    return Finding(one.index, "shift", kind, named | {"other_day": other.day, "other_shift": other.shift})
