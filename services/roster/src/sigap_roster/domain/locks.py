"""Locked cells of a draft: what the planner decided of one person on one day. The solver keeps it until it is freed."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Lock:
    """`shift`: the person is on this shift of the day. None: the person is free on that day."""

    staff_id: UUID
    day: date
    shift: str | None = None
