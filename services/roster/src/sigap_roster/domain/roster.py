"""A roster: the planner changes its draft, and publishing puts it into force."""

from collections.abc import Iterable, Iterator, Set
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sigap_common.contracts import Contract, Event
from sigap_common.contracts.decision import NoBranch
from sigap_common.contracts.rosters import AcceptedBreaches, Assignment, RosterPublished
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid

MOST_DAYS = 366
MOST_ASSIGNMENTS = 5000


class RosterState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class Planned(Contract):
    """A planned assignment: one person in one shift."""

    staff_id: UUID
    day: date
    shift: str


class Roster(Aggregate):
    first_day: date
    last_day: date
    planned: tuple[Planned, ...] = ()
    """The draft's assignments, in the planner's order."""
    published: tuple[Assignment, ...] = ()
    """The assignments of the latest publication."""
    published_version: int = 0
    published_at: datetime | None = None
    published_by: str | None = None
    accepted: tuple[AcceptedBreaches, ...] = ()
    """The hard rules that the published plan breaks."""

    @property
    def state(self) -> RosterState:
        return RosterState.PUBLISHED if self.published_version else RosterState.DRAFT

    @property
    def changed(self) -> bool:
        """Whether the draft differs from the latest publication, or was never published."""
        return plan_of(self.published) != set(self.planned) or not self.published_version

    def days(self) -> Iterator[date]:
        for number in range((self.last_day - self.first_day).days + 1):
            yield self.first_day + timedelta(days=number)

    def duty_id(self, planned: Planned) -> UUID:
        """The id of the assignment's duty. It is the same in all versions, even if a version in between did not have
        the assignment.
        """
        return uuid5(self.id, f"{planned.staff_id}/{planned.day}/{planned.shift}")


def planned_as(assignment: Assignment) -> Planned:
    return Planned(staff_id=assignment.staff_id, day=assignment.day, shift=assignment.shift)


def plan_of(assignments: Iterable[Assignment]) -> set[Planned]:
    """What a publication with these assignments plans."""
    return {planned_as(told) for told in assignments}


def draft(begun: Aggregate, first_day: date, last_day: date) -> Roster:
    """An empty roster for these days, both included. Raises Invalid."""
    if last_day < first_day:
        raise Invalid(errors=[Fault(("body", "last_day"), "before_first_day", {})])
    if (last_day - first_day).days >= MOST_DAYS:
        raise Invalid(errors=[Fault(("body", "last_day"), "plan_too_long", {"most": MOST_DAYS})])
    return Roster(id=begun.id, regency=begun.regency, drill=begun.drill, first_day=first_day, last_day=last_day)


def plan(roster: Roster, planned: tuple[Planned, ...]) -> Roster:
    """The roster with these assignments in its draft. No event follows, because the draft may be unfinished."""
    return roster.model_copy(update={"planned": planned})


def as_published(roster: Roster) -> Roster:
    """The roster with the published plan in place of its draft."""
    return plan(roster, tuple(planned_as(told) for told in roster.published))


def differences(roster: Roster) -> tuple[list[Planned], list[Planned]]:
    """What the draft adds to the published plan, and what it takes out, each by day and shift."""
    return changes(plan_of(roster.published), set(roster.planned))


def changes(before: Set[Planned], after: Set[Planned]) -> tuple[list[Planned], list[Planned]]:
    """What one plan adds to another, and what it takes out, each by day and shift."""
    return sorted(after - before, key=by_place), sorted(before - after, key=by_place)


def by_place(one: Planned) -> tuple[date, str, UUID]:
    """The order of assignments by day and shift."""
    return one.day, one.shift, one.staff_id


def evolve(roster: Aggregate, event: Event) -> Roster:
    if not isinstance(roster, Roster):
        raise TypeError("a roster begins as a draft")
    return roster.model_copy(update=_changed(event))


def _changed(event: Event) -> dict[str, Any]:
    match event:
        case RosterPublished():
            told = {"published": event.assignments, "published_version": event.version}
            return told | {"published_at": event.at, "published_by": event.by, "accepted": event.accepted}
    raise NoBranch(event)
