"""Mends a draft that has gaps. The search for the fewest changes begins with the mended plan: from the draft alone,
which leaves seats open or breaks limits, it takes too long to find any plan.
"""

from collections.abc import Iterator, Mapping

from sigap_roster.domain.program import Program, Tier, units_above
from sigap_roster.solver.part import Part

DAYS_ROUND_A_GAP = (0, 1, 3, 7)
STEPS_A_PART = 1.0
"""The most of the solver's own steps for one part."""
WEIGHTS = {Tier.COVER: 10**12, Tier.CHANGES: 10**4, Tier.RULES: 1}
"""Of a cost of each tier. They need not be exact: the search that follows is."""


class Repair:
    """First only adds to the draft. As long as that costs cover, the draft is free too on more and more days round the
    gaps.
    """

    def __init__(self, program: Program, seed: int) -> None:
        self._program, self._seed = program, seed
        self._draft = dict.fromkeys(program.hint, 1)
        self.steps = 0.0

    def made(self) -> Iterator[Mapping[int, int]]:
        """Each plan that is better than the one before: of its variables those that are not 0."""
        gaps = self._gaps(self._draft)
        best = self._mended(set(), self._draft)
        if best:
            yield best
        near = set[int]()
        for days in DAYS_ROUND_A_GAP:
            if best and not (gaps := self._gaps(best)):
                return
            near |= {day + n for day in gaps for n in range(-days, days + 1)}
            mended = self._mended(near, best or self._draft)
            if mended and mended != best:
                best = mended
                yield best

    def _mended(self, days: set[int], values: Mapping[int, int]) -> Mapping[int, int] | None:
        """The best plan with the draft as it is but for these days."""
        program = self._program
        free = {n for n, day in enumerate(program.days) if n not in self._draft or day in days}
        part = Part(program, free, self._draft | dict(values), WEIGHTS)
        found = part.chosen(self._seed, STEPS_A_PART)
        self.steps += part.steps
        return found

    def _gaps(self, values: Mapping[int, int]) -> set[int]:
        """The days on which something costs cover."""
        days = self._program.days
        return {
            days[n]
            for limit in self._program.limits
            if limit.price.cost and limit.price.tier is Tier.COVER and units_above(limit, values)
            for n, _ in limit.terms
            if n < len(days)
        }
