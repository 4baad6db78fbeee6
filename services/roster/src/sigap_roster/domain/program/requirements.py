"""What a full plan requires, each thing by itself: the seats of each shift, each hard rule for each person and in each
shift, each leave, each assignment that stands. If seats stay open, or a hard rule about the people of a shift is
broken, the solver tells which of these cannot hold together.

Soft rules and wishes are not among them: they never keep a seat open. Nor are fair shares, which no part of a plan
breaks by itself. A rule about the people of a shift never keeps its seats open either: where it is broken, it is asked
about apart, without the seats.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.checks import Circumstances, begun
from sigap_roster.domain.program import of_persons
from sigap_roster.domain.program.limits import MUST, Limit
from sigap_roster.domain.program.of_shifts import beyond_seats, who_counts
from sigap_roster.domain.program.sheet import Sheet
from sigap_roster.domain.program.written import CONSTRAINTS, Existing, candidates, locked_cells, notice_of, sheet_of
from sigap_roster.domain.roster import Planned, Roster
from sigap_roster.domain.rules.of_persons import night_barred
from sigap_roster.domain.rules.of_shifts import OF_DEMAND
from sigap_roster.domain.rules.work import concerns_shift
from sigap_roster.domain.shifts import span_of


class RequirementKind(StrEnum):
    SEATS = "seats"
    """All seats of a shift are filled."""
    STANDS = "stands"
    """An assignment of the draft stays."""
    LOCKED = "locked"
    """The planner locked a person on a shift, or free on a day."""
    LEAVE = "leave"
    """Nobody is planned on a day of leave."""
    UNAVAILABLE = "unavailable"
    """A person may not work in the hours of some shifts."""
    RULE = "rule"
    """A hard rule of the pack holds for a person, or about the people of a shift."""


class GapState(StrEnum):
    """What is known of seats that stay open, or of a shift that breaks a hard rule about its people."""

    WITHIN_NOTICE = "within_notice"
    """The shift begins so soon that a repair leaves it as it is."""
    CANNOT_BE_FILLED = "cannot_be_filled"
    """A conflict says why."""
    COULD_BE_FILLED = "could_be_filled"
    """It can hold with all requirements, without the seats that conflicts name."""
    NOT_KNOWN = "not_known"
    """There was no time to find out."""


GIVEN_UP_FIRST = tuple(RequirementKind)
"""In looking for what cannot hold together, the requirements to do without first, by kind: what people may change goes
before rules, so that it is only named if the rest would hold.
"""


class Requirement(NamedTuple):
    """`policy`: the index of the rule among the pack's policies. `last_day`: of a leave, as far as it lies in the plan.
    A person's rule and unavailability have no day.
    """

    kind: RequirementKind
    staff_id: UUID | None = None
    day: date | None = None
    shift: str | None = None
    policy: int | None = None
    last_day: date | None = None


KEEPS_NONE_OPEN = ("fair-shares", "min-hours-in-plan", "seats-exceeded")
"""Rules that never are why a seat stays open: no part of a plan breaks them by itself, they want more work, or the
seats of a shift say them already.
"""
NOT_ONE = -1
"""In place of a requirement, of a limit that always holds: nobody is in two shifts at a time."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """`highest` and `days`: of the variables, as in a Program. `limits`: each with the index of its requirement, or
    NOT_ONE.
    """

    first_day: date
    highest: Sequence[int]
    days: Sequence[int]
    limits: Sequence[tuple[Limit, int]]
    all: Sequence[Requirement]

    def number_of_day(self, one: Requirement) -> int:
        """The day of seats, or of a rule in a shift, from the roster's first one, 0; -1: it is not of one day."""
        in_a_shift = one.kind is RequirementKind.SEATS or (one.kind is RequirementKind.RULE and one.staff_id is None)
        return (one.day - self.first_day).days if in_a_shift and one.day else -1

    def number_of(self, day: date, shift: str, policy: int | None = None) -> int | None:
        """The index of the requirement that the seats are filled, or that this rule holds in the shift; None: the shift
        has begun.
        """
        kind = RequirementKind.SEATS if policy is None else RequirementKind.RULE
        wanted = Requirement(kind, day=day, shift=shift, policy=policy)
        return self.all.index(wanted) if wanted in self.all else None


def requirements(roster: Roster, around: Circumstances, now: datetime, existing: Existing) -> Requirements:
    """What a plan of the roster without open seats requires. `around`: with all staff of the regency.

    If the draft was kept, its assignments are requirements too, apart from those that never stay. What a repair leaves
    as it is, within the notice, stands; its seats are not among the requirements.
    """
    begins = now + notice_of(around, existing)
    later = set(candidates(roster, around, begins))
    ahead = candidates(roster, around, now)
    drafted = {one for one in roster.planned if not around.keeps_off(one.staff_id, one.day)}
    stays = [one for one in ahead if one not in later and one in drafted]
    standing = (*begun(roster, now), *stays)
    stands = set(standing)
    choices = [one for one in ahead if one in later and one not in stands]
    writing = _Writing(sheet_of(roster, around, now, standing, choices), choices, begins)
    of_persons.no_clash(writing.sheet)
    writing.claim(None)
    writing.rules()
    writing.unavailable()
    locked = locked_cells(roster, around, now)
    writing.locked(locked)
    kept = [one for one in roster.planned if existing is Existing.KEEP and not around.keeps_off(one.staff_id, one.day)]
    writing.stands([one for one in kept if one not in locked])
    writing.seats([*dict.fromkeys((*kept, *locked))])
    days = [(one.day - roster.first_day).days for one in choices]
    return Requirements(roster.first_day, writing.sheet.highest, days, writing.limits, [*writing.known])


