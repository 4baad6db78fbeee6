"""Who else could take a shift: whom no hard rule bars comes first, in the order in which to telephone them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sigap_roster.domain.checks import Circumstances, begun
from sigap_roster.domain.comparing import newly_broken
from sigap_roster.domain.roster import Planned, Roster, plan
from sigap_roster.domain.rules import Breach, check
from sigap_roster.domain.rules.work import worked_seconds
from sigap_roster.domain.shifts import monday_of, span_of
from sigap_roster.domain.staff import Absence, days_off

NOT_OF_ONE_SHIFT = ("fair-shares", "settled-before-holiday")
"""Rules about a plan as a whole: they bar nobody from one shift."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A person for a shift. `barred_by`: the hard rules that the person would break there; none: could take it.

    `leaves`: the hard rules that the shift would still break, such as that there is no leader. `soft`: the weight of
    the soft rules that would be broken. `week_hours`: planned in the week of the shift, without it. `hours`: in the
    whole plan.
    """

    staff_id: UUID
    barred_by: tuple[Breach, ...]
    leaves: int
    wishes_free: bool
    soft: int
    week_hours: float
    hours: float


def stand_ins(roster: Roster, around: Circumstances, now: datetime, day: date, shift: str) -> list[StandIn]:
    """All active people who are not on the shift. First those who could take it: who leaves fewest hard rules of the
    shift broken, then who does not wish to be free, breaks least of the soft rules, and has the fewest hours.

    `around`: with all staff of the regency.
    """
    around = of_single_shifts(around)
    there = _there(roster, around, day, shift)
    on_it = {one.staff_id for one in there}
    found = [
        _stand_in(roster, around, now, there, Planned(staff_id=person.id, day=day, shift=shift))
        for person in around.people.values()
        if person.active and person.id not in on_it
    ]
    return sorted(found, key=_order)


def of_single_shifts(around: Circumstances) -> Circumstances:
    """The same without the rules about a plan as a whole."""
    return replace(around, policies=[one for one in around.policies if one.code not in NOT_OF_ONE_SHIFT])


def without_and_with(
    roster: Roster, around: Circumstances, now: datetime, wanted: Planned
) -> tuple[list[Breach], list[Breach]]:
    """What is broken by the person's own assignments and those of the shift: without the wanted one, and with it."""
    return compared(roster, around, now, _there(roster, around, wanted.day, wanted.shift), wanted)


def compared(
    roster: Roster,
    around: Circumstances,
    now: datetime,
    there: Sequence[Planned],
    wanted: Planned,
    freed: Collection[Planned] = (),
) -> tuple[list[Breach], list[Breach]]:
    """The same with these on the shift, some of whom leave it to the wanted one (`freed`)."""
    own = [one for one in roster.planned if one.staff_id == wanted.staff_id and one not in (*there, wanted)]
    around = replace(around, locks={lock for lock in around.locks if lock.staff_id == wanted.staff_id})
    before = check(plan(roster, (*there, *own)), around, now)
    stay = [one for one in there if one not in freed]
    return before, check(plan(roster, (*stay, *own, wanted)), around, now)


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A shift that a person would leave by days off. `open_seats`: those that stay open without a stand-in. `could`:
    how many could take it; `first`: at most three of them, in the order of `stand_ins`.
    """

    roster_id: UUID
    is_published: bool
    day: date
    shift: str
    open_seats: int
    could: int
    first: tuple[UUID, ...]


MOST_UNCOVERED = 31
"""Shifts whose cover is looked at: each asks the rules of all people."""


def uncovered(roster: Roster, around: Circumstances, now: datetime, away: Absence) -> list[Uncovered]:
    """The shifts to come that the person would leave, by the roster's draft, at most MOST_UNCOVERED."""
    days = days_off([away], away.kind, roster.first_day, roster.last_day).get(away.staff_id, frozenset())
    around = replace(around, leave={**around.leave, away.staff_id: days | around.leave.get(away.staff_id, set())})
    kept = begun(roster, now)
    own = [one for one in roster.planned if one.staff_id == away.staff_id and one.day in days and one not in kept]
    found = []
    for one in sorted(own, key=lambda one: (one.day, one.shift))[:MOST_UNCOVERED]:
        able = [other.staff_id for other in stand_ins(roster, around, now, one.day, one.shift) if not other.barred_by]
        missing = max(0, around.seats(one.day, one.shift) - len(_there(roster, around, one.day, one.shift)))
        published = roster.published_version > 0
        found.append(Uncovered(roster.id, published, one.day, one.shift, missing, len(able), tuple(able[:3])))
    return found


def _there(roster: Roster, around: Circumstances, day: date, shift: str) -> list[Planned]:
    """The assignments to the shift, without those of people who are away."""
    return [
        one for one in roster.planned if (one.day, one.shift) == (day, shift) and not around.away(one.staff_id, day)
    ]


def _order(one: StandIn) -> tuple[object, ...]:
    barred = len(one.barred_by)
    return barred > 0, barred, one.leaves, one.wishes_free, one.soft, one.week_hours, one.hours, str(one.staff_id)


def _stand_in(
    roster: Roster, around: Circumstances, now: datetime, there: Sequence[Planned], wanted: Planned
) -> StandIn:
    own = [one for one in roster.planned if one.staff_id == wanted.staff_id and one != wanted]
    before, after = compared(roster, around, now, there, wanted)
    new = [breach for breach in newly_broken(before, after) if breach.staff_id == wanted.staff_id]
    of_shift = [
        breach
        for breach in after
        if breach.staff_id is None
        and breach.strength == "hard"
        and (breach.day, breach.shift) == (wanted.day, wanted.shift)
    ]
    full = len(there) + 1 >= around.seats(wanted.day, wanted.shift)
    week = monday_of(wanted.day)
    return StandIn(
        wanted.staff_id,
        (*(breach for breach in new if breach.strength == "hard"), *(of_shift if full else ())),
        len(of_shift),
        around.wished_free(wanted.staff_id, wanted.day) > 0,
        sum(breach.weight for breach in new if breach.strength == "soft"),
        _hours(around, [one for one in own if monday_of(one.day) == week]),
        _hours(around, own),
    )


def _hours(around: Circumstances, planned: Sequence[Planned]) -> float:
    seconds = [
        worked_seconds(span_of(known, one.day, around.zone), known.break_minutes)
        for one in planned
        if (known := around.shift(one.shift))
    ]
    return round(sum(seconds) / 3600, 1)
