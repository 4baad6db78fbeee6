"""Rules about the people of a shift, about fair shares, and about the day on which a plan is published."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.rules.shares import COUNTED, can_take, counted_shifts, each_of, limited_together
from sigap_roster.domain.rules.work import Broken, Facts, concerns_shift, of_plan
from sigap_roster.domain.staff import StaffMember

LEAST = 1e-6
"""Shares differ by less than this if they are equal."""

OF_DEMAND = ("skill-on-shift", "agency-on-shift", "agencies-together")
"""The rules about the people of a shift. Hard ones never keep a seat open: somebody is better than nobody."""


def seats_filled(facts: Facts, _: RosterPolicy) -> Iterator[Broken]:
    """Tells shifts with fewer people than the minimum apart."""
    for day in facts.days():
        for shift in facts.around.pattern.shifts:
            people, minimum = len(facts.on_shift.get((day, shift.code), ())), facts.around.minimum(day, shift.code)
            if (open_seats := facts.around.seats(day, shift.code) - people) > 0:
                told = {"day": day, "shift": shift.code, "open": open_seats, "below": max(0, minimum - people)}
                kind = "seats_below_minimum" if people < minimum else "seats_open"
                yield Broken(kind, told | {"people": people, "minimum": minimum}, day)


def seats_exceeded(facts: Facts, _: RosterPolicy) -> Iterator[Broken]:
    """Checks that a shift has no more people than seats."""
    for (day, shift), works in facts.on_shift.items():
        if (beyond := len(works) - facts.around.seats(day, shift)) > 0:
            yield Broken("seats_exceeded", {"day": day, "shift": shift, "beyond": beyond}, day, weight=beyond)


def agencies_together(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """Checks shifts that have at least one person: `seats_filled` reports the others."""
    wanted, at_least = set(policy.listed("agencies")), int(policy.number("at_least"))
    for (day, shift), works in facts.on_shift.items():
        people = [facts.around.people.get(work.staff_id) for work in works]
        present = {agency_of(person) for person in people} & wanted
        if len(present) < at_least:
            told = {"day": day, "shift": shift, "agencies": len(present), "wanted": at_least}
            yield Broken("agencies_missing", told, day)


def agency_of(person: StaffMember | None) -> str:
    """The code of the person's agency; empty if there is none."""
    return person.agency.partition("/")[2] if person and person.agency else ""


def enough_on_shift(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """Checks that a shift has enough people of one agency, or with one skill. A shift without anybody is reported by
    `seats_filled`.
    """
    at_least, counts = int(policy.number("at_least")), counting(policy)
    what: dict[str, Any] = {name: policy.text(name) for name in ("agency", "skill") if name in policy.params}
    kind = "too_few_with_skill" if "skill" in what else "too_few_of_agency"
    for (day, shift), works in facts.on_shift.items():
        count = sum(counts(facts.around.people.get(work.staff_id), day) for work in works)
        if concerns_shift(policy, shift) and count < at_least:
            yield Broken(kind, {"day": day, "shift": shift, "count": count, "wanted": at_least, **what}, day)


def counting(policy: RosterPolicy) -> Callable[[StaffMember | None, date], bool]:
    """Whether the policy counts a person on a day."""
    if "skill" in policy.params:
        skill = policy.text("skill")
        return lambda person, day: person is not None and person.has_skill(skill, day)
    agency = policy.text("agency")
    return lambda person, _: agency_of(person) == agency


def days_once(facts: Facts, _: RosterPolicy) -> Iterator[Broken]:
    """Checks that no other published roster has these days, unless all that they share are over: each roster asks for
    all seats of its days.
    """
    for first_day, last_day in facts.around.same_days:
        if min(last_day, facts.roster.last_day) >= facts.today():
            told = {"first_day": first_day, "last_day": last_day}
            yield Broken("days_of_another_roster", told, max(first_day, facts.roster.first_day))


def settled_before_holiday(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """Checks plans that were not published yet: a published plan may be changed at any time."""
    days = int(policy.number("days"))
    if facts.roster.published_version:
        return
    for day in facts.days():
        if (name := facts.around.holidays.get(day)) and facts.today() > day - timedelta(days=days):
            yield Broken("settled_too_late", {"day": day, "holiday": name, "wanted": days}, day)
            return


def fair_shares(facts: Facts, _: RosterPolicy) -> Iterator[Broken]:
    """Checks that nobody has more nights, weekend days or holidays than the share and one: of those on the plan who can
    take one of some shifts, whichever shifts leave each of them most.
    """
    able = can_take(facts)
    for what, counted in COUNTED.items():
        shifts = counted_shifts(facts, what)
        sharing = {one: codes for one in facts.of_person if (codes := able.get(one, shifts) & shifts)}
        own = {one: [work for work in of_plan(facts.of_person[one]) if counted(facts, work)] for one in sharing}
        planned = Counter(work.shift for works in own.values() for work in works)
        each = {some: each_of(some, planned, sharing) for some in limited_together(facts, shifts)}
        for staff_id, works in own.items():
            share = max(each[some] for some in each if some & sharing[staff_id])
            if len(works) - share > 1 + LEAST:
                told = {"who": facts.around.name(staff_id), "count": len(works), "share": round(share, 1)}
                yield Broken(f"share_of_{what}", told, facts.roster.first_day, None, staff_id)
