"""The rules by code, and the breaches of a pack's rules in a plan."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.checks import Circumstances, Finding, begun, findings
from sigap_roster.domain.roster import Roster
from sigap_roster.domain.rules import of_days, of_persons, of_shifts
from sigap_roster.domain.rules.work import Broken, Facts, facts_of
from sigap_roster.domain.shifts import span_of

Rule = Callable[[Facts, RosterPolicy], Iterator[Broken]]
Strength = Literal["hard", "soft", "note"]

RULES: Mapping[str, Rule] = {
    "rest-between-shifts": of_persons.rest_between_shifts,
    "weekly-hours": of_persons.weekly_hours,
    "weekly-rest-days": of_persons.weekly_rest_days,
    "overtime-limit": of_persons.overtime_limit,
    "max-nights-in-a-row": of_persons.max_nights_in_a_row,
    "forward-rotation": of_persons.forward_rotation,
    "weekends-off": of_persons.weekends_off,
    "fair-shares": of_shifts.fair_shares,
    "women-by-day-men-by-night": of_persons.women_by_day_men_by_night,
    "transport-at-night": of_persons.transport_at_night,
    "agencies-together": of_shifts.agencies_together,
    "agency-on-shift": of_shifts.enough_on_shift,
    "skill-on-shift": of_shifts.enough_on_shift,
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
    "settled-before-holiday": of_shifts.settled_before_holiday,
}
"""By the code of a pack's policy."""
_AVAILABLE = RosterPolicy(code="available", strength="hard", source="staff")
LOCKED = "locked"
"""The code of the planner's own decisions about single cells."""
_LOCKED = RosterPolicy(code=LOCKED, strength="hard", source="planner")
_DAYS = RosterPolicy(code="days-once", strength="hard", source="shifts")
SEATS_FILLED = "seats-filled"
"""The code of open seats."""
_SEATS = RosterPolicy(code=SEATS_FILLED, strength="soft", source="shifts")
_WISHES = RosterPolicy(code="wishes", strength="soft", source="staff")
ALWAYS: tuple[tuple[RosterPolicy, Rule], ...] = (
    (_AVAILABLE, of_persons.available),
    (_LOCKED, of_persons.locked),
    (_DAYS, of_shifts.days_once),
    (_SEATS, of_shifts.seats_filled),
    (_WISHES, of_persons.wishes),
)
"""Rules that hold for every roster. The first rule does not name its law as the source, because the law would reveal
why a person is not available.
"""
POSSIBLE = "possible"
"""The code of impossible assignments. They cannot be published with a reason."""
_NOTES = ("transport-at-night",)
"""Rules whose findings are notes for the planner and not breaches."""
_NOTED_KINDS = (of_persons.OVERTIME,)
"""What rules say beside their breaches, for the planner to know."""
_ORDER = ("hard", "soft", "note")


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach of a rule. `kind` with `params` is its text. `index`: the assignment that it is about; None: not only
    one.

    `weight`: what a breach of a soft rule costs. `source`: where the rule comes from. `policy`: the rule; None:
    it is none that somebody wrote.
    """

    rule: str
    strength: Strength
    weight: int
    source: str
    kind: str
    params: Mapping[str, Any]
    day: date
    staff_id: UUID | None
    shift: str | None
    index: int | None
    policy: RosterPolicy | None = None


def breaches(roster: Roster, around: Circumstances, now: datetime) -> list[Breach]:
    """The breaches of the rules, hard ones first, then by day. What cannot be changed any more is left out: a published
    assignment that has begun, and the people and open seats of a shift that is over and has those who were published.

    A policy of a newer pack that this release does not know is left out.
    """
    used = [(one, RULES[one.code]) for one in around.policies if one.strength != "off" and one.code in RULES]
    return _asked(roster, around, now, (*ALWAYS, *used))


def departures(roster: Roster, around: Circumstances, now: datetime) -> list[Breach]:
    """Where the draft is not as the planner locked it: those of `breaches`, without asking the other rules."""
    return _asked(roster, around, now, [(_LOCKED, of_persons.locked)])


def _asked(
    roster: Roster, around: Circumstances, now: datetime, rules: Iterable[tuple[RosterPolicy, Rule]]
) -> list[Breach]:
    facts, kept = facts_of(roster, around, now), begun(roster, now)
    found = [_breach(policy, broken) for policy, rule in rules for broken in rule(facts, policy)]
    mendable = [
        one
        for one in found
        if (roster.planned[one.index] not in kept if one.index is not None else not _is_over(one, roster, around, now))
    ]
    return sorted(mendable, key=lambda breach: (_ORDER.index(breach.strength), breach.day))


def _is_over(one: Breach, roster: Roster, around: Circumstances, now: datetime) -> bool:
    """Whether the breach is about a whole shift that is over, with the people who were published for it. If the planner
    has changed them since, it is a breach like others.
    """
    shift = around.shift(one.shift) if one.shift and one.staff_id is None else None
    if shift is None or not roster.published_version or span_of(shift, one.day, around.zone).ends_at > now:
        return False
    place = (one.day, one.shift)
    planned = {each.staff_id for each in roster.planned if (each.day, each.shift) == place}
    return planned == {told.staff_id for told in roster.published if (told.day, told.shift) == place}


def check(roster: Roster, around: Circumstances, now: datetime) -> list[Breach]:
    """First the faults that no reason can excuse, such as a person who is not active any more; then the breaches of the
    rules.
    """
    impossible = [_of_finding(roster, finding) for finding in findings(roster, around, now)]
    return [*impossible, *breaches(roster, around, now)]


def _of_finding(roster: Roster, finding: Finding) -> Breach:
    planned = roster.planned[finding.index]
    return Breach(
        rule=POSSIBLE,
        strength="hard",
        weight=1,
        source=POSSIBLE,
        kind=finding.kind,
        params=finding.params,
        day=planned.day,
        staff_id=planned.staff_id,
        shift=planned.shift,
        index=finding.index,
    )


def _breach(policy: RosterPolicy, broken: Broken) -> Breach:
    work = broken.work
    is_note = policy.code in _NOTES or broken.kind in _NOTED_KINDS
    strength: Strength = "note" if is_note else "hard" if policy.strength == "hard" else "soft"
    return Breach(
        rule=policy.code,
        strength=strength,
        weight=policy.weight * broken.weight,
        source=policy.source,
        kind=broken.kind,
        params=broken.params,
        day=broken.day,
        staff_id=broken.staff_id or (work.staff_id if work else None),
        shift=work.shift if work else broken.params.get("shift"),
        index=work.index if work else None,
        policy=policy,
    )
