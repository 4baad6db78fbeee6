"""Counts what a plan breaks by plain arithmetic, with nothing of the rules or the solver: from the clock times of
shifts, and from what is entered of people.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations, pairwise
from typing import Any
from uuid import UUID

from sigap_common.regency import RosterPolicy
from sigap_roster.domain import Circumstances, Planned, StaffMember

HOUR = timedelta(hours=1)
Counter = Callable[["Plan", RosterPolicy], bool]


@dataclass(frozen=True)
class Shift:
    """`begins` and `ends`: by the city's clock, which is never moved in Indonesia. `ours`: it is in the plan."""

    who: UUID
    day: date
    code: str
    begins: datetime
    ends: datetime
    ours: bool
    unpaid: int

    @property
    def hours(self) -> float:
        return (self.ends - self.begins) / HOUR - self.unpaid / 60

    @property
    def is_night(self) -> bool:
        midnight = datetime.combine(self.day + timedelta(days=1), datetime.min.time())
        return self.ends > midnight or self.begins.hour < 5


@dataclass(frozen=True)
class Plan:
    """`first` and `last`: the days of the plan."""

    known: Circumstances
    shifts: Sequence[Shift]
    first: date
    last: date

    def of(self, policy: RosterPolicy) -> Iterable[tuple[StaffMember, list[Shift]]]:
        own: defaultdict[UUID, list[Shift]] = defaultdict(list)
        for one in self.shifts:
            own[one.who].append(one)
        for who, shifts in own.items():
            person = self.known.people[who]
            named = self.named_by(policy, person)
            able = "with_skill" not in policy.params or _can(person, policy.params["with_skill"], self.first)
            if any(one.ours for one in shifts) and named and able:
                yield person, sorted(shifts, key=lambda one: one.begins)

    def named_by(self, policy: RosterPolicy, person: StaffMember) -> bool:
        """A rule for everybody leaves those alone whose employment has its own of the same kind, as hard or harder."""
        if "employment" in policy.params:
            return policy.params["employment"] == person.employment
        limited = ("season", "skill", "shifts", "after", "agency", "agencies", "with_skill")
        return not any(
            one.code == policy.code
            and one.params.get("employment") == person.employment is not None
            and [one.params.get(name) for name in limited] == [policy.params.get(name) for name in limited]
            and (one.strength == "hard" or one.strength == policy.strength == "soft")
            for one in self.known.policies
        )

    def teams(self, policy: RosterPolicy) -> Iterable[tuple[date, list[StaffMember]]]:
        found: defaultdict[tuple[date, str], list[StaffMember]] = defaultdict(list)
        for one in self.shifts:
            if one.ours and one.code in (policy.listed("shifts") or [one.code]):
                found[one.day, one.code].append(self.known.people[one.who])
        return [(day, people) for (day, _), people in found.items()]


def plan_of(planned: Iterable[Planned], known: Circumstances, first: date, last: date) -> Plan:
    ours = [_shift(known, one.staff_id, one.day, one.shift, ours=True) for one in planned]
    others = [_shift(known, one.staff_id, one.day, one.shift, ours=False) for one in known.elsewhere]
    return Plan(known, [*ours, *others], first, last)


def broken(planned: Iterable[Planned], known: Circumstances, first: date, last: date) -> set[str]:
    """The codes of the hard rules that the plan of these days breaks; `possible` if somebody is in two places."""
    plan = plan_of(planned, known, first, last)
    found = _broken(plan, "hard")
    if any(_not_available(known, one) for one in plan.shifts if one.ours):
        found.add("available")
    if _not_as_locked(plan):
        found.add("locked")
    if _in_two_places(plan):
        found.add("possible")
    return found


def broken_softly(planned: Iterable[Planned], known: Circumstances, first: date, last: date) -> set[str]:
    """The codes of the pack's soft rules that the plan breaks."""
    return _broken(plan_of(planned, known, first, last), "soft")


