"""Locking a cell: what makes a lock impossible, and which rules locked cells break by themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sigap_roster.domain.checks import Circumstances
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.roster import Roster, by_place, plan
from sigap_roster.domain.rules import Breach, check
from sigap_roster.domain.shifts import Span, span_of
from sigap_roster.domain.stand_ins import of_single_shifts

WANT_MORE = ("min-days-in-a-row", "min-days-off-in-a-row", "min-hours-in-plan")
"""Rules that more work mends: what is locked never breaks them for good."""
Refusal = tuple[str, str, dict[str, Any]]
"""The field, the text's key, and its parameters."""


def refusals(lock: Lock, around: Circumstances, now: datetime) -> Iterator[Refusal]:
    """Why the cell cannot be locked beside the locks that there are."""
    person = around.people.get(lock.staff_id)
    if person is None or not person.active:
        yield "staff_id", "not_active_staff", {}
        return
    span = _span(lock, around)
    if span is not None and span.starts_at <= now:
        yield "day", "shift_has_begun", {}
    if lock.shift is None and lock.day < now.astimezone(around.zone).date():
        yield "day", "day_is_over", {}
    if span is not None and around.on_leave(lock.staff_id, lock.day):
        yield "day", "locked_on_leave", {"who": around.name(person.id), "day": lock.day}
    elsewhere = (one for one in around.elsewhere if one.staff_id == lock.staff_id)
    if span is not None and (taken := next((one for one in elsewhere if around.clash(one.span, span)), None)):
        told = {"who": around.name(person.id), "day": lock.day, "shift": lock.shift}
        yield "shift", "overlapping_elsewhere", told | {"other_day": taken.day, "other_shift": taken.shift}
    for other in sorted(around.locks, key=_order):
        if other.staff_id == lock.staff_id and other != lock and _contradict(lock, other, around):
            told = {"who": around.name(person.id), "day": other.day, "shift": other.shift}
            yield "shift", "locked_free_already" if other.shift is None else "locked_otherwise", told


def _contradict(one: Lock, other: Lock, around: Circumstances) -> bool:
    if one.shift is None or other.shift is None:
        return one.day == other.day
    span, taken = _span(one, around), _span(other, around)
    return span is not None and taken is not None and around.clash(span, taken)


def _span(lock: Lock, around: Circumstances) -> Span | None:
    shift = around.shift(lock.shift) if lock.shift else None
    return span_of(shift, lock.day, around.zone) if shift else None


def _order(lock: Lock) -> tuple[object, ...]:
    return lock.day, lock.shift or "", str(lock.staff_id)


def broken_by(roster: Roster, around: Circumstances, now: datetime, locks: Iterable[Lock]) -> list[Breach]:
    """The hard rules about single people that these locked cells break, whatever else is planned."""
    locked = around.assignments_of(locks)
    rules = [one for one in of_single_shifts(around).policies if one.code not in WANT_MORE]
    alone = plan(roster, tuple(sorted(locked, key=by_place)))
    found = check(alone, replace(around, policies=rules, locks=frozenset()), now)
    return [one for one in found if one.strength == "hard" and one.staff_id is not None]