@dataclass(slots=True)
class _Writing:
    """Writes the limits, and notes of each which requirement it belongs to."""

    sheet: Sheet
    choices: Sequence[Planned]
    begins: datetime
    """Shifts that begin later are to be filled."""
    known: dict[Requirement, int] = field(default_factory=dict)
    limits: list[tuple[Limit, int]] = field(default_factory=list)
    _taken: int = 0

    def claim(self, of: Requirement | None) -> None:
        """Takes over what was written since. None: it always holds."""
        for limit, is_definition in self._fresh():
            self._take(limit, None if is_definition else of)

    def rules(self) -> None:
        for index, policy in enumerate(self.sheet.facts.around.policies):
            constraint = CONSTRAINTS.get(policy.code)
            if constraint and policy.strength == "hard" and policy.code not in KEEPS_NONE_OPEN:
                if policy.code in OF_DEMAND:
                    self._on_shifts(policy, index)
                    continue
                constraint(self.sheet, policy)
                for limit, is_definition in self._fresh():
                    self._take(limit, None if is_definition else self._rule(limit, index))

    def _on_shifts(self, policy: RosterPolicy, index: int) -> None:
        facts, at_least = self.sheet.facts, int(policy.number("at_least"))
        for (day, shift), works in facts.on_shift.items():
            is_ahead = any(self.sheet.variable(work) is not None for work in works)
            if is_ahead and facts.around.seats(day, shift) and concerns_shift(policy, shift):
                present = [self.sheet.only_with(group) for group in who_counts(self.sheet, policy, works)]
                self.sheet.at_most(-at_least, [(one, -1) for one in present])
                self.claim(Requirement(RequirementKind.RULE, day=day, shift=shift, policy=index))

    def unavailable(self) -> None:
        leave = _leave(self.sheet)
        for staff_id, works in self.sheet.facts.of_person.items():
            for work in works:
                only = ((self.sheet.variable(work), 1),)
                if (staff_id, work.day) in leave:
                    self.sheet.at_most(0, only)
                    self.claim(leave[staff_id, work.day])
                if night_barred(self.sheet.facts, work):
                    self.sheet.at_most(0, only)
                    self.claim(Requirement(RequirementKind.UNAVAILABLE, staff_id))

    def locked(self, locked: Sequence[Planned]) -> None:
        number = {one: variable for variable, one in enumerate(self.choices)}
        for one in locked:
            if one in number:
                self.sheet.at_most(-1, ((number[one], -1),))
                self.claim(Requirement(RequirementKind.LOCKED, one.staff_id, one.day, one.shift))
        for variable, one in enumerate(self.choices):
            if self.sheet.facts.around.locked_free(one.staff_id, one.day):
                self.sheet.at_most(0, ((variable, 1),))
                self.claim(Requirement(RequirementKind.LOCKED, one.staff_id, one.day))

    def stands(self, kept: Sequence[Planned]) -> None:
        number = {one: variable for variable, one in enumerate(self.choices)}
        for one in kept:
            if one in number:
                self.sheet.at_most(-1, ((number[one], -1),))
                self.claim(Requirement(RequirementKind.STANDS, one.staff_id, one.day, one.shift))

    def seats(self, kept: Sequence[Planned]) -> None:
        """There are never more people than seats, but for those whom the planner put there."""
        facts = self.sheet.facts
        placed = Counter((one.day, one.shift) for one in kept)
        exceeded = beyond_seats(facts.around.policies)
        may_exceed = exceeded is not None and exceeded.strength == "soft"
        for day in facts.days():
            for shift in facts.around.pattern.shifts:
                if span_of(shift, day, facts.around.zone).starts_at > self.begins:
                    people = [self.sheet.variable(work) for work in facts.on_shift.get((day, shift.code), ())]
                    seats = facts.around.seats(day, shift.code)
                    most = len(people) if may_exceed else max(seats, placed[day, shift.code])
                    self.sheet.at_most(most, [(variable, 1) for variable in people])
                    self.claim(None)
                    self.sheet.at_most(-seats, [(variable, -1) for variable in people])
                    self.claim(Requirement(RequirementKind.SEATS, day=day, shift=shift.code))

    def _fresh(self) -> Iterator[tuple[Limit, bool]]:
        """What was written since, and whether it only says what a variable means. A limit at a price is left out: it
        is only paid for what stands already.
        """
        first, self._taken = self._taken, len(self.sheet.limits)
        for number in range(first, self._taken):
            if self.sheet.limits[number].price == MUST:
                yield self.sheet.limits[number], number in self.sheet.definitions

    def _take(self, limit: Limit, of: Requirement | None) -> None:
        index = NOT_ONE if of is None else self.known.setdefault(of, len(self.known))
        self.limits.append((limit, index))

    def _rule(self, limit: Limit, index: int) -> Requirement:
        variable, _ = limit.terms[0]
        one = self.choices[min(self.sheet.made_of.get(variable, {variable}))]
        return Requirement(RequirementKind.RULE, one.staff_id, policy=index)


def _leave(sheet: Sheet) -> Mapping[tuple[UUID, date], Requirement]:
    """The leave that each day of leave in the plan belongs to: days in a row are one."""
    facts, found = sheet.facts, dict[tuple[UUID, date], Requirement]()
    for staff_id in facts.of_person:
        run: list[date] = []
        for day in (*facts.days(), None):
            if day is not None and facts.around.on_leave(staff_id, day):
                run.append(day)
            elif run:
                of = Requirement(RequirementKind.LEAVE, staff_id, run[0], last_day=run[-1])
                found |= dict.fromkeys(((staff_id, one) for one in run), of)
                run = []
    return found