def _broken(plan: Plan, strength: str) -> set[str]:
    rules = [one for one in plan.known.policies if one.strength == strength and one.code not in NOT_COUNTED]
    return {one.code for one in rules if COUNTED[one.code](plan, one)}


def _shift(known: Circumstances, who: UUID, day: date, code: str, *, ours: bool) -> Shift:
    (told,) = [one for one in known.pattern.shifts if one.code == code]
    begins, ends = (datetime.combine(day, time.fromisoformat(clock)) for clock in (told.start, told.end))
    ends += timedelta(days=ends <= begins)
    return Shift(who, day, code, begins, ends, ours, told.break_minutes)


def _in_two_places(plan: Plan) -> bool:
    handover = timedelta(minutes=plan.known.pattern.handover_minutes)
    return any(
        a.who == b.who and (a.ours or b.ours) and min(a.ends, b.ends) - max(a.begins, b.begins) > handover
        for at, a in enumerate(plan.shifts)
        for b in plan.shifts[at + 1 :]
    )


def _not_available(known: Circumstances, one: Shift) -> bool:
    if one.day in known.leave.get(one.who, ()):
        return True
    until = known.people[one.who].no_nights_until
    if until is None or one.day > date.fromisoformat(until.clear):
        return False
    return _in_barred_hours(one)


def _in_barred_hours(one: Shift) -> bool:
    """Whether any of it lies from 23:00 to 07:00 of the night before, of this day or of the next."""
    nights = [datetime.combine(one.day + timedelta(days=n), datetime.min.time()) for n in (-1, 0, 1)]
    return any(one.begins < at + 31 * HOUR and one.ends > at + 23 * HOUR for at in nights)


def _not_as_locked(plan: Plan) -> bool:
    ours = [one for one in plan.shifts if one.ours]
    for lock in plan.known.locks:
        own = [one for one in ours if (one.who, one.day) == (lock.staff_id, lock.day)]
        away = lock.day in plan.known.leave.get(lock.staff_id, ())
        if own if lock.shift is None else not away and lock.shift not in [one.code for one in own]:
            return True
    return False


def _weeks(shifts: Iterable[Shift]) -> Mapping[date, list[Shift]]:
    found: defaultdict[date, list[Shift]] = defaultdict(list)
    for one in shifts:
        found[one.day - timedelta(days=one.day.weekday())].append(one)
    return {monday: own for monday, own in found.items() if any(one.ours for one in own)}


def rest(plan: Plan, policy: RosterPolicy) -> bool:
    handover = timedelta(minutes=plan.known.pattern.handover_minutes)
    return any(
        b.begins - a.ends < policy.number("hours") * HOUR and a.ends - b.begins <= handover
        for _, shifts in plan.of(policy)
        for a, b in pairwise(shifts)
        if a.ours or b.ours
    )


def hours(plan: Plan, policy: RosterPolicy) -> bool:
    return any(
        sum(one.hours for one in own) > most + 1e-5
        for person, shifts in plan.of(policy)
        for monday, own in _weeks(shifts).items()
        if (most := _most(plan, policy, person, monday)) is not None and not _of_person(plan, "overtime-limit", person)
    )


def overtime(plan: Plan, policy: RosterPolicy) -> bool:
    for person, shifts in plan.of(policy):
        for monday, own in _weeks(shifts).items():
            rules = [one for one in _of_person(plan, "weekly-hours", person) if plan.named_by(one, person)]
            told = [_most(plan, one, person, monday) for one in rules]
            usual = [one for one in told if one is not None]
            sunday = monday + timedelta(days=6)
            if usual and sum(one.hours for one in own) > min(usual) + _agreed(policy, person, sunday, "week") + 1e-5:
                return True
        rest = _of_person(plan, "weekly-rest-days", person)
        a_day = 7 if rest and rest[0].number("days") < 2 else 8
        worked: defaultdict[date, float] = defaultdict(float)
        for one in shifts:
            worked[one.day] += one.hours
        for day in {one.day for one in shifts if one.ours}:
            if worked[day] > a_day + _agreed(policy, person, day, "day") + 1e-5:
                return True
        for monday in _weeks(shifts):
            week = [monday + timedelta(days=n) for n in range(7)]
            agreed = _agreed(policy, person, week[-1], "week")
            if agreed and sum(max(0, worked[day] - a_day) for day in week) > agreed + 1e-5:
                return True
    return False


