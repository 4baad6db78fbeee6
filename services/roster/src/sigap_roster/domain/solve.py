"""A search for a plan, from the planner's request to its end."""

from enum import StrEnum


class SolveState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
