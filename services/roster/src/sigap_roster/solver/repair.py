"""Mends a draft that has gaps, and proves that no plan is better.

Little of a month can matter when somebody falls ill. So first plans only add to the draft on the days of the gaps; then
the draft is free too on more and more days round them. As soon as the plan costs no more than a window of these days
says that every plan does, no plan disturbs less. Then only these days, or only the people whose changes can mend the
draft, are searched for the fairest one.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping

from sigap_roster.domain.program import Tier, a_person, cost_of, least_changed, least_kept
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.part import Part
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.window import Answer, Costs, Window

DAYS_ROUND_A_GAP = (0, 1, 3, 7)
STEPS_A_PART, STEPS_A_PROOF = 1.0, 10.0
"""The most of the solver's own steps for a better plan of some days, and to see that there is none."""
STEPS_OF_ALL = 1.0
"""The most of the solver's own steps to search for the fairest plan before people are decided first."""
SHARE_OF_A_CHOICE = 0.6
"""Of the effort that is left, the most to search for it then."""
WEIGHTS = {Tier.COVER: 10**8, Tier.CHANGES: 1}
"""Of a cost of each tier. All changes together cost less than one seat, and the sum stays a number of the solver's."""
WEIGHTS_OF_CHANGES = {Tier.CHANGES: 10**8, Tier.RULES: 1}
"""The same, if the cover is the least already."""
Values = Mapping[int, int]
Needs = Callable[[Costs, Remaining, float], Answer]
"""Asks a window whether plans of these costs are the least."""


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
        if self._keep_if_better(self._draft):
            yield self._draft
        if self._mend(self._linked.on_days(gaps) - self._draft.keys(), self._draft):
            yield self._found
        known, asked = {*self._linked.program.days}, None
        for width in (*DAYS_ROUND_A_GAP, max(known)):
            days = known & {day + n for day in gaps for n in range(-width, width + 1)}
            if days != asked:
                asked = days
                yield from self._improved(days)
            if self.bounds is not None:
                return

    def _improved(self, days: Collection[int]) -> Iterator[Values]:
        """Each better plan that the window of these days leads to; the best one, if they show that it is."""
        window = Window(self._linked, days, self._draft)
        answer = yield from self._lowered(window.needs_people)
        if not (answer.people or answer.is_least) and self._mend(self._linked.on_days(days), self._found):
            yield self._found
            answer = yield from self._lowered(window.needs_people)
        if answer.is_least:
            yield from self._settled(window, self._linked.on_days(days))

    def _lowered(self, needs: Needs) -> Generator[Values, None, Answer]:
        """Tries the people whom the window names, as long as that gives a better plan. Returns the last answer: if it
        still names people, a wider window says whether they can.
        """
        while True:
            if self.best is None:
                return Answer(False)
            answer = needs(self._costs_of_best, self._remaining, STEPS_A_PROOF)
            if not answer.people or not self._mend(self._linked.of_people(answer.people), self._draft):
                return answer
            yield self._found

    def _settled(self, window: Window, free: Collection[int]) -> Iterator[Values]:
        """The best of the plans that disturb as few people. `free`: the assignments of the window's days: no plan that
        is as good changes anything on another day.
        """
        before = self._found
        if self._costs_of_best.cells <= least_changed(self._linked.program, self.costs[Tier.COVER]):
            is_proven = self._find_fairest(free, STEPS_OF_ALL) or self._find_best(free)
        else:
            is_proven = self._find_best_of_only_group(window)
            if not is_proven:
                is_proven = self._find_best(free)
                answer = yield from self._lowered(window.needs_cells)
                if not answer.is_least:
                    return
        is_proven = is_proven or self._find_fairest(free, self._remaining.steps)
        if self._found is not before:
            yield self._found
        self.bounds = {tier: self.costs[tier] for tier in (Tier.COVER, Tier.CHANGES)}
        self.bounds |= {Tier.RULES: self.costs[Tier.RULES] if is_proven else 0}

    def _find_best_of_only_group(self, window: Window) -> bool:
        """Looks for the best plan of the people whom the best one disturbs, over the whole month, which takes no time.
        Then asks the window; whether it is proven that no other group's changes could mend the draft at no more.
        """
        group = self._linked.who_differs(self._found, self._draft)
        part = self._within_costs(self._linked.of_people(group), self._draft, WEIGHTS_OF_CHANGES)
        self._keep_if_better(part.chosen(self._remaining, self._remaining.steps))
        return part.proven and window.other_group(self._costs_of_best, group, self._remaining, STEPS_A_PROOF).is_least

    @property
    def _found(self) -> Values:
        """The best plan; the draft if there is none yet."""
        return self._draft if self.best is None else self.best

    def _mend(self, free: Collection[int], others: Values) -> bool:
        """Looks for the best plan with the assignments as they are but for these; whether it is better, and kept."""
        part = Part(self._linked, free, others, WEIGHTS)
        return self._keep_if_better(part.chosen(self._remaining, STEPS_A_PART))

    def _keep_if_better(self, found: Values | None) -> bool:
        """Makes this the best plan, with its costs, if it is within the limits and costs less than the best so far;
        whether it does. None: no plan was found.
        """
        costs = None if found is None else cost_of(self._linked.program, found)
        if costs is None or (self.best is not None and [*costs.values()] >= [*self.costs.values()]):
            return False
        self.best, self.costs = found, costs
        return True

    @property
    def _costs_of_best(self) -> Costs:
        """What the best plan costs, in the figures that a window is asked about."""
        people, cells = divmod(self.costs[Tier.CHANGES], a_person(len(self._linked.program.days)).cost)
        return Costs(self.costs[Tier.COVER], people, cells)

    def _find_fairest(self, free: Collection[int], most_steps: float) -> bool:
        """Looks for the fairest plan of no more cover and changes; whether it is proven that none is fairer."""
        part = self._within_costs(free, self._found, {Tier.RULES: 1})
        self._keep_if_better(part.chosen(self._remaining, most_steps))
        return part.proven

    def _find_best(self, free: Collection[int]) -> bool:
        """Looks for the plan of no more cover and the fewest changes, and the fairest of these; whether it is proven
        that none is better.

        Who is disturbed is decided first, then who takes what is open, then what stays: few people leave little else.
        """
        linked = self._linked
        part = self._within_costs(free, self._draft, WEIGHTS_OF_CHANGES)
        disturbed, is_open = linked.disturbance_counters().values(), sorted(linked.lacking(self._draft))
        part.decide_first([*disturbed, *is_open, *linked.program.hint])
        self._keep_if_better(part.chosen(self._remaining, self._remaining.steps, SHARE_OF_A_CHOICE))
        return part.proven

    def _within_costs(self, free: Collection[int], others: Values, weights: Mapping[Tier, int]) -> Part:
        """The assignments as they are but for these, which cost no more cover and changes."""
        program, within = self._linked.program, {tier: self.costs[tier] for tier in (Tier.COVER, Tier.CHANGES)}
        part = Part(self._linked, free, others, weights, within)
        part.keep(program.hint, least_kept(program, *within.values()))
        return part