def _of_person(plan: Plan, code: str, person: StaffMember) -> list[RosterPolicy]:
    """The rules of this code for the person, those for the person's employment before those for everybody."""
    named = [one for one in plan.known.policies if one.code == code and one.strength != "off"]
    return [
        one for employment in (person.employment, None) for one in named if one.params.get("employment") == employment
    ]


def _agreed(policy: RosterPolicy, person: StaffMember, day: date, of: str) -> float:
    agreed = person.overtime_agreed_on is not None and person.overtime_agreed_on <= day
    return policy.number(f"hours_a_{of}") if agreed else 0


def _most(plan: Plan, policy: RosterPolicy, person: StaffMember, monday: date) -> float | None:
    told = _by_policy(plan, policy, person, monday)
    return told if told is None else min(told, person.weekly_hours or told)


def _by_policy(plan: Plan, policy: RosterPolicy, person: StaffMember, monday: date) -> float | None:
    if "season" not in policy.params:
        return policy.number("hours")
    week = [monday + timedelta(days=n) for n in range(7)]
    inside = sum(
        any(one.code == policy.params["season"] and one.first_day <= day <= one.last_day for one in plan.known.seasons)
        for day in week
    )
    usual = [one for one in _of_person(plan, "weekly-hours", person) if "season" not in one.params]
    if inside == 7:
        return policy.number("hours")
    if not inside or not usual:
        return None
    return policy.number("hours") * inside / 7 + usual[0].number("hours") * (7 - inside) / 7


def rest_days(plan: Plan, policy: RosterPolicy) -> bool:
    weeks = [own for _, shifts in plan.of(policy) for own in _weeks(shifts).values()]
    return any(7 - len({one.day for one in own}) < policy.number("days") for own in weeks)


def women_by_day(plan: Plan, policy: RosterPolicy) -> bool:
    barred = {"female": policy.listed("night_shifts"), "male": policy.listed("day_shifts")}
    own = [(person.sex, one) for person, shifts in plan.of(policy) for one in shifts if one.ours]
    return any(sex is None or one.code in barred[sex] for sex, one in own)


def agencies(plan: Plan, policy: RosterPolicy) -> bool:
    wanted = set(policy.listed("agencies"))
    present = [{(one.agency or "").split("/")[-1] for one in people} & wanted for _, people in plan.teams(policy)]
    return any(len(some) < policy.number("at_least") for some in present)


def skill_on_shift(plan: Plan, policy: RosterPolicy) -> bool:
    return any(
        sum(_has(one, policy, day) for one in people) < policy.number("at_least") for day, people in plan.teams(policy)
    )


def skill_required(plan: Plan, policy: RosterPolicy) -> bool:
    return any(
        one.ours and one.code in (policy.listed("shifts") or [one.code]) and not _has(person, policy, one.day)
        for person, shifts in plan.of(policy)
        for one in shifts
    )


def agency_on_shift(plan: Plan, policy: RosterPolicy) -> bool:
    return any(
        sum((one.agency or "").split("/")[-1] == policy.params["agency"] for one in people) < policy.number("at_least")
        for _, people in plan.teams(policy)
    )


def _has(person: StaffMember, policy: RosterPolicy, day: date) -> bool:
    return _can(person, policy.params["skill"], day)


def _can(person: StaffMember, skill: object, day: date) -> bool:
    return any(one.code == skill and (one.until or day) >= day for one in person.skills)


