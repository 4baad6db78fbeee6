"""What people worked in some days: hours, overtime, nights, weekends and holidays, with each person's fair share."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sigap_roster.domain.checks import Circumstances, Taken
from sigap_roster.domain.duty import Duty
from sigap_roster.domain.roster import Roster
from sigap_roster.domain.rules.of_persons import overtime_in_week, part_of_full_week, weeks
from sigap_roster.domain.rules.shares import COUNTED, Able, can_take, counted_shifts, groups
from sigap_roster.domain.rules.work import Facts, Work, work_of_duty, worked_seconds
from sigap_roster.domain.shifts import Span, monday_of
from sigap_roster.domain.staff import StaffMember


@dataclass(frozen=True, slots=True)
class Share:
    """How many a person has, and how many would be the person's fair share. None: the person cannot take them. Shares
    of hours are in proportion to the hours of the person's own contract.
    """

    count: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What a person has in some days, by the plan."""

    duties: int
    hours: Share
    nights: Share
    weekends: Share
    """Days of weekends."""
    holidays: Share


@dataclass(frozen=True, slots=True)
class HoursOf:
    """The hours of one person. `year`: of the year of the last day, until that day. Each of its months is shared among
    those who had a duty in it: who was away, or not there yet, owes nothing for it.
    """

    person: StaffMember
    period: Sums
    year: Sums
    overtime: float | None
    """Hours of overtime in the weeks whose Monday is in the period. None: no rule gives usual hours."""
    attended: float
    """Hours from start to end of the duties that were ended, without their unpaid breaks."""
    late: int
    """Minutes after the planned start at which duties started, all together."""


@dataclass(frozen=True, slots=True)
class Worked:
    """The duties that count: all of `days_needed`, and those of the period that were started."""

    taken: Sequence[Taken]
    attended: Sequence[Duty] = field(default=())


def days_needed(first_day: date, last_day: date) -> tuple[date, date]:
    """The first and the last day of the duties by which these days are counted: the year so far counts too, and so
    does all of a week that begins in these days.
    """
    return min(first_day, _year_began(last_day)), last_day + timedelta(days=6)


def hours(first_day: date, last_day: date, worked: Worked, around: Circumstances, now: datetime) -> list[HoursOf]:
    """The hours of everybody who is active or has a duty in the days, by name."""
    facts = facts_of_duties(first_day, last_day, worked.taken, around, now)
    year_began = _year_began(last_day)
    named = {
        staff_id
        for staff_id, works in facts.of_person.items()
        if any(_within(works, min(first_day, year_began), last_day))
    }
    people = by_name(one for one in around.people.values() if one.active or one.id in named)
    period = _sums(facts, people, first_day, last_day)
    year = _sums_by_month(facts, people, year_began, last_day)
    attended: defaultdict[UUID, list[Duty]] = defaultdict(list)
    for duty in worked.attended:
        attended[duty.staff_id].append(duty)
    return [
        HoursOf(
            one,
            period[one.id],
            year[one.id],
            _overtime(facts, one),
            sum((_length(duty) for duty in attended[one.id]), timedelta()) / timedelta(hours=1),
            sum(_minutes_late(duty) for duty in attended[one.id]),
        )
        for one in people
    ]


def by_name(people: Iterable[StaffMember]) -> list[StaffMember]:
    return sorted(people, key=lambda one: (one.name.clear.casefold(), one.id))


def spread(facts: Facts) -> dict[str, float]:
    """How far apart people are in a plan, each by the person's own share: the most nights, weekend days, holidays and
    hours that somebody has above it, and the most that somebody has below it, together. Of those who are active and can
    take them; the hours of part time count as those of a full week.
    """
    plan = facts.alone()
    people = [one for one in facts.around.people.values() if one.active]
    shares = shares_of_duties(plan, people, facts.roster.first_day, facts.roster.last_day)
    above = {
        what: [told.count - told.share for told in of.values() if told.share is not None] for what, of in shares.items()
    }
    above["hours"] = [
        (told.count - told.share) / part
        for one, told in shares_of_hours(plan, people, plan.of_person).items()
        if told.share is not None and (part := part_of_full_week(facts, facts.around.people[one]))
    ]
    return {what: round(max(some) - min(some), 1) if some else 0.0 for what, some in above.items()}


def facts_of_duties(
    first_day: date, last_day: date, taken: Sequence[Taken], around: Circumstances, now: datetime
) -> Facts:
    """The facts of all duties, as if one plan had them. A duty whose shift is not told is of the one that has its times
    in the pack.
    """
    of_person: defaultdict[UUID, list[Work]] = defaultdict(list)
    by_times = {tuple(map(time.fromisoformat, (one.start, one.end))): one.code for one in around.pattern.shifts}
    for index, one in enumerate(sorted(taken, key=lambda one: one.span.starts_at)):
        work = work_of_duty(one, around, index)
        shift = work.shift or by_times.get((work.begins, work.ends), "")
        of_person[one.staff_id].append(replace(work, shift=shift))
    whole = Roster(id=UUID(int=0), regency="", first_day=first_day, last_day=last_day)
    return Facts(whole, around, now, {staff_id: tuple(own) for staff_id, own in of_person.items()}, {})


