"""The rules about one person's work, as limits; each says what the rule of its name in `domain.rules` says."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations
from math import floor

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.program.limits import MUST, Price, Variable, price_of
from sigap_roster.domain.program.sheet import Sheet
from sigap_roster.domain.rules import of_persons as rules
from sigap_roster.domain.rules.work import Work, by_day, of_plan
from sigap_roster.domain.staff import StaffMember

HOUR = 3600
OVERTIME_HOUR = Price(5, HOUR)
"""An hour above the usual weekly ones."""


def no_clash(sheet: Sheet) -> None:
    """Nobody is in two shifts at a time."""
    for works in sheet.facts.of_person.values():
        for before, work in _near(works, timedelta()):
            if sheet.facts.around.clash(before.span, work.span):
                not_both(sheet, before, work, MUST)


def available(sheet: Sheet, _: RosterPolicy) -> None:
    for works in sheet.facts.of_person.values():
        for work in works:
            if rules.barred(sheet.facts, work):
                sheet.at_most(0, ((sheet.variable(work), 1),))


def wishes(sheet: Sheet, policy: RosterPolicy) -> None:
    around, price = sheet.facts.around, price_of(policy)
    for works in sheet.facts.of_person.values():
        for work in works:
            variable = sheet.variable(work)
            if free := around.wished_free(work.staff_id, work.day):
                sheet.at_most(0, ((variable, 1),), price._replace(cost=free * price.cost))
            weight = around.shift_wish(work.staff_id, work.day, work.shift)
            if weight < 0:
                sheet.at_most(0, ((variable, 1),), price._replace(cost=-weight * price.cost))
            elif weight and work.index is not None:
                sheet.at_most(-1, ((variable, -1),), price._replace(cost=weight * price.cost))


def rest_between_shifts(sheet: Sheet, policy: RosterPolicy) -> None:
    wanted = timedelta(hours=policy.number("hours"))
    for _, works in sheet.facts.concerned(policy):
        for before, work in _near(works, wanted):
            if not sheet.facts.around.clash(before.span, work.span):
                not_both(sheet, before, work, price_of(policy))


def weekly_hours(sheet: Sheet, policy: RosterPolicy) -> None:
    for person, works in sheet.facts.concerned(policy):
        if not rules.counts_as_overtime(sheet.facts, policy, person):
            for monday, own in rules.weeks(works).items():
                most = rules.hours_of_week(sheet.facts, policy, person, monday)
                _hours_of_week(sheet, own, most, price_of(policy, HOUR))


def overtime_limit(sheet: Sheet, policy: RosterPolicy) -> None:
    """Overtime that may be is planned at a price, so that it fills seats before anything else."""
    price = price_of(policy, HOUR)
    for person, works in sheet.facts.concerned(policy):
        for monday, own in rules.weeks(works).items():
            usual = rules.usual_hours(sheet.facts, person, monday)
            overtime = rules.overtime_of_week(policy, person, monday)
            if usual is not None:
                _hours_of_week(sheet, own, usual + overtime, price)
                _hours_of_week(sheet, own, usual if overtime else None, OVERTIME_HOUR)
            if overtime:
                _overtime_of_days(sheet, policy, person, own, seconds_of(overtime))
        usual_day = rules.hours_of_a_day(sheet.facts, person)
        for day, own in by_day(works).items():
            most = usual_day + rules.overtime_of_day(policy, person, day)
            sheet.at_most(seconds_of(most), lengths(sheet, own), price)


def _overtime_of_days(
    sheet: Sheet, policy: RosterPolicy, person: StaffMember, works: Sequence[Work], most: int
) -> None:
    """The overtime of a week's days is at most so many seconds: five days of four hours are more than 18 hours.

    Of a day on which the person can have one shift alone, each says how much overtime it is. Any others together have
    at most the usual seconds of their days and these; only a hard rule asks it, as a soft one would cost many times.
    """
    usual = seconds_of(rules.hours_of_a_day(sheet.facts, person))
    alone: list[tuple[Variable, int]] = []
    others: list[tuple[int, list[tuple[Variable, int]]]] = []
    for day, own in by_day(works).items():
        allowed = seconds_of(rules.overtime_of_day(policy, person, day))
        if policy.strength == "hard" and _could_have_two(sheet, own, usual + allowed):
            stands = sum(work.seconds for work in own if sheet.variable(work) is None)
            others.append((max(allowed, stands - usual), lengths(sheet, own)))
        else:
            alone += [(sheet.variable(work), max(0, work.seconds - usual)) for work in own]
    left = most - sum(seconds for _, seconds in alone)
    for count in range(len(others) + 1):
        for some in combinations(others, count):
            if sum(above for above, _ in some) > left:
                terms = [*alone, *(term for _, own in some for term in own)]
                sheet.at_most(most + count * usual, terms, price_of(policy, HOUR))


def _could_have_two(sheet: Sheet, works: Sequence[Work], most: int) -> bool:
    """Whether two of these shifts of one day have so many seconds at most, or stand."""
    return any(
        not sheet.facts.around.clash(before.span, work.span)
        and (before.seconds + work.seconds <= most or {sheet.variable(before), sheet.variable(work)} == {None})
        for before, work in combinations(works, 2)
    )


def _hours_of_week(sheet: Sheet, works: Sequence[Work], most: float | None, price: Price) -> None:
    if most is not None:
        sheet.at_most(seconds_of(most), lengths(sheet, works), price)


def weekly_rest_days(sheet: Sheet, policy: RosterPolicy) -> None:
    most = floor(7 - policy.number("days"))
    for _, works in sheet.facts.concerned(policy):
        for own in rules.weeks(works).values():
            sheet.at_most(most, [(_any(sheet, day), 1) for day in by_day(own).values()], price_of(policy))


def max_nights_in_a_row(sheet: Sheet, policy: RosterPolicy) -> None:
    """A soft one costs for each row of `nights` and one, so that a longer row costs more."""
    most, free = int(policy.number("nights")), int(policy.number("rest_days_after", 0))
    for _, works in sheet.facts.concerned(policy):
        nights = by_day([work for work in works if work.night])
        for day in nights:
            row = [nights.get(day + timedelta(days=number)) for number in range(most + 1)]
            known = [own for own in row if own]
            if len(known) == len(row):
                sheet.at_most(most, [(_any(sheet, own), 1) for own in known], price_of(policy))
        _rest_after_nights(sheet, works, free, price_of(policy))


def _rest_after_nights(sheet: Sheet, works: Sequence[Work], free: int, price: Price) -> None:
    """A night and a work too soon after it exclude each other, unless another night between them leads to a night."""
    for at, night in enumerate(works):
        between: list[tuple[Variable, int]] = []
        for work in works[at + 1 :] if night.night and free else ():
            days = (work.day - night.day).days
            if days > free:
                break
            if not work.night or days > 1:
                both = ((sheet.variable(night), 1), (sheet.variable(work), 1))
                sheet.at_most(1, (*both, *between) if work.night else both, price)
            if work.night:
                between.append((sheet.variable(work), -1))


def forward_rotation(sheet: Sheet, policy: RosterPolicy) -> None:
    for _, works in sheet.facts.concerned(policy):
        days = by_day(works)
        for day, own in days.items():
            for work in days.get(day + timedelta(days=1), ()):
                for before in own:
                    if work.begins < before.begins:
                        not_both(sheet, before, work, price_of(policy))


def weekends_off(sheet: Sheet, policy: RosterPolicy) -> None:
    wanted = int(policy.number("a_month"))
    for _, works in sheet.facts.concerned(policy):
        days = by_day(works)
        for saturdays in rules.whole_months(sheet.facts).values():
            weekends = [[*days.get(day, ()), *days.get(day + timedelta(days=1), ())] for day in saturdays]
            worked = [(_any(sheet, weekend), 1) for weekend in weekends if weekend]
            sheet.at_most(len(saturdays) - min(wanted, len(saturdays)), worked, price_of(policy))


def women_by_day_men_by_night(sheet: Sheet, policy: RosterPolicy) -> None:
    for person, works in sheet.facts.concerned(policy):
        for work in of_plan(works):
            if person.sex is None or work.shift in rules.barred_shifts(policy)[person.sex]:
                sheet.at_most(0, ((sheet.variable(work), 1),), price_of(policy))


def skill_required(sheet: Sheet, policy: RosterPolicy) -> None:
    for person, works in sheet.facts.concerned(policy):
        for work in works:
            if work.index is not None and rules.lacks_skill(policy, person, work):
                sheet.at_most(0, ((sheet.variable(work), 1),), price_of(policy))


def not_both(sheet: Sheet, before: Work, work: Work, price: Price) -> None:
    sheet.at_most(1, ((sheet.variable(before), 1), (sheet.variable(work), 1)), price)


def _any(sheet: Sheet, works: Sequence[Work]) -> Variable:
    return sheet.any_of(sheet.variable(work) for work in works)


def lengths(sheet: Sheet, works: Sequence[Work]) -> list[tuple[Variable, int]]:
    return [(sheet.variable(work), work.seconds) for work in works]


def seconds_of(hours: float) -> int:
    return floor((hours + rules.LEAST_HOURS) * HOUR)


def _near(works: Sequence[Work], wanted: timedelta) -> Iterator[tuple[Work, Work]]:
    """Each two works of a person, in their order, with less than `wanted` between them."""
    for at, before in enumerate(works):
        for work in works[at + 1 :]:
            if work.span.starts_at - before.span.ends_at >= wanted:
                break
            yield before, work
