"""Rules about the work of one person: rest, hours, nights, rotation, and barred hours."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from math import floor
from uuid import UUID

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.rules.work import Broken, Facts, Work, by_day, concerns_shift, of_plan
from sigap_roster.domain.shifts import monday_of, span_of
from sigap_roster.domain.staff import Sex, StaffMember

LEAST_HOURS = 1e-6
"""Sums of hours differ by less than this if they are equal."""
FULL_WEEK_HOURS = 40
"""Working hours of a week (UU 13/2003, article 77 (2)), where no rule gives others."""
OVERTIME = "overtime_planned"
"""The kind of what is no breach: overtime that the person agreed to, within its limit."""
HOURS_OF_A_DAY = {1: 7.0, 2: 8.0}
"""Usual working hours of a day by the days of rest in a week (PP 35/2021, article 21 (2))."""


def rest_between_shifts(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    wanted = timedelta(hours=policy.number("hours"))
    for _, works in facts.concerned(policy):
        for before, work in _neighbours(works):
            rest = work.span.starts_at - before.span.ends_at
            if rest < wanted and not facts.around.clash(before.span, work.span):
                hours = max(0.0, floor(10 * (rest / timedelta(hours=1))) / 10)
                told = facts.told(work, other_day=before.day, other_shift=before.shift, hours=hours)
                yield Broken("rest_too_short", told | {"wanted": policy.number("hours")}, work.day, work)


def weekly_hours(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """If an equally strict rule limits the overtime of a person, that rule counts the hours above these."""
    for person, works in facts.concerned(policy):
        if counts_as_overtime(facts, policy, person):
            continue
        for monday, own in weeks(works).items():
            most, hours = hours_of_week(facts, policy, person, monday), sum(work.hours for work in own)
            if most is not None and hours > most + LEAST_HOURS:
                told = {
                    "who": facts.around.name(person.id),
                    "week": monday,
                    "hours": round(hours, 1),
                    "most": round(most, 1),
                }
                yield Broken("week_too_long", told, monday, last_of_plan(own), person.id)


def hours_of_week(facts: Facts, policy: RosterPolicy, person: StaffMember, monday: date) -> float | None:
    """The most hours of the week by this policy, or those of the person's own contract if they are fewer; None: the
    policy says nothing of the week.
    """
    told = _by_the_policy(facts, policy, person, monday)
    return told if told is None or person.weekly_hours is None else min(told, person.weekly_hours)


def _by_the_policy(facts: Facts, policy: RosterPolicy, person: StaffMember, monday: date) -> float | None:
    """A policy of a season holds in a week that is wholly in it. If a part of the week is, the hours are in proportion
    to its days, between those of the season and the person's usual ones.
    """
    if "season" not in policy.params:
        return policy.number("hours")
    season = policy.text("season")
    days = sum(facts.around.in_season(season, monday + timedelta(days=n)) for n in range(7))
    usual = policy_for(facts, "weekly-hours", person)
    if days == 7 or not days or usual is None:
        return policy.number("hours") if days == 7 else None
    return (days * policy.number("hours") + (7 - days) * usual.number("hours")) / 7


def part_of_full_week(facts: Facts, person: StaffMember) -> float:
    """How much of a full week's hours the person's own contract has; 1 without one."""
    if person.weekly_hours is None:
        return 1
    usual = policy_for(facts, "weekly-hours", person)
    return min(1.0, person.weekly_hours / (usual.number("hours") if usual else FULL_WEEK_HOURS))


def usual_hours(facts: Facts, person: StaffMember, monday: date) -> float | None:
    """The person's weekly hours in this week, above which hours are overtime; None: no rule gives any."""
    policies = [one for one in _used(facts, "weekly-hours") if "season" in one.params and facts.is_for(one, person)]
    if ordinary := policy_for(facts, "weekly-hours", person):
        policies.append(ordinary)
    told = [hours_of_week(facts, one, person, monday) for one in policies]
    return min((hours for hours in told if hours is not None), default=None)


def counts_as_overtime(facts: Facts, policy: RosterPolicy, person: StaffMember) -> bool:
    """Whether a rule that is as strict limits the hours of the person above the weekly ones."""
    overtime = policy_for(facts, "overtime-limit", person)
    return overtime is not None and (overtime.strength == "hard" or policy.strength == "soft")


