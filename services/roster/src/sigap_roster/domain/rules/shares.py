"""How nights, weekend days, holidays and hours are shared among the people who can take them, as evenly as possible.

Not everybody can take every shift. Where women work by day and men by night, six women share twice as many seats as six
men, and no plan gives all of them the same.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.rules.of_persons import (
    LEAST_HOURS,
    barred_shifts,
    hours_of_a_day,
    lacks_skill,
    overtime_of_day,
)
from sigap_roster.domain.rules.work import Facts, Work, work_of
from sigap_roster.domain.shifts import span_of
from sigap_roster.domain.staff import StaffMember

COUNTED: Mapping[str, Callable[[Facts, Work], bool]] = {
    "nights": lambda _, work: work.night,
    "weekends": lambda _, work: work.day.weekday() >= 5,
    "holidays": lambda facts, work: work.day in facts.around.holidays,
}
"""These are shared fairly, and so are hours."""
_MOST_SHIFTS = 8
"""Of so many shifts each set is looked at; of more, each alone and all together."""
_BY_SEX = "women-by-day-men-by-night"
Able = Mapping[UUID, Set[str]]
"""By person the shifts that the person can take."""


def can_take(facts: Facts) -> Able:
    """Of the whole staff: the shifts that no restriction and no rule of the pack bars on each day of the plan."""
    works, last_day = _one_of_each(facts), facts.roster.last_day
    at_night = {work.shift for work in works if work.in_barred_hours}
    rules = [one for one in facts.around.policies if one.strength != "off" and one.code in _BARS]
    return {
        person.id: {work.shift for work in works}
        - (at_night if person.nights_barred_on(last_day) else set())
        - {shift for one in rules if facts.is_for(one, person) for shift in _BARS[one.code](facts, one, person, works)}
        for person in facts.around.people.values()
    }


def counted_shifts(facts: Facts, what: str) -> Set[str]:
    """The shifts that can be a night, or of a weekend day or a holiday."""
    return {work.shift for work in _one_of_each(facts) if what != "nights" or work.night}


def _one_of_each(facts: Facts) -> Sequence[Work]:
    """Each shift of the pack, on the first day of the plan."""
    around, day = facts.around, facts.roster.first_day
    return [
        work_of(UUID(int=0), day, shift.code, span_of(shift, day, around.zone), around, None, shift.break_minutes)
        for shift in around.pattern.shifts
    ]


def _barred_by_sex(_: Facts, policy: RosterPolicy, person: StaffMember, works: Sequence[Work]) -> Collection[str]:
    """All shifts are barred if the person's sex is not entered."""
    return barred_shifts(policy)[person.sex] if person.sex else [work.shift for work in works]


def _too_long(facts: Facts, policy: RosterPolicy, person: StaffMember, works: Sequence[Work]) -> Collection[str]:
    """The shifts with more overtime than the person may have in a day. It is none if the person has not agreed."""
    most = hours_of_a_day(facts, person) + overtime_of_day(policy, person, facts.roster.last_day)
    return [work.shift for work in works if work.hours > most + LEAST_HOURS]


def _lacking_skill(_: Facts, policy: RosterPolicy, person: StaffMember, works: Sequence[Work]) -> Collection[str]:
    return [work.shift for work in works if lacks_skill(policy, person, work)]


_BARS: Mapping[str, Callable[[Facts, RosterPolicy, StaffMember, Sequence[Work]], Collection[str]]] = {
    _BY_SEX: _barred_by_sex,
    "overtime-limit": _too_long,
    "skill-required": _lacking_skill,
}
"""The rules that keep a person from a shift, whatever else is planned."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who share these shifts equally, or in proportion to their parts. `each`: how much a part of 1 has."""

    people: Sequence[UUID]
    shifts: Set[str]
    each: float


def groups(wanted: Mapping[str, float], able: Able, parts: Mapping[UUID, float] | None = None) -> list[Group]:
    """The most even shares of what is wanted of each shift, the largest first. Somebody who can take no shift that is
    wanted is in no group.

    The shifts that leave most to each of those who can take one of them are theirs alone; the others are shared by the
    others.
    """
    waiting = {one: codes for one, codes in able.items() if parts is None or parts[one] > 0}
    left = {code for code, amount in wanted.items() if amount > 0}
    found: list[Group] = []
    while left := left & {code for codes in waiting.values() for code in codes}:
        each = {some: each_of(some, wanted, waiting, parts) for some in _sets(left)}
        shifts = max(each, key=lambda some: (round(each[some], 9), len(some)))
        theirs = [one for one, codes in waiting.items() if codes & shifts]
        found.append(Group(theirs, shifts, each[shifts]))
        waiting = {one: codes for one, codes in waiting.items() if not codes & shifts}
        left = left - shifts
    return found


def each_of(
    shifts: Set[str], wanted: Mapping[str, float], able: Able, parts: Mapping[UUID, float] | None = None
) -> float:
    """How much a part of 1 has if those who can take one of these shifts share all of them."""
    own = sum(1.0 if parts is None else parts[one] for one, codes in able.items() if codes & shifts)
    return sum(wanted.get(code, 0) for code in shifts) / own if own else 0.0


def limited_together(facts: Facts, shifts: Set[str]) -> list[frozenset[str]]:
    """The sets of these shifts by which `fair-shares` is asked: nobody has more than one above the largest share that
    those have who can take one of a set. What is for women only and what is for men only are never in one set.

    They do not depend on who is planned: if fewer people share, each share is larger.
    """
    return [some for side in _sides(facts, shifts) for some in _sets(side)]


def _sides(facts: Facts, shifts: Set[str]) -> list[Set[str]]:
    for policy in facts.around.policies:
        if policy.code == _BY_SEX and policy.strength != "off" and "employment" not in policy.params:
            by_day, by_night = ({*policy.listed(name)} & shifts for name in ("day_shifts", "night_shifts"))
            if by_day | by_night == shifts and not by_day & by_night:
                return [by_day, by_night]
    return [shifts]


def _sets(shifts: Set[str]) -> Iterator[frozenset[str]]:
    ordered = sorted(shifts)
    sizes = range(1, len(ordered) + 1) if len(ordered) <= _MOST_SHIFTS else (1, len(ordered))
    return (frozenset(some) for size in sizes for some in combinations(ordered, size))
