"""A roster month by month, as it is hung on the wall: who is on which shift, gaps, hand-over, and fair shares."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sigap_roster.domain.checks import Circumstances
from sigap_roster.domain.hours import Share, by_name, shares_of_duties
from sigap_roster.domain.roster import Roster
from sigap_roster.domain.rules.work import Facts, Work, by_day, facts_of
from sigap_roster.domain.staff import StaffMember


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person's shifts by day, in the order of time, and what the person has in the month by this roster."""

    person: StaffMember
    shifts: Mapping[date, tuple[str, ...]]
    hours: float
    shares: Mapping[str, Share]
    """Nights, weekends and holidays, by these names, as if nobody had restrictions: everybody reads the page."""


@dataclass(frozen=True, slots=True)
class Seats:
    filled: int
    wanted: int

    @property
    def open(self) -> int:
        return max(0, self.wanted - self.filled)


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """The days of one month that the roster has."""

    days: tuple[date, ...]
    lines: tuple[PersonLine, ...]
    seats: Mapping[tuple[date, str], Seats]
    holidays: Mapping[date, str]

    def gaps(self) -> Iterator[tuple[date, str, int]]:
        """Day, shift and number of the seats that are open."""
        return ((day, shift, seats.open) for (day, shift), seats in self.seats.items() if seats.open)


def month_plans(roster: Roster, around: Circumstances, now: datetime) -> list[MonthPlan]:
    """The months of the plan, with everybody who is active or planned, by name."""
    planned = facts_of(roster, around.without_restrictions(), now).alone()
    months: defaultdict[date, list[date]] = defaultdict(list)
    for day in roster.days():
        months[day.replace(day=1)].append(day)
    people = by_name(one for one in around.people.values() if one.active or planned.of_person.get(one.id))
    return [_month(planned, tuple(days), people) for days in months.values()]


def _month(facts: Facts, days: tuple[date, ...], people: Sequence[StaffMember]) -> MonthPlan:
    first, last = days[0], days[-1]
    told = shares_of_duties(facts, people, first, last)
    lines = [
        _line(one, [work for work in facts.of_person.get(one.id, ()) if first <= work.day <= last], told)
        for one in people
    ]
    around = facts.around
    seats = {
        (day, shift.code): Seats(len(facts.on_shift.get((day, shift.code), ())), around.seats(day, shift.code))
        for day in days
        for shift in around.pattern.shifts
    }
    holidays = {day: name for day, name in around.holidays.items() if first <= day <= last}
    return MonthPlan(days, tuple(lines), seats, dict(sorted(holidays.items())))


def _line(person: StaffMember, works: Sequence[Work], told: Mapping[str, Mapping[UUID, Share]]) -> PersonLine:
    shifts = {day: tuple(work.shift for work in own) for day, own in by_day(works).items()}
    of_person = {what: of[person.id] for what, of in told.items()}
    return PersonLine(person, shifts, sum(work.hours for work in works), of_person)