def nights_in_a_row(plan: Plan, policy: RosterPolicy) -> bool:
    most, free = int(policy.number("nights")), int(policy.number("rest_days_after", 0))
    for _, shifts in plan.of(policy):
        nights = {one.day for one in shifts if one.is_night}
        ours = {one.day for one in shifts if one.is_night and one.ours}
        for day in nights:
            row = {day + timedelta(days=n) for n in range(most + 1)}
            if row <= nights and _whole_row(nights, day) & ours:
                return True
        if free and _too_soon(shifts, free):
            return True
    return False


def _whole_row(nights: set[date], day: date) -> set[date]:
    found = {day}
    for step in (-1, 1):
        other = day + timedelta(days=step)
        while other in nights:
            found.add(other)
            other += timedelta(days=step)
    return found


def _too_soon(shifts: Sequence[Shift], free: int) -> bool:
    """Whether a work that does not go on with the nights begins before so many days are over since the last night."""
    for at, night in enumerate(shifts):
        later = shifts[at + 1 :]
        until_next_night = next((n for n, one in enumerate(later) if one.is_night), len(later))
        for n, one in enumerate(later[: until_next_night + 1] if night.is_night else ()):
            days = (one.day - night.day).days
            goes_on = n == until_next_night and days <= 1
            if days <= free and not goes_on and (night.ours or one.ours):
                return True
    return False


def forward(plan: Plan, policy: RosterPolicy) -> bool:
    return any(
        (b.day - a.day).days == 1 and b.begins.time() < a.begins.time()
        for _, shifts in plan.of(policy)
        for a, b in pairwise(shifts)
        if a.ours or b.ours
    )


def weekends_off(plan: Plan, policy: RosterPolicy) -> bool:
    """Of the months whose days are all in the plan."""
    days = [plan.first + timedelta(days=n) for n in range((plan.last - plan.first).days + 1)]
    months: defaultdict[tuple[int, int], list[date]] = defaultdict(list)
    for day in days:
        months[day.year, day.month].append(day)
    for of_month in months.values():
        whole = of_month[0].day == 1 and (of_month[-1] + timedelta(days=1)).day == 1
        saturdays = [day for day in of_month if day.weekday() == 5]
        wanted = min(policy.number("a_month"), len(saturdays))
        for _, shifts in plan.of(policy) if whole else ():
            worked = {one.day for one in shifts}
            if sum(day not in worked and day + timedelta(days=1) not in worked for day in saturdays) < wanted:
                return True
    return False


def shares(plan: Plan, policy: RosterPolicy) -> bool:
    """Whether somebody on the plan has over one more than the mean of those who may take some of the same shifts,
    whichever of these are counted together. Shifts for women alone and for men alone are not.
    """
    counted: tuple[Callable[[Shift], bool], ...] = (
        lambda one: one.is_night,
        lambda one: one.day.weekday() >= 5,
        lambda one: one.day in plan.known.holidays,
    )
    every = [_shift(plan.known, UUID(int=0), plan.first, one.code, ours=True) for one in plan.known.pattern.shifts]
    people = [person for person, _ in plan.of(policy)]
    for at, is_one in enumerate(counted):
        known = [one for one in every if at or one.is_night]
        may = {who.id: {one.code for one in known if not _is_kept_off(plan, who, one)} for who in people}
        own = [[one.code for one in plan.shifts if one.ours and one.who == who.id and is_one(one)] for who in people]
        theirs = [(may[who.id], some) for who, some in zip(people, own, strict=True) if may[who.id]]
        together = _counted_together(plan, {one.code for one in known})
        for mine, some in theirs:
            means = [
                sum(code in codes for _, others in theirs for code in others)
                / sum(bool(one & codes) for one, _ in theirs)
                for codes in together
                if mine & codes
            ]
            if len(some) > max(means) + 1 + 1e-6:
                return True
    return False


