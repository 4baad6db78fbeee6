"""The rules about the people of a shift and about fair shares, as limits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor
from uuid import UUID

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.carried import carried
from sigap_roster.domain.program.limits import (
    MUST,
    OPEN_SEAT,
    POLICY_COST,
    UNAVOIDABLE,
    Price,
    Variable,
    price_of,
)
from sigap_roster.domain.program.sheet import Sheet
from sigap_roster.domain.rules import of_shifts as rules
from sigap_roster.domain.rules.of_persons import part_of_full_week
from sigap_roster.domain.rules.work import Work, concerns_shift, of_plan

UNFAIR_DUTY = Price(3)
"""One night, weekend day or holiday above or below the share of everybody."""
HOUR = 3600
UNFAIR_HOUR = Price(1, HOUR)
FAIR_HOURS = 4
"""Hours above or below the share of everybody that cost nothing."""


def seats_filled(sheet: Sheet, _: RosterPolicy) -> None:
    """Each seat has somebody, and nobody is planned beyond the seats unless a soft rule says what that costs."""
    exceeded = beyond_seats(sheet.facts.around.policies)
    open_seat = OPEN_SEAT
    if exceeded and "open_seat" in exceeded.params:
        open_seat = Price(max(1, round(POLICY_COST * exceeded.number("open_seat"))))
    for seats, people in _staffed(sheet):
        sheet.at_most(-seats, [(variable, -1) for variable in people], open_seat)
        if exceeded is None:
            sheet.at_most(seats, [(variable, 1) for variable in people])


def seats_exceeded(sheet: Sheet, policy: RosterPolicy) -> None:
    for seats, people in _staffed(sheet):
        sheet.at_most(seats, [(variable, 1) for variable in people], price_of(policy))


def beyond_seats(policies: Iterable[RosterPolicy]) -> RosterPolicy | None:
    """The rule about people beyond the seats, if it is used."""
    return next((one for one in policies if one.code == "seats-exceeded" and one.strength != "off"), None)


def _staffed(sheet: Sheet) -> Iterable[tuple[int, list[Variable]]]:
    """The seats of each shift that somebody can be planned on, and everybody who could be there."""
    for day in sheet.facts.days():
        for shift in sheet.facts.around.pattern.shifts:
            people = [sheet.variable(work) for work in sheet.facts.on_shift.get((day, shift.code), ())]
            if any(variable is not None for variable in people):
                yield sheet.facts.around.seats(day, shift.code), people


def agencies_together(sheet: Sheet, policy: RosterPolicy) -> None:
    at_least = int(policy.number("at_least"))
    for works in sheet.facts.on_shift.values():
        somebody = sheet.any_of(sheet.variable(work) for work in works)
        present: list[tuple[Variable, int]] = [
            (sheet.only_with(own), -1) for own in _by_agency(sheet, policy, works).values()
        ]
        price = price_of(policy, at_least)
        if somebody is None and price == MUST:
            price = UNAVOIDABLE
        sheet.at_most(0, ((somebody, at_least), *present), price)


def _by_agency(sheet: Sheet, policy: RosterPolicy, works: Sequence[Work]) -> Mapping[str, list[Variable]]:
    found: defaultdict[str, list[Variable]] = defaultdict(list)
    for work in works:
        agency = rules.agency_of(sheet.facts.around.people.get(work.staff_id))
        if agency in policy.listed("agencies"):
            found[agency].append(sheet.variable(work))
    return found


def enough_on_shift(sheet: Sheet, policy: RosterPolicy) -> None:
    at_least, counts = int(policy.number("at_least")), rules.counting(policy)
    for (day, shift), works in sheet.facts.on_shift.items():
        if concerns_shift(policy, shift):
            somebody = sheet.any_of(sheet.variable(work) for work in works)
            counted: list[tuple[Variable, int]] = [
                (sheet.variable(work), -1)
                for work in works
                if counts(sheet.facts.around.people.get(work.staff_id), day)
            ]
            price = price_of(policy, at_least)
            if somebody is None and price == MUST:
                price = UNAVOIDABLE
            sheet.at_most(0, ((somebody, at_least), *counted), price)


def fair_shares(sheet: Sheet, policy: RosterPolicy) -> None:
    """As the rule says, with the share of all who could be planned: of those who are, it is no smaller."""
    for counted in _duties(sheet).values():
        people, everybody = len(counted), [variable for own in counted.values() for variable in own]
        total = sheet.sum_of([variable for variable in everybody if variable is not None])
        of_all = [(total, -1), *[(None, -1)] * everybody.count(None)]
        price = UNAVOIDABLE if policy.strength == "hard" else price_of(policy)
        for own in counted.values():
            terms = [*((variable, people) for variable in own), *of_all]
            sheet.at_most(people, terms, price._replace(unit=people))


def even_shares(sheet: Sheet) -> None:
    """What is wanted beyond the rules: the same nights, weekend days, holidays and hours for all who can take them. Who
    had more than the share in the year before gets fewer.
    """
    wanted, brought = _seats(sheet), carried(sheet.facts.around, sheet.facts.now)
    for what, counted in _duties(sheet).items():
        counts = rules.COUNTED[what]
        able = {
            staff_id: free
            for staff_id, own in counted.items()
            if (free := [one for one in own if one not in sheet.barred])
        }
        equal = sum(seats for work, seats in wanted if counts(sheet.facts, work)) / max(1, len(able))
        for staff_id, own in able.items():
            share = max(0.0, equal - brought[what].get(staff_id, 0.0))
            sheet.at_most(ceil(share), [(variable, 1) for variable in own], UNFAIR_DUTY)
            sheet.at_most(-floor(share), [(variable, -1) for variable in own], UNFAIR_DUTY)
    _even_hours(sheet, sum(seats * work.seconds for work, seats in wanted))


def _even_hours(sheet: Sheet, seconds: int) -> None:
    """A person's share goes by the days on which the person could be planned, and by the hours of the person's own
    contract. Nobody has many fewer either: most people with their share would leave room for one with hardly any.
    """
    own = {
        staff_id: [work for work in of_plan(works) if sheet.variable(work) not in sheet.barred]
        for staff_id, works in sheet.facts.of_person.items()
    }
    people = sheet.facts.around.people
    weights = {
        staff_id: len({work.day for work in works}) * part_of_full_week(sheet.facts, people[staff_id])
        for staff_id, works in own.items()
    }
    for staff_id, works in own.items():
        share = floor(seconds * weights[staff_id] / max(1, sum(weights.values())))
        lengths = [(sheet.variable(work), work.seconds) for work in works]
        sheet.at_most(share + FAIR_HOURS * HOUR, lengths, UNFAIR_HOUR)
        sheet.at_most(FAIR_HOURS * HOUR - share, [(variable, -seconds) for variable, seconds in lengths], UNFAIR_HOUR)


def _seats(sheet: Sheet) -> list[tuple[Work, int]]:
    """A work of each shift of each day that somebody could be on, and how many are wanted there."""
    around = sheet.facts.around
    return [(works[0], around.seats(day, shift)) for (day, shift), works in sheet.facts.on_shift.items()]


def _duties(sheet: Sheet) -> Mapping[str, Mapping[UUID, list[Variable]]]:
    """Nights, weekend days and holidays, by the people who could take them."""
    found: dict[str, Mapping[UUID, list[Variable]]] = {}
    for what, counts in rules.COUNTED.items():
        takes = rules.who_takes(sheet.facts, what)
        found[what] = {
            staff_id: [sheet.variable(work) for work in of_plan(works) if counts(sheet.facts, work)]
            for staff_id, works in sheet.facts.of_person.items()
            if takes(staff_id)
        }
    return found
