"""What a plan costs at least, as far as some days show it: limits that other days could ease are left out.

If a plan costs no more than that, no plan is better. And no plan that is as good changes anything on another day:
without that change it would cost less than the least.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from typing import Any, NamedTuple

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit, Tier, a_person, least_kept
from sigap_roster.solver.limits import limited
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.remaining import FOUND, Remaining, decide_in_order

SHARE_OF_A_PROOF = 0.25
"""Of the effort that is left, the most that one question may take: it may be one that the window cannot answer."""


class Answer(NamedTuple):
    """`is_least`: it is proven that there is no plan such as was asked for. `people`: a group whose changes could mend
    the draft so, by their numbers, as far as the days show it; none: no group's could, or there was no time.
    """

    is_least: bool
    people: Set[int] = frozenset()


class Costs(NamedTuple):
    """What a plan costs: its cover, the people whom it disturbs, and the assignments that it changes."""

    cover: int
    people: int
    cells: int


class Window:
    """The assignments of some days, under those limits that other days cannot ease. What they cost on other days is
    left out.
    """

    def __init__(self, linked: Linked, days: Collection[int], draft: Mapping[int, int]) -> None:
        self._linked, self._draft = linked, draft
        self._model = cp_model.CpModel()
        self._variables: dict[int, cp_model.IntVar] = {}
        for n in sorted(linked.with_counters(linked.on_days(days))):
            self._variables[n] = self._model.new_int_var(0, linked.program.highest[n], "")
        self._disturbs = a_person(len(linked.program.days))
        self._cover: list[tuple[cp_model.IntVar, int]] = []
        self._people: dict[int, cp_model.IntVar] = {}
        self._cells: list[cp_model.IntVar] = []
        for number in linked.touched(self._variables):
            self._add(linked.limit(number))

    def needs_people(self, costs: Costs, remaining: Remaining, most_steps: float) -> Answer:
        """Whether it is proven that no plan has less cover, or as little and disturbs fewer people."""
        covered = self._cover_cost() <= costs.cover - 1
        if costs.cover and not self._asked((covered,), remaining, most_steps, by_people=False).is_least:
            return Answer(False)
        if not costs.people:
            return Answer(True)
        return self._asked(self._within(costs._replace(people=costs.people - 1)), remaining, most_steps)

    def needs_cells(self, costs: Costs, remaining: Remaining, most_steps: float) -> Answer:
        """Whether it is proven that no plan of this cover and so many people changes fewer assignments."""
        return self._asked(self._within_cells(costs._replace(cells=costs.cells - 1)), remaining, most_steps)

    def other_group(self, costs: Costs, known: Set[int], remaining: Remaining, most_steps: float) -> Answer:
        """Whether it is proven that the known people are the only group whose changes could mend the draft at no more
        than these costs; else another such group, as far as the days show it. It must be proven already that no smaller
        group could.
        """
        others = sum(self._people[who] for who in known) <= costs.people - 1
        return self._asked([*self._within_cells(costs), others], remaining, most_steps)

    def _within_cells(self, costs: Costs) -> Sequence[Any]:
        """How much of the draft stays follows from these costs. The solver finds that out only in a long search."""
        drafted = self._linked.program.hint
        free = [self._variables[n] for n in drafted if n in self._variables]
        least = least_kept(self._linked.program, costs.cover, costs.cells) - (len(drafted) - len(free))
        return *self._within(costs), sum(self._cells) <= costs.cells, sum(free) >= least

    def _within(self, costs: Costs) -> Sequence[Any]:
        return self._cover_cost() <= costs.cover, sum(self._people.values()) <= costs.people

    def _asked(
        self,
        limits: Sequence[Any],
        remaining: Remaining,
        most_steps: float,
        *,
        by_people: bool = True,
    ) -> Answer:
        """Whether it is proven that no plan of the days is within these limits; if there is one, whom it disturbs.
        `by_people`: the solver decides first who is disturbed, which shows soon that few people do not suffice.
        """
        model = self._model.clone()
        for one in limits:
            model.add(one)
        solver = remaining.solver(most_steps, SHARE_OF_A_PROOF)
        if by_people:
            first = [model.get_int_var_from_proto_index(one.index) for one in self._people.values()]
            decide_in_order(solver, model, first)
        status = remaining.solved(solver, model)
        people = self._disturbed(solver) if status in FOUND else frozenset()
        return Answer(status == cp_model.INFEASIBLE, people)

    def _cover_cost(self) -> cp_model.LinearExprT:
        return cp_model.LinearExpr.weighted_sum([one for one, _ in self._cover], [cost for _, cost in self._cover])

    def _disturbed(self, solver: cp_model.CpSolver) -> Set[int]:
        """The numbers of the people whose assignments the plan changes."""
        others = {n: value for n, value in self._draft.items() if n not in self._variables}
        own = {n: value for n, variable in self._variables.items() if (value := solver.value(variable))}
        return self._linked.who_differs(others | own, self._draft)

    def _add(self, limit: Limit) -> None:
        price = limit.price
        if price.cost and price.tier is Tier.RULES:
            return
        own = tuple((n, factor) for n, factor in limit.terms if n in self._variables)
        others = [(n, factor) for n, factor in limit.terms if n not in self._variables]
        room = limit.most
        if price.tier is Tier.CHANGES and price.cost:
            room -= sum(factor * self._draft.get(n, 0) for n, factor in others)  # unchanged is cheapest
        elif any(factor < 0 for _, factor in others):
            return
        units = limited(self._model, self._variables, Limit(own, room, price), self._linked.program.highest)
        if units is None:
            return
        if price.tier is Tier.COVER:
            self._cover.append((units, price.cost))
        elif price == self._disturbs:
            [(counter, _)] = own
            changes = self._linked.assignments([counter])
            self._people[self._linked.program.people[min(changes)]] = units
        else:
            self._cells.append(units)
