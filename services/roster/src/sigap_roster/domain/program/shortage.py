"""Hours that a week lacks, by arithmetic before any search: what the seats need, and what people may work at most."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor
from uuid import UUID

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.checks import Circumstances, begun
from sigap_roster.domain.program.written import candidates
from sigap_roster.domain.roster import Roster, plan
from sigap_roster.domain.rules.of_persons import (
    FULL_WEEK_HOURS,
    barred,
    barred_shifts,
    counts_as_overtime,
    hours_of_week,
    lacks_skill,
    overtime_of_week,
    usual_hours,
)
from sigap_roster.domain.rules.work import Facts, Work, facts_of, worked_seconds
from sigap_roster.domain.shifts import monday_of, span_of
from sigap_roster.domain.staff import StaffMember


@dataclass(frozen=True, slots=True)
class Shortage:
    """A week whose seats need more hours than all people together may work. `week`: its Monday. `people`: how many more
    are needed at least, if each works as much as the one who may work most.
    """

    week: date
    hours: float
    people: int


def shortages(roster: Roster, around: Circumstances, now: datetime) -> list[Shortage]:
    """The weeks that no plan can fill. A week without one may lack people too: only hours and free days are counted.

    `around`: with all staff of the regency.
    """
    standing = tuple(begun(roster, now))
    stands = set(standing)
    choices = [one for one in candidates(roster, around, now) if one not in stands]
    facts = facts_of(plan(roster, (*standing, *choices)), around, now)
    found = []
    for week, seconds in _needed(facts).items():
        able = [_able(facts, staff_id, works, week, len(standing)) for staff_id, works in facts.of_person.items()]
        if (lacking := seconds - sum(able)) > 0:
            most = max(able, default=0) or FULL_WEEK_HOURS * 3600
            found.append(Shortage(week, ceil(lacking / 360) / 10, ceil(lacking / most)))
    return found


def _needed(facts: Facts) -> Mapping[date, int]:
    """The seconds that the seats of shifts to come need, by week."""
    weeks: defaultdict[date, int] = defaultdict(int)
    for day in facts.days():
        for shift in facts.around.pattern.shifts:
            span = span_of(shift, day, facts.around.zone)
            if span.starts_at > facts.now:
                seconds = worked_seconds(span, shift.break_minutes)
                weeks[monday_of(day)] += facts.around.seats(day, shift.code) * seconds
    return weeks


def _able(facts: Facts, staff_id: UUID, works: Sequence[Work], week: date, standing: int) -> int:
    """The most seconds that a person may work in the week beside what stands."""
    person = facts.around.people.get(staff_id)
    if person is None:
        return 0
    own = [work for work in works if monday_of(work.day) == week]
    fixed = [work for work in own if work.index is None or work.index < standing]
    days: defaultdict[date, list[Work]] = defaultdict(list)
    for work in own:
        if work.index is not None and work.index >= standing and not _barred(facts, person, work):
            days[work.day].append(work)
    best = sorted((_most_of_a_day(facts, day) for day in days.values()), reverse=True)
    taken = {work.day for work in fixed} - days.keys()
    most = sum(best[: max(0, _days_at_most(facts, person) - len(taken))])
    limit = _seconds_at_most(facts, person, week)
    return most if limit is None else max(0, min(most, limit - sum(work.seconds for work in fixed)))


def _most_of_a_day(facts: Facts, works: Sequence[Work]) -> int:
    """The longest that one person can be in shifts that begin on one day."""
    best: dict[int, int] = {}
    ordered = sorted(works, key=lambda work: work.span.ends_at)
    for at, work in enumerate(ordered):
        before = [best[n] for n in range(at) if not facts.around.clash(ordered[n].span, work.span)]
        best[at] = work.seconds + max(before, default=0)
    return max(best.values(), default=0)


def _barred(facts: Facts, person: StaffMember, work: Work) -> bool:
    if barred(facts, work):
        return True
    if any(lacks_skill(policy, person, work) for policy in _hard(facts, person, "skill-required")):
        return True
    by_sex = _hard(facts, person, "women-by-day-men-by-night")
    return any(person.sex is None or work.shift in barred_shifts(policy)[person.sex] for policy in by_sex)


def _days_at_most(facts: Facts, person: StaffMember) -> int:
    return min((floor(7 - one.number("days")) for one in _hard(facts, person, "weekly-rest-days")), default=7)


def _seconds_at_most(facts: Facts, person: StaffMember, week: date) -> int | None:
    """The most seconds of the week by the rules for the person; None: no rule limits them."""
    told = [
        hours_of_week(facts, policy, person, week)
        for policy in _hard(facts, person, "weekly-hours")
        if not counts_as_overtime(facts, policy, person)
    ]
    hours = [one for one in told if one is not None]
    if (usual := usual_hours(facts, person, week)) is not None:
        limits = _hard(facts, person, "overtime-limit")
        hours += [usual + overtime_of_week(policy, person, week) for policy in limits]
    return floor(min(hours) * 3600) if hours else None


def _hard(facts: Facts, person: StaffMember, code: str) -> list[RosterPolicy]:
    """The hard rules of this code that apply to the person."""
    return [
        policy
        for policy in facts.around.policies
        if policy.code == code and policy.strength == "hard" and facts.is_for(policy, person)
    ]
