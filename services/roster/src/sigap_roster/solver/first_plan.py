"""Makes a first plan, week by week. The search for the whole month begins with it: from nothing it takes too long."""

from collections.abc import Iterator, Mapping

from sigap_roster.domain.program import Program, Tier
from sigap_roster.solver.part import Part

WINDOW_DAYS = 7
STEPS_A_WEEK = {Tier.COVER: 4.0, Tier.RULES: 1.0}
"""The most of the solver's own steps for one week. A week whose seats are all filled takes far fewer of the first."""
WEIGHTS = {Tier.COVER: 1000, Tier.CHANGES: 1, Tier.RULES: 1}
"""Of a cost of each tier: a week is covered first, and then fair."""


class FirstPlan:
    """Chooses the assignments of one week with those of the other weeks as they are. Weeks that are not chosen yet are
    empty, so a limit that must hold holds at every moment.
    """

    def __init__(self, program: Program, seed: int) -> None:
        self._program, self._seed = program, seed
        self._values: Mapping[int, int] = {}
        self.steps = 0.0

    def made(self) -> Iterator[Mapping[int, int]]:
        """The plan after two rounds: the first fills seats, the second also heeds what costs less. Of each plan the
        variables that are not 0.
        """
        last = max(self._program.days, default=-1)
        for tier in STEPS_A_WEEK:
            for first in range(0, last + 1, WINDOW_DAYS):
                self._choose(range(first, first + WINDOW_DAYS), tier)
            yield self._values

    def _choose(self, days: range, tier: Tier) -> None:
        free = {n for n, day in enumerate(self._program.days) if day in days}
        week = Part(self._program, free, self._values, {one: weight for one, weight in WEIGHTS.items() if one <= tier})
        self._values = week.chosen(self._seed, STEPS_A_WEEK[tier]) or self._values
        self.steps += week.steps
