"""The rules about the people of a shift and about fair shares, as limits."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import ceil, floor
from uuid import UUID

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.carried import carried
from sigap_roster.domain.program.limits import (
    AGENCY_MISSING,
    BELOW_MINIMUM,
    OPEN_SEAT,
    POLICY_COST,
    SKILL_MISSING,
    UNAVOIDABLE,
    Price,
    Variable,
    price_of,
)
from sigap_roster.domain.program.of_persons import HOUR, lengths
from sigap_roster.domain.program.sheet import Sheet
from sigap_roster.domain.rules import of_shifts as rules
from sigap_roster.domain.rules.of_persons import part_of_full_week
from sigap_roster.domain.rules.shares import COUNTED, can_take, counted_shifts, each_of, groups, limited_together
from sigap_roster.domain.rules.work import Work, concerns_shift, of_plan

UNFAIR_DUTY = Price(3)
"""One night, weekend day or holiday above or below the share of everybody."""
UNFAIR_HOUR = Price(1, HOUR)
FAIR_HOURS = 4
"""Hours above or below the share of everybody that cost nothing."""


def seats_filled(sheet: Sheet, _: RosterPolicy) -> None:
    """Each seat has somebody, those of the minimum first, and nobody is planned beyond the seats unless a soft rule
    says what that costs. If it also says what an open seat costs, there is no minimum.
    """
    around = sheet.facts.around
    exceeded = beyond_seats(around.policies)
    open_seat, has_minimum = OPEN_SEAT, True
    if exceeded and "open_seat" in exceeded.params:
        open_seat, has_minimum = Price(max(1, round(POLICY_COST * exceeded.number("open_seat")))), False
    for (day, shift), people in _staffed(sheet):
        seats, filled = around.seats(day, shift), [(variable, -1) for variable in people]
        sheet.at_most(-seats, filled, open_seat)
        if has_minimum:
            sheet.at_most(-around.minimum(day, shift), filled, BELOW_MINIMUM)
        if exceeded is None:
            sheet.at_most(seats, [(variable, 1) for variable in people])


def seats_exceeded(sheet: Sheet, policy: RosterPolicy) -> None:
    for (day, shift), people in _staffed(sheet):
        seats = sheet.facts.around.seats(day, shift)
        sheet.at_most(seats, [(variable, 1) for variable in people], price_of(policy))


def beyond_seats(policies: Iterable[RosterPolicy]) -> RosterPolicy | None:
    """The rule about people beyond the seats, if it is used."""
    return next((one for one in policies if one.code == "seats-exceeded" and one.strength != "off"), None)


def _staffed(sheet: Sheet) -> Iterable[tuple[tuple[date, str], list[Variable]]]:
    """Each shift that somebody can be planned on, and everybody who could be there."""
    for day in sheet.facts.days():
        for shift in sheet.facts.around.pattern.shifts:
            people = [sheet.variable(work) for work in sheet.facts.on_shift.get((day, shift.code), ())]
            if any(variable is not None for variable in people):
                yield (day, shift.code), people


def on_shift(sheet: Sheet, policy: RosterPolicy) -> None:
    """So many people with a skill, of an agency, or agencies are on the shift. A soft rule says so of a shift that has
    somebody. By a hard one each that is missing costs something, also on an empty shift: nobody there is never better
    than somebody. More than can be there are not asked for, as that would cost the same in every plan.
    """
    at_least, may_exceed = int(policy.number("at_least")), beyond_seats(sheet.facts.around.policies) is not None
    for (day, shift), works in sheet.facts.on_shift.items():
        if not concerns_shift(policy, shift):
            continue
        able = [[one for one in group if one not in sheet.barred] for group in who_counts(sheet, policy, works)]
        counted = [sheet.only_with(group) for group in able if group]
        present, seats = [(one, -1) for one in counted], sheet.facts.around.seats(day, shift)
        if policy.strength == "hard" and seats:
            most = len(counted) if may_exceed else min(len(counted), seats)
            sheet.at_most(-min(at_least, most), present, _missing(policy))
        else:
            somebody = sheet.any_of(sheet.variable(work) for work in works)
            price = _missing(policy) if policy.strength == "hard" else price_of(policy, at_least)
            sheet.at_most(0, ((somebody, at_least), *present), price)


def who_counts(sheet: Sheet, policy: RosterPolicy, works: Sequence[Work]) -> Iterable[list[Variable]]:
    """Who counts for a rule about the people of a shift: each person by themselves, or all of an agency together."""
    people = sheet.facts.around.people
    if policy.code == "agencies-together":
        found: defaultdict[str, list[Variable]] = defaultdict(list)
        for work in works:
            if (agency := rules.agency_of(people.get(work.staff_id))) in policy.listed("agencies"):
                found[agency].append(sheet.variable(work))
        return found.values()
    counts = rules.counting(policy)
    return [[sheet.variable(work)] for work in works if counts(people.get(work.staff_id), work.day)]


def _missing(policy: RosterPolicy) -> Price:
    return SKILL_MISSING if policy.code == "skill-on-shift" else AGENCY_MISSING


def fair_shares(sheet: Sheet, policy: RosterPolicy) -> None:
    """As the rule says, of all who could be planned: of those who are, the share is no smaller. Of the sets of shifts
    by which the rule asks, the one is taken whose seats leave each most.
    """
    price = UNAVOIDABLE if policy.strength == "hard" else price_of(policy)
    seats, able = _seats(sheet), can_take(sheet.facts)
    for what, counts in COUNTED.items():
        shifts = counted_shifts(sheet.facts, what)
        own = {
            staff_id: [work for work in of_plan(works) if counts(sheet.facts, work)]
            for staff_id, works in sheet.facts.of_person.items()
        }
        sharing = {one: codes for one in own if (codes := able.get(one, shifts) & shifts)}
        wanted = _by_shift((work, number) for work, number in seats if counts(sheet.facts, work))
        each = {some: each_of(some, wanted, sharing) for some in limited_together(sheet.facts, shifts)}
        totals: dict[frozenset[str], list[tuple[Variable, int]]] = {}
        for staff_id, codes in sharing.items():
            some = max((one for one in each if one & codes), key=lambda one: (round(each[one], 9), len(one)))
            people = sum(bool(other & some) for other in sharing.values())
            if some not in totals:
                totals[some] = _total(sheet, [work for one in sharing for work in own[one] if work.shift in some])
            terms = [*((sheet.variable(work), people) for work in own[staff_id]), *totals[some]]
            sheet.at_most(people, terms, price._replace(unit=people))


def _total(sheet: Sheet, works: Sequence[Work]) -> list[tuple[Variable, int]]:
    """The terms that take the number of these works away."""
    variables = [sheet.variable(work) for work in works]
    total = sheet.sum_of([variable for variable in variables if variable is not None])
    return [(total, -1), *[(None, -1)] * variables.count(None)]


def even_shares(sheet: Sheet) -> None:
    """What is wanted beyond the rules: the same nights, weekend days, holidays and hours for all who can take them. Who
    had more than the share in the year before gets fewer.
    """
    wanted, free, brought = _seats(sheet), _free(sheet), carried(sheet.facts.around, sheet.facts.now)
    for what, counts in COUNTED.items():
        own = {staff_id: [work for work in works if counts(sheet.facts, work)] for staff_id, works in free.items()}
        seats = _by_shift((work, number) for work, number in wanted if counts(sheet.facts, work))
        for group in groups(seats, {staff_id: {work.shift for work in works} for staff_id, works in own.items()}):
            for staff_id in group.people:
                share = max(0.0, group.each - brought[what].get(staff_id, 0.0))
                variables = [sheet.variable(work) for work in own[staff_id]]
                sheet.at_most(ceil(share), [(variable, 1) for variable in variables], UNFAIR_DUTY)
                sheet.at_most(-floor(share), [(variable, -1) for variable in variables], UNFAIR_DUTY)
    _even_hours(sheet, _by_shift((work, number * work.seconds) for work, number in wanted), free)


def _even_hours(sheet: Sheet, seconds: Mapping[str, int], free: Mapping[UUID, Sequence[Work]]) -> None:
    """A person's share goes by the days on which the person could be planned, and by the hours of the person's own
    contract. Nobody has many fewer either: most people with their share would leave room for one with hardly any.
    """
    people = sheet.facts.around.people
    weights = {
        staff_id: len({work.day for work in works}) * part_of_full_week(sheet.facts, people[staff_id])
        for staff_id, works in free.items()
    }
    able = {staff_id: {work.shift for work in works} for staff_id, works in free.items()}
    for group in groups(seconds, able, weights):
        for staff_id in group.people:
            share = floor(group.each * weights[staff_id])
            own = lengths(sheet, free[staff_id])
            sheet.at_most(share + FAIR_HOURS * HOUR, own, UNFAIR_HOUR)
            sheet.at_most(FAIR_HOURS * HOUR - share, [(one, -length) for one, length in own], UNFAIR_HOUR)


def _free(sheet: Sheet) -> Mapping[UUID, list[Work]]:
    """The works of the plan that each person can have, or has."""
    able = can_take(sheet.facts)
    return {
        staff_id: [
            work
            for work in of_plan(works)
            if (variable := sheet.variable(work)) is None
            or (variable not in sheet.barred and work.shift in able.get(staff_id, ()))
        ]
        for staff_id, works in sheet.facts.of_person.items()
    }


def _by_shift(some: Iterable[tuple[Work, int]]) -> Mapping[str, int]:
    """The sums by the shifts of these works."""
    sums: Counter[str] = Counter()
    for work, number in some:
        sums[work.shift] += number
    return sums


def _seats(sheet: Sheet) -> list[tuple[Work, int]]:
    """A work of each shift of each day that somebody could be on, and how many are wanted there."""
    around = sheet.facts.around
    return [(works[0], around.seats(day, shift)) for (day, shift), works in sheet.facts.on_shift.items()]
