"""Rules about the days that a person works: how many in a row and how many between them, and sums over the plan."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.rules.of_persons import LEAST_HOURS, last_of_plan, ours, runs
from sigap_roster.domain.rules.work import Broken, Facts, Work, by_day, of_plan


def max_days_in_a_row(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    most = int(policy.number("days"))
    for _, works in facts.concerned(policy):
        for run in runs(works):
            days = len({work.day for work in run})
            if days > most and (last := last_of_plan(run)):
                yield Broken("too_many_days", facts.told(last, days=days, most=most), last.day, last)


def min_days_in_a_row(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """Leaves out a row that touches the first or the last day of the plan, because it may go on beyond."""
    wanted, roster = int(policy.number("days")), facts.roster
    for _, works in facts.concerned(policy):
        for run in runs(works):
            days = len({work.day for work in run})
            inside = roster.first_day < run[0].day and run[-1].day < roster.last_day
            if days < wanted and inside and (last := last_of_plan(run)):
                yield Broken("too_few_days", facts.told(last, days=days, wanted=wanted), last.day, last)


def min_days_off_in_a_row(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    wanted = int(policy.number("days"))
    for _, works in facts.concerned(policy):
        for before, after in pairwise(runs(works)):
            last, first = before[-1].day, after[0].day
            days = (first - last).days - 1
            around = [work for work in (*before, *after) if work.day in (last, first)]
            if days < wanted and ours(*around):
                told = facts.told(after[0], other_day=last, days=days, wanted=wanted)
                yield Broken("too_few_days_off", told, first, last_of_plan(around))


def forbidden_succession(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    for _, works in facts.concerned(policy):
        for before, work in successions(works, policy):
            if ours(before, work):
                told = facts.told(work, other_day=before.day, other_shift=before.shift)
                yield Broken("may_not_follow", told, work.day, last_of_plan((before, work)))


def successions(works: Sequence[Work], policy: RosterPolicy) -> Iterator[tuple[Work, Work]]:
    """Each two works of a person that the policy does not let follow each other."""
    first, second, days = policy.listed("after"), policy.listed("shifts"), by_day(works)
    for day, own in days.items():
        for before in own:
            if before.shift in first:
                yield from ((before, work) for work in days.get(day + timedelta(days=1), ()) if work.shift in second)


def max_weekends_in_plan(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    most = int(policy.number("weekends"))
    for person, works in facts.concerned(policy):
        worked = [weekend for weekend in weekends(facts, works).values() if weekend]
        if len(worked) > most and (last := last_of_plan([work for weekend in worked for work in weekend])):
            told = {"who": facts.around.name(person.id), "weekends": len(worked), "most": most}
            yield Broken("too_many_weekends", told, facts.roster.first_day, last, person.id)


def weekends(facts: Facts, works: Sequence[Work]) -> Mapping[date, list[Work]]:
    """The work of each weekend of which the plan has a day, by its Saturday."""
    saturdays = {day - timedelta(days=day.weekday() - 5) for day in facts.days() if day.weekday() >= 5}
    found: dict[date, list[Work]] = {saturday: [] for saturday in sorted(saturdays)}
    for work in works:
        saturday = work.day - timedelta(days=work.day.weekday() - 5)
        if work.day.weekday() >= 5 and saturday in found:
            found[saturday].append(work)
    return found


def max_shifts_in_plan(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    shifts, most = policy.listed("shifts"), int(policy.number("most"))
    for person, works in facts.concerned(policy):
        own = [work for work in of_plan(works) if work.shift in shifts]
        if len(own) > most:
            told = {"who": facts.around.name(person.id), "shifts": ", ".join(shifts), "count": len(own), "most": most}
            yield Broken("too_many_of_shifts", told, facts.roster.first_day, own[-1], person.id)


def max_hours_in_plan(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    most = policy.number("hours")
    for person, works in facts.concerned(policy):
        own = of_plan(works)
        hours = sum(work.hours for work in own)
        if hours > most + LEAST_HOURS:
            told = {"who": facts.around.name(person.id), "hours": round(hours, 1), "most": most}
            yield Broken("too_many_hours_in_plan", told, facts.roster.first_day, own[-1], person.id)


def min_hours_in_plan(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """Checks those who are on the plan."""
    wanted = policy.number("hours")
    for person, works in facts.concerned(policy):
        own = of_plan(works)
        hours = sum(work.hours for work in own)
        if own and hours < wanted - LEAST_HOURS:
            told = {"who": facts.around.name(person.id), "hours": round(hours, 1), "wanted": wanted}
            yield Broken("too_few_hours_in_plan", told, facts.roster.first_day, None, person.id)