def _counted_together(plan: Plan, known: set[str]) -> list[set[str]]:
    """All sets of these shifts, without those that mix what is for women alone and for men alone."""
    found = [set(codes) for size in range(1, len(known) + 1) for codes in combinations(sorted(known), size)]
    for one in plan.known.policies:
        if one.code == "women-by-day-men-by-night" and one.strength != "off" and "employment" not in one.params:
            by_day, by_night = set(one.listed("day_shifts")) & known, set(one.listed("night_shifts")) & known
            if by_day | by_night == known and not by_day & by_night:
                return [codes for codes in found if not (codes & by_day and codes & by_night)]
    return found


def _is_kept_off(plan: Plan, person: StaffMember, one: Shift) -> bool:
    """Whether the person may be on this shift on no day of the plan."""
    until = person.no_nights_until
    if until is not None and date.fromisoformat(until.clear) >= plan.last and _in_barred_hours(one):
        return True
    if any(
        person.sex is None or one.code in told.listed("night_shifts" if person.sex == "female" else "day_shifts")
        for told in _of_person(plan, "women-by-day-men-by-night", person)
    ):
        return True
    if any(
        one.code in (told.listed("shifts") or [one.code]) and not _can(person, told.params["skill"], plan.first)
        for told in _of_person(plan, "skill-required", person)
    ):
        return True
    rest = _of_person(plan, "weekly-rest-days", person)
    a_day = 7 if rest and rest[0].number("days") < 2 else 8
    limits = _of_person(plan, "overtime-limit", person)
    return any(one.hours > a_day + _agreed(told, person, plan.last, "day") + 1e-5 for told in limits)


def _rows(shifts: Iterable[Shift]) -> Iterator[list[Shift]]:
    """The shifts of days that follow each other."""
    row: list[Shift] = []
    for one in shifts:
        if row and one.day - row[-1].day > timedelta(days=1):
            yield row
            row = []
        row.append(one)
    if row:
        yield row


def long_rows(plan: Plan, policy: RosterPolicy) -> bool:
    return any(
        len({one.day for one in row}) > policy.number("days") and any(one.ours for one in row)
        for _, shifts in plan.of(policy)
        for row in _rows(shifts)
    )


def short_rows(plan: Plan, policy: RosterPolicy) -> bool:
    """A row that touches an end of the plan may go on beyond it."""
    return any(
        len({one.day for one in row}) < policy.number("days")
        and any(one.ours for one in row)
        and plan.first < row[0].day
        and row[-1].day < plan.last
        for _, shifts in plan.of(policy)
        for row in _rows(shifts)
    )


def short_rests(plan: Plan, policy: RosterPolicy) -> bool:
    for _, shifts in plan.of(policy):
        for before, after in pairwise(_rows(shifts)):
            last, next_day = before[-1].day, after[0].day
            beside = [one for one in (*before, *after) if one.day in (last, next_day)]
            if (next_day - last).days - 1 < policy.number("days") and any(one.ours for one in beside):
                return True
    return False


COUNTED: Mapping[str, Counter] = {
    "rest-between-shifts": rest,
    "weekly-hours": hours,
    "weekly-rest-days": rest_days,
    "overtime-limit": overtime,
    "women-by-day-men-by-night": women_by_day,
    "agencies-together": agencies,
    "skill-on-shift": skill_on_shift,
    "skill-required": skill_required,
    "max-nights-in-a-row": nights_in_a_row,
    "agency-on-shift": agency_on_shift,
    "forward-rotation": forward,
    "weekends-off": weekends_off,
    "fair-shares": shares,
    "max-days-in-a-row": long_rows,
    "min-days-in-a-row": short_rows,
    "min-days-off-in-a-row": short_rests,
}
"""The rules that are counted here: all that the packs use but `NOT_COUNTED`."""
NOT_COUNTED = ("transport-at-night", "settled-before-holiday")
"""One lists who needs transport; the other is about the day of publication, which no plan breaks."""


def said_by_the_product(found: Iterable[Any]) -> set[str]:
    """The codes of the hard rules that the product says are broken."""
    return {one.rule for one in found if one.strength == "hard"}
