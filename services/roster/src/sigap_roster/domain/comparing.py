"""Compares what two plans break: a change must break no hard rule that the plan before did not break as much."""

from collections.abc import Mapping, Sequence

from sigap_roster.domain.rules import Breach

SIZES: Mapping[str, tuple[str, int]] = {
    "rest_too_short": ("hours", -1),
    "week_too_long": ("hours", 1),
    "overtime_of_day": ("hours", 1),
    "overtime_of_week": ("hours", 1),
    "overtime_of_day_not_agreed": ("hours", 1),
    "overtime_of_week_not_agreed": ("hours", 1),
    "week_without_rest": ("days", -1),
    "too_many_nights": ("nights", 1),
    "too_few_weekends_off": ("weekends", -1),
    "seats_open": ("open", 1),
    "seats_below_minimum": ("open", 1),
    "seats_exceeded": ("beyond", 1),
    "too_many_days": ("days", 1),
    "too_few_days": ("days", -1),
    "too_few_days_off": ("days", -1),
    "too_many_weekends": ("weekends", 1),
    "too_many_of_shifts": ("count", 1),
    "too_many_hours_in_plan": ("hours", 1),
    "too_few_hours_in_plan": ("hours", -1),
    "agencies_missing": ("agencies", -1),
    "too_few_of_agency": ("count", -1),
    "too_few_with_skill": ("count", -1),
    "share_of_nights": ("count", 1),
    "share_of_weekends": ("count", 1),
    "share_of_holidays": ("count", 1),
}
"""By the kind of a breach: which of its parameters says how large it is, and whether more of it is worse."""


def newly_broken(before: Sequence[Breach], after: Sequence[Breach]) -> list[Breach]:
    """The breaches of `after` that are not in `before`, or are larger there."""
    known = {_which(breach): _size(breach) for breach in before}
    return [breach for breach in after if (size := known.get(_which(breach))) is None or _size(breach) > size]


def _which(breach: Breach) -> tuple[object, ...]:
    about = tuple(breach.params.get(name) for name in ("skill", "agency", "other_day", "other_shift"))
    kind = "seats_open" if breach.kind == "seats_below_minimum" else breach.kind
    return breach.rule, kind, breach.day, breach.staff_id, _place(breach), about


def _place(breach: Breach) -> str | None:
    """The shift; of a rule about a week or a month none, since its breach names the last work of it."""
    return None if "week" in breach.params or "month" in breach.params else breach.shift


def _size(breach: Breach) -> float:
    name, sign = SIZES.get(breach.kind, ("", 0))
    return sign * breach.params[name] if sign else 0.0
