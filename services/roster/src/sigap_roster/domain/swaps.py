"""A swap: somebody gives a duty away, perhaps for a duty in return. A pickup: somebody takes an open seat."""

from enum import StrEnum


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
    """The person who offered or took it wants it no more."""
    OVERTAKEN = "overtaken"
    """The plan changed meanwhile: the duty is not as it was, or the seat is not open any more."""


STILL_OPEN = (SwapState.OFFERED, SwapState.ACCEPTED)