def overtime_limit(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """A day's overtime is the time above HOURS_OF_A_DAY; a week's, that of its days, and of the other hours those above
    the person's weekly ones. Who has not agreed to overtime works none.
    """
    for person, works in facts.concerned(policy):
        yield from _overtime_of_weeks(facts, policy, person, works)
        usual = hours_of_a_day(facts, person)
        for day, own in by_day(works).items():
            over, most = sum(work.hours for work in own) - usual, overtime_of_day(policy, person, day)
            if over > most + LEAST_HOURS and (last := last_of_plan(own)):
                kind = "overtime_of_day" if person.agrees_to_overtime(day) else "overtime_of_day_not_agreed"
                yield Broken(kind, facts.told(last, hours=round(over, 1), most=most), day, last)


def overtime_of_day(policy: RosterPolicy, person: StaffMember, day: date) -> float:
    """The most hours of overtime on the day."""
    return policy.number("hours_a_day") if person.agrees_to_overtime(day) else 0


def overtime_of_week(policy: RosterPolicy, person: StaffMember, monday: date) -> float:
    """The most hours of overtime in the week: none in one that was over when the person agreed."""
    return policy.number("hours_a_week") if person.agrees_to_overtime(_sunday(monday)) else 0


def planned_overtime(facts: Facts) -> float:
    """The hours of overtime of everybody, agreed to or not, in the weeks of the plan; 0 if no rule gives any."""
    over = 0.0
    for staff_id, works in facts.of_person.items():
        if (person := facts.around.people.get(staff_id)) is not None:
            for monday, own in weeks(works).items():
                over += overtime_in_week(facts, person, monday, own) or 0.0
    return round(over, 1)


def overtime_in_week(facts: Facts, person: StaffMember, monday: date, works: Sequence[Work]) -> float | None:
    """The hours of overtime in this work of one week: those above the usual ones of a day, if a rule limits overtime,
    and of the other hours those above the usual ones of the week (PP 35/2021, article 21 (2)). None: no rule gives
    either.
    """
    usual, limited = usual_hours(facts, person, monday), policy_for(facts, "overtime-limit", person) is not None
    if usual is None and not limited:
        return None
    a_day = hours_of_a_day(facts, person)
    of_days = (sum(work.hours for work in own) - a_day for own in by_day(works).values()) if limited else ()
    over = sum(max(0.0, hours) for hours in of_days)
    others = sum(work.hours for work in works) - over
    return over + (0.0 if usual is None else max(0.0, others - usual))


def _sunday(monday: date) -> date:
    return monday + timedelta(days=6)


def hours_of_a_day(facts: Facts, person: StaffMember) -> float:
    """The person's usual working hours of a day."""
    rest = policy_for(facts, "weekly-rest-days", person)
    return HOURS_OF_A_DAY[1 if rest and rest.number("days") < 2 else 2]


def _overtime_of_weeks(
    facts: Facts, policy: RosterPolicy, person: StaffMember, works: Sequence[Work]
) -> Iterator[Broken]:
    """Of who has not agreed only the hours above the weekly ones: the days tell the others. What is within the limit
    and agreed to is told too: an employer has to list it (PP 35/2021, article 28 (3)).
    """
    for monday, own in weeks(works).items():
        usual, most = usual_hours(facts, person, monday), overtime_of_week(policy, person, monday)
        over = above_week = 0.0 if usual is None else sum(work.hours for work in own) - usual
        if agrees := person.agrees_to_overtime(_sunday(monday)):
            over = overtime_in_week(facts, person, monday, own) or 0.0
        if over > most + LEAST_HOURS:
            kind = "overtime_of_week" if agrees else "overtime_of_week_not_agreed"
            told = {"who": facts.around.name(person.id), "week": monday, "hours": round(over, 1), "most": most}
            yield Broken(kind, told, monday, last_of_plan(own), person.id)
            continue
        since = [work for work in own if person.agrees_to_overtime(work.day)]
        agreed = max(above_week, overtime_in_week(facts, person, monday, since) or 0.0)
        if agreed > LEAST_HOURS:
            told = {"who": facts.around.name(person.id), "week": monday, "hours": round(agreed, 1)}
            yield Broken(OVERTIME, told, monday, last_of_plan(own), person.id)


def weekly_rest_days(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """A day of rest is one on which no shift of the person begins."""
    wanted = policy.number("days")
    for person, works in facts.concerned(policy):
        for monday, own in weeks(works).items():
            free = 7 - len({work.day for work in own})
            if free < wanted:
                told = {"who": facts.around.name(person.id), "week": monday, "days": free, "wanted": wanted}
                yield Broken("week_without_rest", told, monday, last_of_plan(own), person.id)


def max_nights_in_a_row(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    most, free = int(policy.number("nights")), int(policy.number("rest_days_after", 0))
    for _, works in facts.concerned(policy):
        for run in runs([work for work in works if work.night]):
            nights = len({work.day for work in run})
            if nights > most and (last := last_of_plan(run)):
                yield Broken("too_many_nights", facts.told(last, nights=nights, most=most), last.day, last)
        if free:
            yield from _too_soon_after_nights(facts, works, free)


def runs(works: Sequence[Work]) -> Iterator[list[Work]]:
    """The runs of work on successive days, in their order."""
    run: list[Work] = []
    for work in works:
        if run and (work.day - run[-1].day).days > 1:
            yield run
            run = []
        run.append(work)
    if run:
        yield run


def _too_soon_after_nights(facts: Facts, works: Sequence[Work], free: int) -> Iterator[Broken]:
    night: Work | None = None
    for work in works:
        days = (work.day - night.day).days if night else free + 1
        goes_on = work.night and days <= 1
        if night and not goes_on and days <= free and ours(night, work):
            yield Broken("too_soon_after_nights", facts.told(work, other_day=night.day, wanted=free), work.day, work)
        night = work if work.night else night


def forward_rotation(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """Checks that a shift does not begin earlier in the day than the person's shift of the day before."""
    for _, works in facts.concerned(policy):
        for before, work in _neighbours(works):
            if (work.day - before.day).days == 1 and work.begins < before.begins:
                told = facts.told(work, other_day=before.day, other_shift=before.shift)
                yield Broken("rotates_backward", told, work.day, work)


def weekends_off(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """Checks the months that lie wholly in the plan. A weekend is free if no shift begins on its Saturday or Sunday."""
    wanted, months = int(policy.number("a_month")), whole_months(facts)
    for person, works in facts.concerned(policy):
        days = {work.day for work in works}
        for month, of_month in months.items():
            free = sum(not days & {saturday, saturday + timedelta(days=1)} for saturday in of_month)
            if free < min(wanted, len(of_month)):
                told = {
                    "who": facts.around.name(person.id),
                    "month": f"{month:%Y-%m}",
                    "weekends": free,
                    "wanted": wanted,
                }
                yield Broken("too_few_weekends_off", told, month, None, person.id)


def whole_months(facts: Facts) -> dict[date, list[date]]:
    """The Saturdays of the months that lie wholly in the plan, by the first day of the month."""
    saturdays: defaultdict[date, list[date]] = defaultdict(list)
    for day in facts.days():
        if day.weekday() == 5:
            saturdays[day.replace(day=1)].append(day)
    return {month: of_month for month, of_month in saturdays.items() if _whole(month, facts)}


def women_by_day_men_by_night(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """Checks a policy that one city has. It needs the sex of each person; if an entry lacks it, that is a finding."""
    barred_for = barred_shifts(policy)
    for person, works in facts.concerned(policy):
        own = of_plan(works)
        if person.sex is None:
            yield Broken("sex_missing", facts.told(own[0]), own[0].day, own[0])
            continue
        for work in own:
            if work.shift in barred_for[person.sex]:
                yield Broken(f"barred_{person.sex}", facts.told(work), work.day, work)


def barred_shifts(policy: RosterPolicy) -> dict[Sex, set[str]]:
    """Which shifts the policy bars to whom."""
    return {Sex.FEMALE: set(policy.listed("night_shifts")), Sex.MALE: set(policy.listed("day_shifts"))}


def transport_at_night(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    """Finds women who start or leave between two times of the night (UU 13/2003, article 76 (4))."""
    begins, until = (time.fromisoformat(policy.text(name)) for name in ("from", "until"))
    for person, works in facts.concerned(policy):
        at_night = [
            (work, at)
            for work in works
            for at in (work.begins, work.ends)
            if work.index is not None and _between(at, begins, until)
        ]
        if person.sex is None and at_night:
            first, _ = at_night[0]
            yield Broken("sex_missing", facts.told(first), first.day, first)
        elif person.sex is Sex.FEMALE:
            for work, at in at_night:
                yield Broken("transport_needed", facts.told(work, at=f"{at:%H:%M}"), work.day, work)


def skill_required(facts: Facts, policy: RosterPolicy) -> Iterator[Broken]:
    for person, works in facts.concerned(policy):
        for work in works:
            if work.index is not None and lacks_skill(policy, person, work):
                known = person.skill(policy.text("skill"))
                told = facts.told(work, skill=policy.text("skill"))
                if known is None:
                    yield Broken("skill_missing", told, work.day, work)
                else:
                    yield Broken("skill_expired", told | {"until": known.until}, work.day, work)


def lacks_skill(policy: RosterPolicy, person: StaffMember, work: Work) -> bool:
    """Whether the policy requires a skill for the work that the person does not have on that day."""
    return concerns_shift(policy, work.shift) and not person.has_skill(policy.text("skill"), work.day)


def available(facts: Facts, _: RosterPolicy) -> Iterator[Broken]:
    """Finds shifts of people who are not available. The text says neither the reason, such as a leave, nor that night
    hours are barred, because both are private.
    """
    for works in facts.of_person.values():
        for work in works:
            if work.index is not None and barred(facts, work):
                yield Broken("not_available", facts.told(work), work.day, work)


def barred(facts: Facts, work: Work) -> bool:
    """Whether the person is on leave on the day of the shift, or may not work in its hours."""
    return night_barred(facts, work) or facts.around.on_leave(work.staff_id, work.day)


def night_barred(facts: Facts, work: Work) -> bool:
    """Whether the person may not work in the hours of the shift."""
    person = facts.around.people.get(work.staff_id)
    return person is not None and work.in_barred_hours and person.nights_barred_on(work.day)


def locked(facts: Facts, _: RosterPolicy) -> Iterator[Broken]:
    """Finds where the plan is not as the planner locked it: a shift that is missing, and a day that is not free."""
    around, planned = facts.around, set[tuple[UUID, date, str]]()
    for works in facts.of_person.values():
        for work in of_plan(works):
            planned.add((work.staff_id, work.day, work.shift))
            if around.locked_free(work.staff_id, work.day):
                yield Broken("locked_day_not_free", facts.told(work), work.day, work)
    for lock in around.locks:
        shift = around.shift(lock.shift) if lock.shift else None
        if shift is None or not around.holds(lock) or (lock.staff_id, lock.day, shift.code) in planned:
            continue
        if span_of(shift, lock.day, around.zone).starts_at > facts.now:
            told = {"who": around.name(lock.staff_id), "day": lock.day, "shift": shift.code}
            yield Broken("locked_shift_missing", told, lock.day, None, lock.staff_id)


def wishes(facts: Facts, _: RosterPolicy) -> Iterator[Broken]:
    """Days on which the person wishes to be free, and shifts that the person wishes to have or not to have."""
    around, planned = facts.around, set[tuple[UUID, date, str]]()
    for works in facts.of_person.values():
        for work in works:
            if work.index is None:
                continue
            planned.add((work.staff_id, work.day, work.shift))
            if free := around.wished_free(work.staff_id, work.day):
                yield Broken("wish_not_met", facts.told(work), work.day, work, weight=free)
            if (weight := around.shift_wish(work.staff_id, work.day, work.shift)) < 0:
                yield Broken("shift_wish_not_met", facts.told(work), work.day, work, weight=-weight)
    for staff_id, wished in around.shift_wishes.items():
        for (day, shift), weight in wished.items():
            if weight > 0 and (staff_id, day, shift) not in planned and facts.has_seats(day, shift):
                told = {"who": around.name(staff_id), "day": day, "shift": shift}
                yield Broken("wished_shift_missing", told, day, None, staff_id, weight)


def _neighbours(works: Sequence[Work]) -> Iterator[tuple[Work, Work]]:
    """Each work and the next of the person, if the plan has at least one of them."""
    return ((before, work) for before, work in pairwise(works) if ours(before, work))


def ours(*works: Work) -> bool:
    """Whether the plan has one of them."""
    return any(work.index is not None for work in works)


def weeks(works: Sequence[Work]) -> dict[date, list[Work]]:
    """The work of each week, from Monday, in which the plan has some."""
    weeks: defaultdict[date, list[Work]] = defaultdict(list)
    for work in works:
        weeks[monday_of(work.day)].append(work)
    return {monday: own for monday, own in weeks.items() if ours(*own)}


def last_of_plan(works: Sequence[Work]) -> Work | None:
    """The last work that is in the plan: its removal is the smallest change that helps."""
    return next((work for work in reversed(works) if work.index is not None), None)


def _whole(month: date, facts: Facts) -> bool:
    after = (month + timedelta(days=31)).replace(day=1)
    return facts.roster.first_day <= month and after - timedelta(days=1) <= facts.roster.last_day


def _between(at: time, begins: time, until: time) -> bool:
    """Whether a time lies between two times of the day, both included."""
    return begins <= at <= until if begins <= until else at >= begins or at <= until


def policy_for(facts: Facts, code: str, person: StaffMember) -> RosterPolicy | None:
    """The policy for a person that holds all year: a hard one before a soft one, then one for the person's employment
    before one for everybody.
    """
    used = [one for one in _used(facts, code) if "season" not in one.params and facts.is_for(one, person)]
    return min(used, key=lambda one: (one.strength != "hard", "employment" not in one.params), default=None)


def _used(facts: Facts, code: str) -> list[RosterPolicy]:
    return [policy for policy in facts.around.policies if policy.code == code and policy.strength != "off"]
