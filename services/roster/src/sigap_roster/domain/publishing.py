"""Publishing a roster."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sigap_common.contracts.decision import Decision
from sigap_common.contracts.rosters import AcceptedBreaches, Assignment, RosterPublished
from sigap_common.core.errors import Fault, Invalid
from sigap_common.personal_data import Sealed
from sigap_roster.domain.checks import Circumstances, Placed, findings, placed
from sigap_roster.domain.comparing import newly_broken
from sigap_roster.domain.roster import Roster, evolve
from sigap_roster.domain.rules import Breach

LARGEST_EVENT = 900_000
"""The most bytes of a publication: a message of the bus has at most 1 MiB with its envelope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """`breaches`: the plan's breaches of the rules. `reasons`: by a hard rule's code, why it may be broken."""

    by: str
    around: Circumstances
    breaches: Sequence[Breach] = ()
    reasons: Mapping[str, Sealed] = field(default_factory=dict)


def decide(roster: Roster, command: Publish, now: datetime) -> Decision[Roster]:
    """The event of the publication; none if this plan is published already. Raises Invalid, which names each impossible
    assignment, or each breach of a hard rule without a reason, and these rules. Its pointers refer to the roster as
    clients read it.
    """
    if not roster.planned:
        raise Invalid(errors=[Fault(("body", "assignments"), "nothing_planned", {})])
    if found := findings(roster, command.around, now):
        places = [("body", "assignments", one.index, one.column) for one in found]
        faults = [Fault(place, one.kind, one.params) for place, one in zip(places, found, strict=True)]
        raise Invalid("plan-not-publishable", errors=faults, count=len(faults))
    assignments = tuple(assignment(roster, one, command.around) for one in placed(roster, command.around, now))
    if roster.published_version and set(assignments) == set(roster.published):
        return Decision(roster, evolve)
    hard = [breach for breach in command.breaches if breach.strength == "hard"]
    if unexplained := [breach for breach in hard if breach.rule not in command.reasons]:
        faults = [Fault(_place(one), one.kind, {"rule": one.rule, **one.params}) for one in unexplained]
        rules = sorted({one.rule for one in unexplained})
        raise Invalid("plan-breaks-rules", errors=faults, count=len(faults), rules=rules)
    return Decision(roster, evolve, [_published(roster, command, assignments, hard, now)])


def still_accepted(roster: Roster, before: Sequence[Breach], after: Sequence[Breach]) -> Mapping[str, Sealed]:
    """The reasons of the published plan that hold for the next one too, by rule: those of rules of which nothing else
    is broken, nothing more, and not more often than was accepted. `before`, `after`: what the published plan and the
    next one break now. Without the count, a reason for one day would hold for all days that a corrected entry, or a
    stricter pack, adds to both.
    """
    worse, count = {breach.rule for breach in newly_broken(before, after)}, Counter(breach.rule for breach in after)
    return {one.rule: one.reason for one in roster.accepted if one.rule not in worse and count[one.rule] <= one.count}


def _place(breach: Breach) -> tuple[str | int, ...]:
    """The place of a breach in the roster: an assignment, or the plan as a whole."""
    return ("body", "assignments") if breach.index is None else ("body", "assignments", breach.index, "shift")


def _accepted(hard: Sequence[Breach], reasons: Mapping[str, Sealed]) -> tuple[AcceptedBreaches, ...]:
    broken = Counter(breach.rule for breach in hard)
    return tuple(AcceptedBreaches(rule=rule, count=count, reason=reasons[rule]) for rule, count in broken.items())


def _published(
    roster: Roster, command: Publish, assignments: tuple[Assignment, ...], hard: Sequence[Breach], now: datetime
) -> RosterPublished:
    return publication(roster, command.by, assignments, _accepted(hard, command.reasons), now)


def publication(
    roster: Roster,
    by: str,
    assignments: Sequence[Assignment],
    accepted: tuple[AcceptedBreaches, ...],
    now: datetime,
) -> RosterPublished:
    """The event of the next publication. Raises Invalid if it is too large."""
    event = RosterPublished(
        at=now,
        recorded_at=now,
        by=by,
        version=roster.published_version + 1,
        first_day=roster.first_day,
        last_day=roster.last_day,
        assignments=tuple(sorted(assignments, key=lambda told: (told.starts_at, told.staff_id))),
        accepted=accepted,
    )
    if len(event.model_dump_json().encode()) > LARGEST_EVENT:
        raise Invalid(errors=[Fault(("body", "assignments"), "plan_too_large", {})])
    return event


def assignment(roster: Roster, one: Placed, around: Circumstances) -> Assignment:
    """As it is published: with the times of its shift, or as it was if it has begun."""
    planned, span = one.planned, one.span
    return one.kept or Assignment(
        duty_id=roster.duty_id(planned),
        staff_id=planned.staff_id,
        subject=around.people[planned.staff_id].subject,
        shift=planned.shift,
        day=planned.day,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        break_minutes=one.break_minutes,
    )
