"""Events that roster publishes. Subject: the roster's id for its publication, the duty's id for attendance."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event
from sigap_common.personal_data import Sealed


class Assignment(Contract):
    """One person in one shift. It has no names: only roster knows them."""

    duty_id: UUID
    staff_id: UUID
    subject: str | None = None
    shift: str
    day: date
    starts_at: datetime
    ends_at: datetime
    break_minutes: int = 0
    """Of unpaid breaks, which do not count as working hours."""


class AcceptedBreaches(Contract):
    """A hard rule that a published plan breaks, so many times, and the planner's reason for that."""

    rule: str
    count: int
    reason: Sealed


class RosterPublished(Event):
    """A roster was published and is in force."""

    topic: ClassVar[str] = topics.ROSTERS
    version: int
    first_day: date
    last_day: date
    assignments: tuple[Assignment, ...]
    accepted: tuple[AcceptedBreaches, ...] = ()


class AssignmentChanged(Event):
    """A duty of a published roster was added, changed or removed. Nobody publishes it: a changed plan is published as a
    whole, by RosterPublished.
    """

    topic: ClassVar[str] = topics.ROSTERS
    before: Assignment | None
    after: Assignment | None


class DutyStarted(Event):
    """Somebody came on duty."""

    topic: ClassVar[str] = topics.ROSTERS
    staff_id: UUID
    planned_at: datetime


class DutyEnded(Event):
    """Somebody went off duty."""

    topic: ClassVar[str] = topics.ROSTERS
    staff_id: UUID
    planned_at: datetime
