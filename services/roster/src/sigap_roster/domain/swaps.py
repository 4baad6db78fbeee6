"""A swap: somebody gives a duty away, perhaps for a duty in return. A pickup: somebody takes an open seat."""

from collections.abc import Iterable, Set
from enum import StrEnum

from sigap_roster.domain.roster import Planned, Roster, plan_of


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


def undone(
    roster: Roster, planned: Roster, got: Iterable[Planned], gave: Iterable[Planned], before: Set[Planned] | None
) -> list[tuple[str, Planned]]:
    """What a new draft would undo of swaps and open shifts since the published plan was `before`; None: nothing was
    published then. `got_since`: it takes away what somebody got; `gave_since`: it gives back what somebody gave away.
    `got`, `gave`: what people ever got and gave away. What the planner has drafted otherwise meanwhile is left out.
    """
    now, drafted, wanted = plan_of(roster.published), set(roster.planned), set(planned.planned)
    taken, given = (drafted - wanted) & now - (before or set()), wanted - drafted - now
    back = [one for one in dict.fromkeys(got) if one in taken]
    again = [one for one in dict.fromkeys(gave) if one in given and (before is None or one in before)]
    return [*(("got_since", one) for one in back), *(("gave_since", one) for one in again)]