def shares_of_duties(
    facts: Facts, people: Sequence[StaffMember], first_day: date, last_day: date
) -> dict[str, dict[UUID, Share]]:
    """The nights, weekend days and holidays of these days, by these names and by person."""
    able = can_take(facts)
    found = {}
    for what, counted in COUNTED.items():
        own = {
            one.id: Counter(
                work.shift
                for work in _within(facts.of_person.get(one.id, ()), first_day, last_day)
                if counted(facts, work)
            )
            for one in people
        }
        sharing = _sharing(people, own, able, counted_shifts(facts, what))
        shares = dict.fromkeys((one for one, codes in sharing.items() if codes), 0.0)
        shares |= {one: group.each for group in groups(_together(own), sharing) for one in group.people}
        found[what] = {one: Share(some.total(), shares.get(one)) for one, some in own.items()}
    return found


def _sharing(
    people: Sequence[StaffMember], own: Mapping[UUID, Mapping[str, float]], able: Able, shifts: Set[str]
) -> Able:
    """Of these shifts those that each person can take, and has. A shift that the pack has no more could be taken by
    everybody who can take one of the others.
    """
    gone = {code for some in own.values() for code in some} - {code for codes in able.values() for code in codes}
    sharing = {one.id: ({*able[one.id]} & shifts if one.active else set()) | own[one.id].keys() for one in people}
    return {staff_id: codes | gone if codes else codes for staff_id, codes in sharing.items()}


def _together(own: Mapping[UUID, Mapping[str, float]]) -> Mapping[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for some in own.values():
        for code, amount in some.items():
            sums[code] += amount
    return sums


def _year_began(day: date) -> date:
    return day.replace(month=1, day=1)


def _within(works: Sequence[Work], first_day: date, last_day: date) -> Iterator[Work]:
    return (work for work in works if first_day <= work.day <= last_day)


def _sums(facts: Facts, people: Sequence[StaffMember], first_day: date, last_day: date) -> dict[UUID, Sums]:
    own = {staff_id: list(_within(works, first_day, last_day)) for staff_id, works in facts.of_person.items()}
    of_hours = shares_of_hours(facts, people, own)
    told = shares_of_duties(facts, people, first_day, last_day)
    return {
        one.id: Sums(len(own.get(one.id, ())), of_hours[one.id], **{what: of[one.id] for what, of in told.items()})
        for one in people
    }


def shares_of_hours(
    facts: Facts, people: Sequence[StaffMember], own: Mapping[UUID, Sequence[Work]]
) -> dict[UUID, Share]:
    """Among those who are active or have some of this work."""
    parts = {one.id: part_of_full_week(facts, one) for one in people}
    hours: dict[UUID, defaultdict[str, float]] = {one.id: defaultdict(float) for one in people}
    for staff_id, by_shift in hours.items():
        for work in own.get(staff_id, ()):
            by_shift[work.shift] += work.hours
    able = can_take(facts)
    sharing = _sharing(people, hours, able, {code for codes in able.values() for code in codes})
    shares = dict.fromkeys((one for one, codes in sharing.items() if codes), 0.0)
    for group in groups(_together(hours), sharing, parts):
        shares |= {one: group.each * parts[one] for one in group.people}
    return {staff_id: Share(sum(some.values()), shares.get(staff_id)) for staff_id, some in hours.items()}


def _sums_by_month(facts: Facts, people: Sequence[StaffMember], first_day: date, last_day: date) -> dict[UUID, Sums]:
    """The sums of these days, of one year, whose shares are those of the months together."""
    months = [_month(facts, people, first_day.replace(month=month), last_day) for month in range(1, last_day.month + 1)]
    return {
        staff_id: _shared_by(sums, [month[staff_id] for month in months if staff_id in month])
        for staff_id, sums in _sums(facts, people, first_day, last_day).items()
    }


def _month(facts: Facts, people: Sequence[StaffMember], first_day: date, last_day: date) -> dict[UUID, Sums]:
    """The sums of the month that begins on `first_day`, until `last_day`, of those who had a duty in it."""
    ends = min(last_day, (first_day + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    there = [one for one in people if any(_within(facts.of_person.get(one.id, ()), first_day, ends))]
    return _sums(facts, there, first_day, ends)


def _shared_by(sums: Sums, months: Sequence[Sums]) -> Sums:
    """The sums with the shares of these months."""

    def shared(whole: Share, own: Iterable[Share]) -> Share:
        return Share(whole.count, None if whole.share is None else sum(one.share or 0.0 for one in own))

    return Sums(
        sums.duties,
        shared(sums.hours, (one.hours for one in months)),
        shared(sums.nights, (one.nights for one in months)),
        shared(sums.weekends, (one.weekends for one in months)),
        shared(sums.holidays, (one.holidays for one in months)),
    )


def _overtime(facts: Facts, person: StaffMember) -> float | None:
    """The hours of overtime in the weeks that begin in the period; None: no rule gives the usual hours of any week with
    a day of the period.
    """
    worked = weeks(facts.of_person.get(person.id, ()))
    mondays = dict.fromkeys(monday_of(day) for day in facts.days())
    told = {monday: overtime_in_week(facts, person, monday, worked.get(monday, ())) for monday in mondays}
    if all(hours is None for hours in told.values()):
        return None
    return sum(hours or 0.0 for monday, hours in told.items() if monday >= facts.roster.first_day)


def _length(duty: Duty) -> timedelta:
    if duty.ended_at is None or duty.started_at is None:
        return timedelta()
    return timedelta(seconds=worked_seconds(Span(duty.started_at, duty.ended_at), duty.break_minutes))


def _minutes_late(duty: Duty) -> int:
    late = duty.started_at - duty.starts_at if duty.started_at else timedelta()
    return max(0, late // timedelta(minutes=1))
