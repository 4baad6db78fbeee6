"""A swap: somebody gives a duty away, perhaps for a duty in return. It changes the published plan, and the draft if
that has the assignment too; what else the planner drafted stays a draft.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sigap_common.contracts.decision import Decision
from sigap_common.contracts.rosters import Assignment
from sigap_common.core.errors import Fault, Invalid
from sigap_roster.domain.checks import Circumstances
from sigap_roster.domain.comparing import newly_broken
from sigap_roster.domain.publishing import publication
from sigap_roster.domain.roster import Planned, Roster, evolve, plan, planned_as
from sigap_roster.domain.rules import check


class SwapState(StrEnum):
    OFFERED = "offered"
    """Nobody has taken it."""
    ACCEPTED = "accepted"
    """Somebody took it; the planner has not approved."""
    DONE = "done"
    """The published plan is changed."""
    DECLINED = "declined"
    """The person who was asked, or the planner, said no."""
    CANCELLED = "cancelled"
    """The person who offered it wants it no more."""
    OVERTAKEN = "overtaken"
    """Another swap moved one of its duties."""


STILL_OPEN = (SwapState.OFFERED, SwapState.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign:
    """`takers`: who takes each of these published assignments. `around`: with the duties elsewhere of all of them."""

    by: str
    around: Circumstances
    takers: Mapping[Planned, UUID]


def as_published(roster: Roster) -> Roster:
    """The roster with the published plan in place of its draft."""
    return plan(roster, tuple(planned_as(told) for told in roster.published))


def decide(roster: Roster, command: Reassign, now: datetime) -> Decision[Roster]:
    """The publication of the changed plan. Raises Invalid if it breaks a hard rule more than the plan before: no reason
    helps, since the planner gives reasons by publishing a draft.
    """
    before = as_published(roster)
    after = plan(before, moved(before.planned, command.takers))
    worse = newly_broken(check(before, command.around, now), check(after, command.around, now))
    if hard := [breach for breach in worse if breach.strength == "hard"]:
        faults = [Fault(("body",), breach.kind, {"rule": breach.rule, **breach.params}) for breach in hard]
        raise Invalid("swap-breaks-rules", errors=faults, count=len(faults))
    assignments = tuple(_taken(roster, told, command) for told in roster.published)
    event = publication(roster, command.by, assignments, roster.accepted, now)
    return Decision(plan(roster, moved(roster.planned, command.takers)), evolve, [event])


def _taken(roster: Roster, told: Assignment, command: Reassign) -> Assignment:
    """The assignment with its new person; its times stay, even if the pack has others now."""
    taker = command.takers.get(planned_as(told))
    if taker is None:
        return told
    duty_id = roster.duty_id(Planned(staff_id=taker, day=told.day, shift=told.shift))
    subject = command.around.people[taker].subject
    return told.model_copy(update={"staff_id": taker, "subject": subject, "duty_id": duty_id})


def moved(planned: Sequence[Planned], takers: Mapping[Planned, UUID]) -> tuple[Planned, ...]:
    """The assignments with their new people, in their order."""
    return tuple(
        one if (taker := takers.get(one)) is None else one.model_copy(update={"staff_id": taker}) for one in planned
    )
