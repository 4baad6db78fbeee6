"""Writes the program of a roster: which assignments could be, and which limits the rules of the pack are."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sigap_common.regency import RosterPolicy, ShiftPattern
from sigap_roster.domain.checks import Circumstances, begun
from sigap_roster.domain.program import of_days, of_persons, of_shifts
from sigap_roster.domain.program.changes import write_changes
from sigap_roster.domain.program.limits import Program
from sigap_roster.domain.program.sheet import Sheet
from sigap_roster.domain.roster import Planned, Roster, by_place, plan
from sigap_roster.domain.rules.asked import ALWAYS
from sigap_roster.domain.rules.work import facts_of
from sigap_roster.domain.shifts import span_of
from sigap_roster.domain.staff import StaffMember

Constraint = Callable[[Sheet, RosterPolicy], None]

CONSTRAINTS: Mapping[str, Constraint | None] = {
    "available": of_persons.available,
    "wishes": of_persons.wishes,
    "seats-filled": of_shifts.seats_filled,
    "rest-between-shifts": of_persons.rest_between_shifts,
    "weekly-hours": of_persons.weekly_hours,
    "weekly-rest-days": of_persons.weekly_rest_days,
    "overtime-limit": of_persons.overtime_limit,
    "max-nights-in-a-row": of_persons.max_nights_in_a_row,
    "forward-rotation": of_persons.forward_rotation,
    "weekends-off": of_persons.weekends_off,
    "fair-shares": of_shifts.fair_shares,
    "women-by-day-men-by-night": of_persons.women_by_day_men_by_night,
    "agencies-together": of_shifts.on_shift,
    "agency-on-shift": of_shifts.on_shift,
    "skill-on-shift": of_shifts.on_shift,
    "skill-required": of_persons.skill_required,
    "seats-exceeded": of_shifts.seats_exceeded,
    "max-days-in-a-row": of_days.max_days_in_a_row,
    "min-days-in-a-row": of_days.min_days_in_a_row,
    "min-days-off-in-a-row": of_days.min_days_off_in_a_row,
    "forbidden-succession": of_days.forbidden_succession,
    "max-weekends-in-plan": of_days.max_weekends_in_plan,
    "max-shifts-in-plan": of_days.max_shifts_in_plan,
    "max-hours-in-plan": of_days.max_hours_in_plan,
    "min-hours-in-plan": of_days.min_hours_in_plan,
    "locked": None,
    "transport-at-night": None,
    "settled-before-holiday": None,
}
"""What each rule limits. None: nothing, since it does not depend on who is planned (a note; the day of publication), or
is so by what can be chosen (locked cells).
"""


class Existing(StrEnum):
    """What becomes of the draft's assignments. Those that cannot be, such as of somebody on leave, never stay, and what
    the planner locked always does. A repair (few changes) changes nothing within the pack's notice.
    """

    KEEP = "keep"
    FEW_CHANGES = "few_changes"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Written:
    """A program, and what its variables are: each of `choices` is one, in their order. `standing` stays in the plan."""

    program: Program
    standing: tuple[Planned, ...]
    choices: tuple[Planned, ...]

    def plan(self, chosen: Sequence[int]) -> tuple[Planned, ...]:
        """The plan in which these variables are 1, by day and shift."""
        found = [*self.standing, *(self.choices[variable] for variable in chosen if variable < len(self.choices))]
        return tuple(sorted(found, key=by_place))


def size(roster: Roster, people: Iterable[StaffMember], pattern: ShiftPattern) -> int:
    """How many assignments could be at most: people by days by shifts."""
    return (
        sum(person.active for person in people) * len(pattern.shifts) * ((roster.last_day - roster.first_day).days + 1)
    )


def written(roster: Roster, around: Circumstances, now: datetime, existing: Existing) -> Written:
    """The program that fills the roster's open seats. `around`: with all staff of the regency."""
    notice = notice_of(around, existing)
    ahead = _possible(roster, around, now)
    possible = _possible(roster, around, now + notice) if notice else ahead
    locked = locked_cells(roster, around, now)
    kept = ahead.keys() if existing is Existing.KEEP else ahead.keys() - possible.keys()
    stays = {*begun(roster, now), *kept, *locked}
    standing = tuple(one for one in dict.fromkeys((*roster.planned, *locked)) if one in stays)
    stands = set(standing)
    choices = tuple(one for one in possible if one not in stands)
    sheet = sheet_of(roster, around, now, standing, choices)
    drafted = set(roster.planned)
    hint = [variable for variable, one in enumerate(choices) if one in drafted]
    _write_rules(sheet)
    if existing is Existing.FEW_CHANGES:
        write_changes(sheet, choices, hint)
    days = [(one.day - roster.first_day).days for one in choices]
    places, people = _numbered((one.day, one.shift) for one in choices), _numbered(one.staff_id for one in choices)
    made_of = [sorted(sheet.made_of[variable]) for variable in range(len(choices), len(sheet.highest))]
    program = Program(sheet.highest, sheet.limits, hint, days, places, people, made_of)
    return Written(program, standing, choices)


def notice_of(around: Circumstances, existing: Existing) -> timedelta:
    """How long before its start a shift stays as it is."""
    return timedelta(hours=around.pattern.notice_hours) if existing is Existing.FEW_CHANGES else timedelta()


def _possible(roster: Roster, around: Circumstances, now: datetime) -> dict[Planned, None]:
    """The candidates who are neither on leave nor kept free by the planner, in order."""
    return dict.fromkeys(one for one in candidates(roster, around, now) if not around.keeps_off(one.staff_id, one.day))


def locked_cells(roster: Roster, around: Circumstances, now: datetime) -> list[Planned]:
    """The locked assignments that bind and have not begun, by day and shift."""
    locked = set(around.assignments_of(around.locks))
    return sorted(locked.intersection(candidates(roster, around, now)), key=by_place) if locked else []


def _numbered(things: Iterable[Hashable]) -> list[int]:
    """Equal things get equal numbers, from 0 in the order in which they come."""
    known: dict[Hashable, int] = {}
    return [known.setdefault(thing, len(known)) for thing in things]


def candidates(roster: Roster, around: Circumstances, now: datetime) -> list[Planned]:
    """Each assignment of an active person in a shift that has not begun, also of somebody on leave."""
    shifts = [(shift, day) for day in roster.days() for shift in around.pattern.shifts]
    ahead = [(shift.code, day) for shift, day in shifts if span_of(shift, day, around.zone).starts_at > now]
    return [
        Planned(staff_id=person.id, day=day, shift=code)
        for person in sorted(around.people.values(), key=_by_id)
        if person.active
        for code, day in ahead
    ]


def _by_id(person: StaffMember) -> str:
    return str(person.id)


def sheet_of(
    roster: Roster, around: Circumstances, now: datetime, standing: Sequence[Planned], choices: Sequence[Planned]
) -> Sheet:
    """The sheet without limits: what stands, and each of the choices as a variable."""
    facts = facts_of(plan(roster, (*standing, *choices)), around, now)
    return Sheet(highest=[1] * len(choices), facts=facts, standing=len(standing))


def _write_rules(sheet: Sheet) -> None:
    of_persons.no_clash(sheet)
    policies = [*(policy for policy, _ in ALWAYS), *sheet.facts.around.policies]
    for policy in policies:
        constraint = CONSTRAINTS.get(policy.code)
        if constraint and policy.strength != "off":
            constraint(sheet, policy)
    if not any(policy.code == "fair-shares" and policy.strength == "off" for policy in policies):
        of_shifts.even_shares(sheet)
