"""Makes a first plan, week by week. The search for the whole month begins with it: from nothing it takes too long."""

from collections.abc import Iterator, Mapping

from sigap_roster.domain.program import Tier
from sigap_roster.solver.exchanges import Exchanges
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.part import Part
from sigap_roster.solver.remaining import Remaining

WINDOW_DAYS = 7
STEPS_A_WEEK = {Tier.COVER: 4.0, Tier.RULES: 1.0}
"""The most of the solver's own steps for one week. A week whose seats are all filled takes far fewer of the first."""
STEPS_OF_EXCHANGES = 3.0
SHARE = 0.5
"""Of the effort that is left, the most that one week or the exchanges may take."""
WEIGHTS = {Tier.COVER: 1000, Tier.CHANGES: 1, Tier.RULES: 1}
"""Of a cost of each tier: a week is covered first, and then fair."""


class FirstPlan:
    """Chooses the assignments of one week with those of the other weeks as they are. Weeks that are not chosen yet are
    empty, so a limit that must hold holds at every moment.
    """

    def __init__(self, linked: Linked, remaining: Remaining) -> None:
        self._linked, self._remaining = linked, remaining
        self._values: Mapping[int, int] = {}

    def made(self) -> Iterator[Mapping[int, int]]:
        """The plan with its seats filled, then with what costs less heeded: by exchanges, and by a second round. Of
        each plan the variables that are not 0.
        """
        for tier in STEPS_A_WEEK:
            for first in range(0, max(self._linked.program.days) + 1, WINDOW_DAYS):
                self._choose(range(first, first + WINDOW_DAYS), tier)
            yield self._values
            self._values = Exchanges(self._linked, self._values, self._remaining).made(STEPS_OF_EXCHANGES, SHARE)
            yield self._values

    def _choose(self, days: range, tier: Tier) -> None:
        weights = {one: weight for one, weight in WEIGHTS.items() if one <= tier}
        week = Part(self._linked, self._linked.on_days(days), self._values, weights)
        self._values = week.chosen(self._remaining, STEPS_A_WEEK[tier], SHARE) or self._values
