"""Rules about the people of a shift, about fair shares, and about the day on which a plan is published."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.rules.of_persons import barred_shifts
from sigap_roster.domain.rules.work import Broken, Facts, Work, concerns_shift, work_of
from sigap_roster.domain.shifts import span_of
from sigap_roster.domain.staff import StaffMember

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
    """Checks that nobody has more nights, weekend days or holidays than the equal share plus one. The share is computed
    over the people on the plan who can take them.
    """
    for what, counted in COUNTED.items():
        takes = who_takes(facts, what)
        shares = {
            staff_id: sum(work.index is not None and counted(facts, work) for work in works)
            for staff_id, works in facts.of_person.items()
            if takes(staff_id)
        }
        yield from _above(facts, what, shares, facts.roster.first_day)


COUNTED: Mapping[str, Callable[[Facts, Work], bool]] = {
    "nights": lambda _, work: work.night,
    "weekends": lambda _, work: work.day.weekday() >= 5,
    "holidays": lambda facts, work: work.day in facts.around.holidays,
}
"""What is shared fairly."""


def who_takes(facts: Facts, what: str) -> Callable[[UUID], bool]:
    """Whether a person has a share of it: not of nights, if a restriction or a rule bars all of them to the person."""
    if what != "nights":
        return lambda _: True
    people, last_day = facts.around.people, facts.roster.last_day
    without = {one.id for one in people.values() if one.nights_barred_on(last_day)} | _without_nights(facts)
    return lambda staff_id: staff_id not in without


def _without_nights(facts: Facts) -> set[UUID]:
    around, day = facts.around, facts.roster.first_day
    spans = {shift.code: span_of(shift, day, around.zone) for shift in around.pattern.shifts}
    nights = {code for code, span in spans.items() if work_of(UUID(int=0), day, code, span, around).night}
    rules = [one for one in around.policies if one.code == "women-by-day-men-by-night" and one.strength != "off"]
    return {
        one.id
        for one in around.people.values()
        for rule in rules
        if one.sex
        and rule.params.get("employment") in (None, one.employment)
        and nights <= barred_shifts(rule)[one.sex]
    }


def _above(facts: Facts, what: str, counts: Mapping[UUID, int], day: date) -> Iterator[Broken]:
    fair = sum(counts.values()) / max(1, len(counts))
    for staff_id, count in counts.items():
        if count - fair > 1:
            told = {"who": facts.around.name(staff_id), "count": count, "share": round(fair, 1)}
            yield Broken(f"share_of_{what}", told, day, None, staff_id)
