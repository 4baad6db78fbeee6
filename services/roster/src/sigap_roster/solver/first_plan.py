"""Makes a first plan, which the search for the best one begins with: from nothing it takes too long."""

from collections.abc import Collection, Iterator, Mapping

from sigap_roster.domain.program import cost_of, is_better
from sigap_roster.solver.exchanges import Exchanges
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.part import Part
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.tally import WEIGHTS

WINDOW_DAYS = 7
STEPS_A_WEEK = 4.0
"""The most of the solver's own steps for one week. A week whose seats are all filled takes far fewer."""
STEPS_OF_EXCHANGES = 30.0
"""The most of the solver's own steps for the exchanges before and after these weeks, each."""
SHARE = 0.5
"""Of the effort that is left, the most that one week or the exchanges may take."""
Values = Mapping[int, int]


class FirstPlan:
    """`values`: of the plan that it begins with, those that are not 0."""

    def __init__(self, linked: Linked, values: Values, remaining: Remaining) -> None:
        self._linked, self._remaining, self._values = linked, remaining, values

    def made(self) -> Iterator[Values]:
        """Plans on the way, of each the values that are not 0: by exchanges; then each week that lacks people is
        searched with the other weeks as they are, and exchanges go on.
        """
        if cost_of(self._linked.program, self._values) is not None:
            yield from self._exchanged()
        if weeks := self._weeks_with_gaps():
            for week in weeks:
                self._choose(week)
            yield self._values
            if cost_of(self._linked.program, self._values) is not None:
                yield from self._exchanged()

    def _exchanged(self) -> Iterator[Values]:
        exchanges = Exchanges(self._linked, self._values, self._remaining)
        for values in exchanges.made(STEPS_OF_EXCHANGES, SHARE):
            self._values = values
            yield values

    def _weeks_with_gaps(self) -> Collection[range]:
        days = self._linked.gaps(self._values)
        firsts = sorted({day - day % WINDOW_DAYS for day in days})
        return [range(first, first + WINDOW_DAYS) for first in firsts]

    def _choose(self, days: range) -> None:
        week = Part(self._linked, self._linked.on_days(days), self._values, WEIGHTS)
        found = week.chosen(self._remaining, STEPS_A_WEEK, SHARE)
        if found is not None and is_better(self._linked.program, found, self._values):
            self._values = found
