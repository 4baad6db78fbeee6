"""The rules about the days that a person works, as limits. Each says what the rule of its name says."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.program.limits import UNAVOIDABLE, Variable, price_of
from sigap_roster.domain.program.of_persons import HOUR, lengths, not_both, seconds_of
from sigap_roster.domain.program.sheet import Sheet
from sigap_roster.domain.rules import of_days as rules
from sigap_roster.domain.rules.work import Work, by_day, of_plan

DAY = timedelta(days=1)
Worked = Mapping[date, Sequence[Variable]]
"""By day, variables of which exactly one is 1 if the person works on the day, and otherwise none."""


def max_days_in_a_row(sheet: Sheet, policy: RosterPolicy) -> None:
    """A soft one costs for each row of `days` and one, so that a longer row costs more."""
    most = int(policy.number("days"))
    for _, works in sheet.facts.concerned(policy):
        days = _worked(sheet, works)
        for day in days:
            row = [days.get(day + number * DAY, ()) for number in range(most + 1)]
            if all(row):
                sheet.at_most(most, [(variable, 1) for own in row for variable in own], price_of(policy))


def min_days_in_a_row(sheet: Sheet, policy: RosterPolicy) -> None:
    """Days in a row that are too few need another day before or after them."""
    least, roster = int(policy.number("days")), sheet.facts.roster
    for _, works in sheet.facts.concerned(policy):
        days = _worked(sheet, works)
        for day in (day for day in days if roster.first_day < day):
            for length in range(1, least):
                row, after = [days.get(day + number * DAY, ()) for number in range(length)], day + length * DAY
                if not all(row) or after > roster.last_day:
                    break
                beside = (*days.get(day - DAY, ()), *days.get(after, ()))
                in_row = [(variable, 1) for own in row for variable in own]
                sheet.at_most(length - 1, [*in_row, *((variable, -1) for variable in beside)], price_of(policy))


def min_days_off_in_a_row(sheet: Sheet, policy: RosterPolicy) -> None:
    """Two days of work with too few days between them need a day of work between them."""
    least = int(policy.number("days"))
    for _, works in sheet.facts.concerned(policy):
        days = _worked(sheet, works)
        for day, own in days.items():
            for length in range(1, least):
                if not (other := days.get(day + (length + 1) * DAY)):
                    continue
                between = [variable for number in range(length) for variable in days.get(day + (number + 1) * DAY, ())]
                both = [(variable, 1) for variable in (*own, *other)]
                sheet.at_most(1, [*both, *((variable, -1) for variable in between)], price_of(policy))


def forbidden_succession(sheet: Sheet, policy: RosterPolicy) -> None:
    for _, works in sheet.facts.concerned(policy):
        for before, work in rules.successions(works, policy):
            not_both(sheet, before, work, price_of(policy))


def max_weekends_in_plan(sheet: Sheet, policy: RosterPolicy) -> None:
    most = int(policy.number("weekends"))
    for _, works in sheet.facts.concerned(policy):
        days = _worked(sheet, works)
        saturdays = rules.weekends(sheet.facts, works)
        weekends = [(days.get(saturday, ()), days.get(saturday + DAY, ())) for saturday in saturdays]
        worked = [(_either(sheet, saturday, sunday), 1) for saturday, sunday in weekends if saturday or sunday]
        sheet.at_most(most, worked, price_of(policy))


def max_shifts_in_plan(sheet: Sheet, policy: RosterPolicy) -> None:
    most = int(policy.number("most"))
    for _, works in sheet.facts.concerned(policy):
        own = [work for work in of_plan(works) if work.shift in policy.listed("shifts")]
        sheet.at_most(most, [(sheet.variable(work), 1) for work in own], price_of(policy))


def max_hours_in_plan(sheet: Sheet, policy: RosterPolicy) -> None:
    most = seconds_of(policy.number("hours"))
    for _, works in sheet.facts.concerned(policy):
        sheet.at_most(most, lengths(sheet, of_plan(works)), price_of(policy, HOUR))


def min_hours_in_plan(sheet: Sheet, policy: RosterPolicy) -> None:
    """Those who could be on the plan have these hours. A hard one is at a price too: leave may leave too few days."""
    price = UNAVOIDABLE._replace(unit=HOUR) if policy.strength == "hard" else price_of(policy, HOUR)
    least = -seconds_of(policy.number("hours"))
    for _, works in sheet.facts.concerned(policy):
        own = [(variable, -seconds) for variable, seconds in lengths(sheet, of_plan(works))]
        sheet.at_most(least, own, price)


def _worked(sheet: Sheet, works: Sequence[Work]) -> Worked:
    """The shifts of a day themselves, if nobody can have two of them; otherwise one variable for all."""
    found: dict[date, Sequence[Variable]] = {}
    for day, own in by_day(works).items():
        variables = [sheet.variable(work) for work in own]
        alone = None not in variables and _all_clash(sheet, own)
        found[day] = variables if alone else (sheet.just_any_of(variables),)
    return found


def _all_clash(sheet: Sheet, works: Sequence[Work]) -> bool:
    """Whether nobody can have two of them. They are in the order of time."""
    clash = sheet.facts.around.clash
    return all(clash(one.span, other.span) for at, one in enumerate(works) for other in works[at + 1 :])


def _either(sheet: Sheet, one: Sequence[Variable], other: Sequence[Variable]) -> Variable:
    """A variable that is 1 if there is work on one of two days. None: some of it stands."""
    if None in one or None in other:
        return None
    both = sheet.new([variable for variable in (*one, *other) if variable is not None])
    for day in (one, other):
        sheet.define((both, -1), *((variable, 1) for variable in day if variable is not None))
    return both
