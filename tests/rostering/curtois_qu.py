"""The rostering benchmark of Curtois and Qu (2014): reads an instance, writes it as a roster with rules that a pack can
name, and recounts the penalties of an answer from the instance alone.

The shifts of an instance have lengths and no times. Here all begin at the same hour, so that nobody can have two on one
day, which is what the instance demands. Limits that differ between people hold for those with a skill (`with_skill`).
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_common.regency import Demand, RosterPolicy, Shift, ShiftPattern
from sigap_roster.domain import Circumstances, Planned, Roster, Skill, StaffMember, draft

DATA = Path(os.environ.get("SIGAP_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "rosters"
"""Where the instances are."""
FIRST = date(2027, 3, 1)
"""Every instance begins on a Monday."""
BEFORE = datetime(2027, 2, 1, tzinfo=UTC)
BEGINS = timedelta(hours=6)
REGENCY = "99.95"
_ROOT = UUID("018dc000-0000-7000-8000-000000000098")
PER_PENALTY = 10
"""What the program counts for one point of penalty."""


@dataclass(frozen=True, slots=True)
class Employee:
    """`most_of`: of each shift. Minutes are of the whole horizon."""

    name: str
    most_of: Mapping[str, int]
    most_minutes: int
    least_minutes: int
    most_in_a_row: int
    least_in_a_row: int
    least_off_in_a_row: int
    most_weekends: int


@dataclass(slots=True)
class Instance:
    """Days are numbers from 0. `requests`: weights by employee, day and shift; below 0: not to have the shift.
    `cover`: by day and shift the number wanted, and the weights of too few and too many.
    """

    days: int = 0
    minutes: dict[str, int] = field(default_factory=dict)
    not_after: dict[str, Sequence[str]] = field(default_factory=dict)
    """By shift: those that may not follow it."""
    employees: list[Employee] = field(default_factory=list)
    off: dict[str, Sequence[int]] = field(default_factory=dict)
    requests: dict[tuple[str, int, str], int] = field(default_factory=dict)
    cover: dict[tuple[int, str], tuple[int, int, int]] = field(default_factory=dict)


def read(text: str) -> Instance:
    found = Instance()
    for section, row in _rows(text):
        _READERS[section](found, row)
    return found


def _rows(text: str) -> Iterator[tuple[str, Sequence[str]]]:
    section = ""
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("SECTION_"):
            section = line
        elif line and not line.startswith("#"):
            yield section, line.lower().split(",")


def _shift(found: Instance, row: Sequence[str]) -> None:
    found.minutes[row[0]] = int(row[1])
    found.not_after[row[0]] = [one for one in row[2].split("|") if one]


def _employee(found: Instance, row: Sequence[str]) -> None:
    most_of = {shift: int(most) for shift, _, most in (one.partition("=") for one in row[1].split("|"))}
    found.employees.append(Employee(row[0], most_of, *map(int, row[2:8])))


def _request(found: Instance, row: Sequence[str], sign: int) -> None:
    found.requests[row[0], int(row[1]), row[2]] = sign * int(row[3])


def _cover(found: Instance, row: Sequence[str]) -> None:
    found.cover[int(row[0]), row[1]] = (int(row[2]), int(row[3]), int(row[4]))


_READERS: Mapping[str, Any] = {
    "SECTION_HORIZON": lambda found, row: setattr(found, "days", int(row[0])),
    "SECTION_SHIFTS": _shift,
    "SECTION_STAFF": _employee,
    "SECTION_DAYS_OFF": lambda found, row: found.off.__setitem__(row[0], [int(day) for day in row[1:]]),
    "SECTION_SHIFT_ON_REQUESTS": lambda found, row: _request(found, row, 1),
    "SECTION_SHIFT_OFF_REQUESTS": lambda found, row: _request(found, row, -1),
    "SECTION_COVER": _cover,
}


# --- as a roster


def rostered(instance: Instance) -> tuple[Roster, Circumstances]:
    """The instance as an empty roster, and what it is planned by."""
    last = FIRST + timedelta(days=instance.days - 1)
    skills, policies = _limits(instance)
    staff = [_person(one, skills[one.name]) for one in instance.employees]
    around = Circumstances(
        people={one.id: one for one in staff},
        pattern=_pattern(instance),
        zone=ZoneInfo("Asia/Jakarta"),
        policies=policies,
        leave={who(name): {_day(number) for number in days} for name, days in instance.off.items()},
        shift_wishes=_wishes(instance),
    )
    return draft(Aggregate(id=_ROOT, regency=REGENCY), FIRST, last), around


def who(name: str) -> UUID:
    return uuid5(_ROOT, name)


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


def _person(employee: Employee, skills: Iterable[str]) -> StaffMember:
    return StaffMember(
        id=who(employee.name),
        regency=REGENCY,
        version=1,
        name=Sealed(employee.name),
        skills=tuple(Skill(code=code) for code in skills),
    )


def _pattern(instance: Instance) -> ShiftPattern:
    begins = datetime.combine(FIRST, datetime.min.time()) + BEGINS
    shifts = tuple(
        Shift(code=code, name=code, start=f"{begins:%H:%M}", end=f"{begins + timedelta(minutes=minutes):%H:%M}")
        for code, minutes in instance.minutes.items()
    )
    days: defaultdict[tuple[str, int], list[date]] = defaultdict(list)
    for day in range(instance.days):
        for shift in instance.minutes:
            wanted, _, _ = instance.cover.get((day, shift), (0, 0, 0))
            days[shift, wanted].append(_day(day))
    demand = [
        Demand(name="cover", shifts=(shift,), dates=tuple(of), seats=seats) for (shift, seats), of in days.items()
    ]
    return ShiftPattern(shifts=shifts).model_copy(update={"demand": tuple(demand)})


def _wishes(instance: Instance) -> Mapping[UUID, Mapping[tuple[date, str], int]]:
    found: defaultdict[UUID, dict[tuple[date, str], int]] = defaultdict(dict)
    for (name, day, shift), weight in instance.requests.items():
        found[who(name)][_day(day), shift] = weight
    return found


def _limits(instance: Instance) -> tuple[Mapping[str, set[str]], list[RosterPolicy]]:
    """The skills of each employee by which the policies find those that they hold for, and the policies."""
    skills: defaultdict[str, set[str]] = defaultdict(set)
    told: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def limit(name: str, code: str, **params: Any) -> None:
        values = ("-".join(value) if isinstance(value, list) else str(value) for value in params.values())
        group = "-".join((code, *values))
        skills[name].add(group)
        told[group] = code, {**params, "with_skill": group}

    for one in instance.employees:
        limit(one.name, "max-days-in-a-row", days=one.most_in_a_row)
        limit(one.name, "min-days-in-a-row", days=one.least_in_a_row)
        limit(one.name, "min-days-off-in-a-row", days=one.least_off_in_a_row)
        limit(one.name, "max-weekends-in-plan", weekends=one.most_weekends)
        limit(one.name, "max-hours-in-plan", hours=one.most_minutes / 60)
        limit(one.name, "min-hours-in-plan", hours=one.least_minutes / 60)
        for shift, most in one.most_of.items():
            if most < instance.days:
                limit(one.name, "max-shifts-in-plan", shifts=[shift], most=most)
    policies = [_policy(code, "hard", **params) for code, params in told.values()]
    for before, after in instance.not_after.items():
        if after:
            policies.append(_policy("forbidden-succession", "hard", after=[before], shifts=[*after]))
    return skills, [*policies, _of_seats(instance), _policy("fair-shares", "off")]


def _of_seats(instance: Instance) -> RosterPolicy:
    """Raises ValueError if the weights are not the same on each day: no rule of a pack says that."""
    ((too_few, too_many),) = {(under, over) for _, under, over in instance.cover.values()}
    policy = _policy("seats-exceeded", "soft", open_seat=too_few)
    return policy.model_copy(update={"weight": too_many})


def _policy(code: str, strength: str, **params: Any) -> RosterPolicy:
    return RosterPolicy.model_validate({"code": code, "strength": strength, "source": "benchmark", "params": params})


# --- recounted


Worked = Mapping[str, Mapping[int, str]]
"""By employee and day: the shift."""


def worked_by(instance: Instance, planned: Iterable[Planned]) -> Worked:
    """Who works when, by a plan. Raises ValueError if somebody has two shifts on a day."""
    names = {who(one.name): one.name for one in instance.employees}
    found: dict[str, dict[int, str]] = {one.name: {} for one in instance.employees}
    for one in planned:
        days = found[names[one.staff_id]]
        if (day := (one.day - FIRST).days) in days:
            raise ValueError(f"{names[one.staff_id]} has two shifts on day {day}")
        days[day] = one.shift
    return found


def penalty(instance: Instance, worked: Worked) -> int:
    """The penalties of requests and cover."""
    found = 0
    for (name, day, shift), weight in instance.requests.items():
        has = worked[name].get(day) == shift
        found += max(weight, 0) * (not has) + max(-weight, 0) * has
    for (day, shift), (wanted, under, over) in instance.cover.items():
        count = sum(days.get(day) == shift for days in worked.values())
        found += under * max(0, wanted - count) + over * max(0, count - wanted)
    return found


def broken(instance: Instance, worked: Worked) -> list[str]:
    """Each hard rule of the instance that the answer breaks."""
    return [f"{one.name}: {what}" for one in instance.employees for what in _of_one(instance, one, worked[one.name])]


def _of_one(instance: Instance, one: Employee, days: Mapping[int, str]) -> Iterator[str]:
    if not one.least_minutes <= sum(instance.minutes[shift] for shift in days.values()) <= one.most_minutes:
        yield "minutes"
    for shift, most in one.most_of.items():
        if sum(own == shift for own in days.values()) > most:
            yield f"too many of {shift}"
    if any(days.get(day + 1) in instance.not_after[shift] for day, shift in days.items()):
        yield "a shift that may not follow"
    if any(day in days for day in instance.off.get(one.name, ())):
        yield "a day off"
    saturdays = range(5, instance.days, 7)
    if sum(saturday in days or saturday + 1 in days for saturday in saturdays) > one.most_weekends:
        yield "weekends"
    yield from _of_rows(one, [day in days for day in range(instance.days)])


def _of_rows(one: Employee, works: Sequence[bool]) -> Iterator[str]:
    rows = [(at_work, len([*row])) for at_work, row in groupby(works)]
    for number, (at_work, length) in enumerate(rows):
        inside = 0 < number < len(rows) - 1
        if at_work and length > one.most_in_a_row:
            yield "too many days in a row"
        if inside and length < (one.least_in_a_row if at_work else one.least_off_in_a_row):
            yield "too few days in a row" if at_work else "too few days off"
