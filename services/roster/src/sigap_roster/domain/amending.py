"""Changes that staff make to published plans: duties get other people, and open seats get somebody. Each also changes
the draft, if that has the same assignment; what else the planner drafted stays a draft.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sigap_common.contracts.decision import Decision
from sigap_common.contracts.rosters import Assignment
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_roster.domain.checks import Circumstances, Taken, placed
from sigap_roster.domain.comparing import newly_broken
from sigap_roster.domain.open_shifts import freed_for, open_seats
from sigap_roster.domain.publishing import assignment, publication
from sigap_roster.domain.roster import Planned, Roster, as_published, evolve, plan, planned_as
from sigap_roster.domain.rules import Breach, check


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What changes in one published roster. `takers`: who takes each of these assignments. `added`: what is new.
    `around`: with the duties elsewhere of everybody concerned.
    """

    roster: Roster
    around: Circumstances
    takers: Mapping[Planned, UUID] = field(default_factory=dict)
    added: tuple[Planned, ...] = ()


def decide(amendments: Sequence[Amendment], by: str, now: datetime) -> list[Decision[Roster]]:
    """The publication of each changed plan. Raises NotAllowed if a seat is not open. Raises Invalid if any plan then
    breaks a hard rule more than before: no reason helps, since the planner gives reasons by publishing a draft.
    """
    for each in amendments:
        seats = open_seats(each.roster, each.around, now) if each.added else {}
        if any((new.day, new.shift) not in seats for new in each.added):
            raise NotAllowed("seat-not-open", state=each.roster.state)
    worse = {repr((one.kind, one.params)): one for each in amendments for one in _worse(each, amendments, now)}
    if worse:
        faults = [Fault(("body",), one.kind, {"rule": one.rule, **one.params}) for one in worse.values()]
        raise Invalid("swap-breaks-rules", errors=faults, count=len(faults))
    return [_published(one, by, now) for one in amendments]


def _worse(one: Amendment, amendments: Sequence[Amendment], now: datetime) -> Iterator[Breach]:
    """The hard breaches of one plan that are new or larger, once all the plans are changed."""
    told = as_published(one.roster)
    # Who is away has the seat in the published plan, and cannot stand in for themselves.
    before = plan(told, tuple(each for each in told.planned if each not in one.added))
    after = plan(told, amended(told.planned, one))
    takers = {planned: taker for other in amendments if other is not one for planned, taker in other.takers.items()}
    elsewhere = [_moved(taken, takers) for taken in one.around.elsewhere]
    around = replace(one.around, elsewhere=elsewhere)
    found = newly_broken(check(before, one.around, now), check(after, around, now))
    return (breach for breach in found if breach.strength == "hard")


def _moved(taken: Taken, takers: Mapping[Planned, UUID]) -> Taken:
    """A duty of another roster, with the person who has it once that roster is changed."""
    told = Planned(staff_id=taken.staff_id, day=taken.day, shift=taken.shift)
    return replace(taken, staff_id=takers.get(told, taken.staff_id))


def _published(one: Amendment, by: str, now: datetime) -> Decision[Roster]:
    roster = one.roster
    freed = _freed(one)
    told = [_taken(one, told) for told in roster.published if planned_as(told) not in freed]
    new = [assignment(roster, place, one.around) for place in placed(plan(roster, one.added), one.around, now)]
    event = publication(roster, by, (*told, *new), roster.accepted, now)
    drafted = dict.fromkeys(amended(roster.planned, one))  # the planner may have drafted the same
    return Decision(plan(roster, tuple(drafted)), evolve, [event])


def _taken(one: Amendment, told: Assignment) -> Assignment:
    """The assignment with its new person; its times stay, even if the pack has others now."""
    taker = one.takers.get(planned_as(told))
    if taker is None:
        return told
    duty_id = one.roster.duty_id(Planned(staff_id=taker, day=told.day, shift=told.shift))
    subject = one.around.people[taker].subject
    return told.model_copy(update={"staff_id": taker, "subject": subject, "duty_id": duty_id})


def amended(planned: Sequence[Planned], one: Amendment) -> tuple[Planned, ...]:
    """The assignments with their new people, in their order, then those that are new. Whoever is away leaves the seat
    to the one who takes it.
    """
    freed = _freed(one)
    told = [
        each if (taker := one.takers.get(each)) is None else each.model_copy(update={"staff_id": taker})
        for each in planned
        if each not in freed
    ]
    return (*told, *one.added)


def _freed(one: Amendment) -> set[Planned]:
    return {freed for new in one.added for freed in freed_for(new.day, new.shift, one.roster, one.around)}
