"""Seats that a published plan leaves open: which there are, and which of them a person could take."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sigap_roster.domain.checks import Circumstances
from sigap_roster.domain.comparing import newly_broken
from sigap_roster.domain.roster import Planned, Roster, as_published, planned_as
from sigap_roster.domain.shifts import Span, span_of
from sigap_roster.domain.stand_ins import compared, of_single_shifts


@dataclass(frozen=True, slots=True)
class OpenShift:
    """A shift to come with seats that nobody has who will come."""

    roster_id: UUID
    day: date
    shift: str
    span: Span
    seats: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A seat that somebody asks for. `staff_id`: who takes the seat; None: the token's person."""

    roster_id: UUID
    day: date
    shift: str
    staff_id: UUID | None


def open_shifts(roster: Roster, around: Circumstances, now: datetime) -> list[OpenShift]:
    """By the published plan, in the order of time; none if it was never published. Nobody has the seat of a person who
    is on leave, or not active any more.
    """
    taken = Counter((told.day, told.shift) for told in roster.published if not around.away(told.staff_id, told.day))
    found = [
        OpenShift(roster.id, day, shift.code, span, missing)
        for day in (roster.days() if roster.published_version else ())
        for shift in around.pattern.shifts
        if (span := span_of(shift, day, around.zone)).starts_at > now
        and (missing := around.seats(day, shift.code) - taken[day, shift.code]) > 0
    ]
    return sorted(found, key=lambda one: (one.span.starts_at, one.shift))


def open_seats(roster: Roster, around: Circumstances, now: datetime) -> Mapping[tuple[date, str], int]:
    """How many seats are open, by day and shift."""
    return {(one.day, one.shift): one.seats for one in open_shifts(roster, around, now)}


def freed_for(day: date, shift: str, roster: Roster, around: Circumstances) -> list[Planned]:
    """The published assignments that end if one more person is on the shift: those of people who are away, as far as
    the shift then had more people than seats.
    """
    on_shift = [planned_as(told) for told in roster.published if (told.day, told.shift) == (day, shift)]
    away = [one for one in on_shift if around.away(one.staff_id, day)]
    return away[: max(0, len(on_shift) + 1 - around.seats(day, shift))]


def offered_to(staff_id: UUID, roster: Roster, around: Circumstances, now: datetime) -> list[OpenShift]:
    """The open shifts from which no hard rule bars the person. `around`: with the person's duties elsewhere."""
    told, some = as_published(roster), of_single_shifts(around)
    return [
        one
        for one in open_shifts(roster, around, now)
        if not _bars(told, some, now, Planned(staff_id=staff_id, day=one.day, shift=one.shift))
    ]


def _bars(roster: Roster, around: Circumstances, now: datetime, wanted: Planned) -> bool:
    """Whether the person has the shift, or a hard rule about the person or the shift is then broken more than the
    published plan breaks it. That has its people also while they are away: a shift that nobody led, for a reason, needs
    no leader in their place. But nobody stands in for themselves.
    """
    if wanted in roster.planned:
        return True
    there = [one for one in roster.planned if (one.day, one.shift) == (wanted.day, wanted.shift)]
    freed = freed_for(wanted.day, wanted.shift, roster, around)
    before, after = compared(roster, around, now, there, wanted, freed)
    return any(breach.strength == "hard" for breach in newly_broken(before, after))
