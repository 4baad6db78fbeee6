"""The facts that the rules read: the work of each person in the order of time, and the people on each shift."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sigap_common.regency import ABOUT, RosterPolicy
from sigap_roster.domain.checks import Circumstances, Taken, placed
from sigap_roster.domain.roster import Roster
from sigap_roster.domain.shifts import Span
from sigap_roster.domain.staff import StaffMember

_NIGHT_BEGINS_BEFORE = time(5)
"""A shift is a night shift if it begins after midnight and before this time, or ends after midnight."""
_BARRED_FROM, _BARRED_UNTIL = time(23), time(7)
"""The hours that some people may not work (UU 13/2003, article 76 (1) and (2))."""


@dataclass(frozen=True, slots=True)
class Work:
    """One shift of one person. It belongs to the local day on which it begins."""

    staff_id: UUID
    day: date
    shift: str
    span: Span
    begins: time
    ends: time
    """The start and end, by the regency's clock."""
    night: bool
    index: int | None = None
    """The index in the plan; None: the work belongs to another published roster."""
    break_minutes: int = 0
    """Of unpaid breaks."""

    @property
    def hours(self) -> float:
        """Working hours, without unpaid breaks."""
        return self.seconds / 3600

    @property
    def seconds(self) -> int:
        return worked_seconds(self.span, self.break_minutes)

    @property
    def in_barred_hours(self) -> bool:
        """Whether any of it lies between 23:00 and 07:00 by the regency's clock."""
        if self.begins < _BARRED_UNTIL or self.begins >= _BARRED_FROM:
            return True
        over_midnight = self.ends <= self.begins
        return over_midnight or self.ends > _BARRED_FROM


def worked_seconds(span: Span, break_minutes: int) -> int:
    """How long the span is without its unpaid breaks."""
    return max(0, int((span.ends_at - span.starts_at).total_seconds()) - 60 * break_minutes)


@dataclass(frozen=True, slots=True)
class Broken:
    """One breach of a rule: the text `validation.<kind>`, filled with `params`, and its place in the plan."""

    kind: str
    params: Mapping[str, Any]
    day: date
    work: Work | None = None
    staff_id: UUID | None = None
    weight: int = 1
    """By how much it counts more than another breach of the rule."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`of_person`: the work of each person of the plan in the order of time, with the work by other rosters.
    `on_shift`: the people of the plan by shift and day.
    """

    roster: Roster
    around: Circumstances
    now: datetime
    of_person: Mapping[UUID, tuple[Work, ...]]
    on_shift: Mapping[tuple[date, str], tuple[Work, ...]]

    def concerned(self, policy: RosterPolicy) -> Iterator[tuple[StaffMember, tuple[Work, ...]]]:
        """The people to whom the policy applies, with their work: those of its `employment`, and those who have the
        skill `with_skill` when the plan begins; or all.
        """
        skill = policy.params.get("with_skill")
        for staff_id, works in self.of_person.items():
            person = self.around.people.get(staff_id)
            if person is None or not self.is_for(policy, person):
                continue
            if skill is None or person.has_skill(str(skill), self.roster.first_day):
                yield person, works

    def is_for(self, policy: RosterPolicy, person: StaffMember) -> bool:
        """Whether the policy is for people of this employment. One for everybody is not for those whose employment has
        one of its own about the same, unless that is soft and this one hard.
        """
        employment = policy.params.get("employment")
        if employment is not None or person.employment is None:
            return employment in (None, person.employment)
        own = {**_about(policy), "employment": person.employment}
        return not any(
            one.code == policy.code and _about(one) == own and one.strength in ("hard", policy.strength)
            for one in self.around.policies
        )

    def has_seats(self, day: date, shift: str) -> bool:
        """Whether somebody is wanted on the shift, which is one of the plan's."""
        in_plan = self.roster.first_day <= day <= self.roster.last_day
        return in_plan and self.around.seats(day, shift) > 0

    def alone(self) -> "Facts":
        """The same without the work by other rosters."""
        return replace(self, of_person={staff_id: tuple(of_plan(works)) for staff_id, works in self.of_person.items()})

    def days(self) -> Iterator[date]:
        return self.roster.days()

    def told(self, work: Work, **params: object) -> dict[str, Any]:
        """The parameters of a text about this work."""
        return {"who": self.around.name(work.staff_id), "day": work.day, "shift": work.shift, **params}

    def today(self) -> date:
        return self.now.astimezone(self.around.zone).date()


def _about(policy: RosterPolicy) -> Mapping[str, Any]:
    """The values that say for whom or what the policy is."""
    return {name: policy.params[name] for name in ABOUT if name in policy.params}


def facts_of(roster: Roster, around: Circumstances, now: datetime) -> Facts:
    """The facts of a plan. An assignment whose shift is unknown is left out: `findings` reports it."""
    works = [
        work_of(
            one.planned.staff_id, one.planned.day, one.planned.shift, one.span, around, one.index, one.break_minutes
        )
        for one in placed(roster, around, now)
    ]
    people = {work.staff_id for work in works}
    elsewhere = [work_of_duty(taken, around) for taken in around.elsewhere if taken.staff_id in people]
    of_person: defaultdict[UUID, list[Work]] = defaultdict(list)
    for work in sorted([*works, *elsewhere], key=lambda work: work.span.starts_at):
        of_person[work.staff_id].append(work)
    on_shift: defaultdict[tuple[date, str], list[Work]] = defaultdict(list)
    for work in works:
        on_shift[work.day, work.shift].append(work)
    return Facts(
        roster,
        around,
        now,
        {staff_id: tuple(own) for staff_id, own in of_person.items()},
        {place: tuple(own) for place, own in on_shift.items()},
    )


def by_day(works: Iterable[Work]) -> Mapping[date, list[Work]]:
    """The work of each day that has some."""
    days: defaultdict[date, list[Work]] = defaultdict(list)
    for work in works:
        days[work.day].append(work)
    return dict(days)


def of_plan(works: Iterable[Work]) -> list[Work]:
    """The work that is in the plan, without that of other rosters."""
    return [work for work in works if work.index is not None]


def concerns_shift(policy: RosterPolicy, shift: str) -> bool:
    """Whether the policy holds for the shift: it names the shift, or no shift at all."""
    return not (named := policy.listed("shifts")) or shift in named


def work_of(
    staff_id: UUID,
    day: date,
    shift: str,
    span: Span,
    around: Circumstances,
    index: int | None = None,
    break_minutes: int = 0,
) -> Work:
    begins, ends = span.starts_at.astimezone(around.zone), span.ends_at.astimezone(around.zone)
    over_midnight = ends.date() > begins.date() and ends.time() > time()
    night = over_midnight or begins.time() < _NIGHT_BEGINS_BEFORE
    return Work(staff_id, day, shift, span, begins.time(), ends.time(), night, index, break_minutes)


def work_of_duty(duty: Taken, around: Circumstances, index: int | None = None) -> Work:
    """The work of a duty of another roster; with an index it counts as work of the plan."""
    return work_of(duty.staff_id, duty.day, duty.shift, duty.span, around, index, duty.break_minutes)
