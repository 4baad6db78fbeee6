"""Mends a draft that has gaps, and proves that no plan is better.

Little of a month can matter when somebody falls ill. So first plans only add to the draft on the days of the gaps; then
the draft is free too on more and more days round them. As soon as the plan costs no more than a window of these days
says that every plan does, it is the best, and only these days are searched for the fairest one.
"""

from collections.abc import Collection, Generator, Iterator, Mapping

from sigap_roster.domain.program import Tier, a_person, cost_of, least_kept
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.part import Part
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.window import Answer, Window

DAYS_ROUND_A_GAP = (0, 1, 3, 7)
STEPS_A_PART, STEPS_A_PROOF = 1.0, 10.0
"""The most of the solver's own steps for a better plan of some days, and to see that there is none."""
WEIGHTS = {Tier.COVER: 10**9, Tier.CHANGES: 1}
Values = Mapping[int, int]


class Repair:
    """`draft`: its values that are not 0. `best`: those of the best plan; None: none is within the limits. `bounds`:
    the least cost by tier, once it is proven that the best plan has the least cover and changes.
    """

    def __init__(self, linked: Linked, draft: Values, remaining: Remaining) -> None:
        self._linked, self._draft, self._remaining = linked, draft, remaining
        self.best: Values | None = None
        self.costs: Mapping[Tier, int] = {}
        self.bounds: Mapping[Tier, int] | None = None

    def made(self) -> Iterator[Values]:
        """Each plan that is better than the one before."""
        gaps = self._linked.gaps(self._draft)
        if self._is_better(self._draft):
            yield self._draft
        if self._mend(self._linked.on_days(gaps) - self._draft.keys(), self._draft):
            yield self.best or {}
        for width in (*DAYS_ROUND_A_GAP, max(self._linked.program.days)):
            days = {day + n for day in gaps for n in range(-width, width + 1)}
            is_least = yield from self._improved(days)
            if is_least:
                if self._find_fairest(days):
                    yield self.best or {}
                return

    def _improved(self, days: Collection[int]) -> Generator[Values, None, bool]:
        """Each better plan that the window of these days leads to; at last whether no plan is better."""
        answer = self._asked(days)
        while answer.people and self._mend(self._linked.of_people(answer.people), self._draft):
            yield self.best or {}
            answer = self._asked(days)
        if answer.people or answer.is_least:
            return answer.is_least  # a wider window says whether these people can
        if self._mend(self._linked.on_days(days), self.best or self._draft):
            yield self.best or {}
            answer = self._asked(days)
        return answer.is_least

    def _mend(self, free: Collection[int], others: Values) -> bool:
        """Looks for the best plan with the assignments as they are but for these; whether it is better."""
        part = Part(self._linked, free, others, WEIGHTS)
        found = part.chosen(self._remaining, STEPS_A_PART)
        return found is not None and self._is_better(found)

    def _is_better(self, values: Values) -> bool:
        """Whether it is, and then it is the best."""
        costs = cost_of(self._linked.program, values)
        if costs is None or (self.best is not None and [*costs.values()] >= [*self.costs.values()]):
            return False
        self.best, self.costs = values, costs
        return True

    def _asked(self, days: Collection[int]) -> Answer:
        if self.best is None:
            return Answer(False)
        window = Window(self._linked, days, self._draft)
        people, cells = divmod(self.costs[Tier.CHANGES], a_person(len(self._linked.program.days)).cost)
        return window.is_least(self.costs[Tier.COVER], people, cells, self._remaining, STEPS_A_PROOF)

    def _find_fairest(self, days: Collection[int]) -> bool:
        """Of the plans with the least cover and changes, which change these days alone; whether it is better."""
        within = {tier: self.costs[tier] for tier in (Tier.COVER, Tier.CHANGES)}
        part = Part(self._linked, self._linked.on_days(days), self.best or {}, {Tier.RULES: 1}, within)
        program = self._linked.program
        part.keep(program.hint, least_kept(program, *within.values()))
        found = part.chosen(self._remaining, self._remaining.steps)
        better = found is not None and self._is_better(found)
        self.bounds = {**within, Tier.RULES: self.costs[Tier.RULES] if part.proven else 0}
        return better
