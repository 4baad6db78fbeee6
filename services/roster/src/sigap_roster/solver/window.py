"""What a plan costs at least, as far as some days show it: limits that other days could ease are left out.

If a plan costs no more than that, no plan is better. And no plan that is as good changes anything on another day:
without that change it would cost less than the least.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from typing import Any, NamedTuple

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit, Tier, a_person
from sigap_roster.solver.limits import limited
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.remaining import FOUND, Remaining


class Answer(NamedTuple):
    """`is_least`: it is proven that no plan costs less. `people`: whose changes could do at less cost, by their
    numbers, as far as the days show it; none: nobody's.
    """

    is_least: bool
    people: Set[int] = frozenset()


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
        self._people: list[cp_model.IntVar] = []
        self._cells: list[cp_model.IntVar] = []
        for number in linked.touched(self._variables):
            self._add(linked.limit(number))

    def is_least(self, cover: int, people: int, cells: int, remaining: Remaining, most_steps: float) -> Answer:
        """Whether it is proven that no plan costs less: cover first, then people, then assignments. If the days allow a
        plan with fewer changes, also whom it disturbs.
        """
        covered = cp_model.LinearExpr.weighted_sum([one for one, _ in self._cover], [cost for _, cost in self._cover])
        disturbed = sum(self._people)
        if cover and not self._asked((covered <= cover - 1,), remaining, most_steps, by_people=False).is_least:
            return Answer(False)
        fewer_people = (covered <= cover, disturbed <= people - 1)
        fewer_cells = (covered <= cover, disturbed <= people, sum(self._cells) <= cells - 1)
        for fewer in (fewer_people, fewer_cells) if cells else ():
            answer = self._asked(fewer, remaining, most_steps)
            if not answer.is_least:
                return answer
        return Answer(True)

    def _asked(
        self, limits: Sequence[Any], remaining: Remaining, most_steps: float, *, by_people: bool = True
    ) -> Answer:
        """Whether it is proven that no plan of the days is within these limits; if there is one, whom it disturbs.
        `by_people`: the solver decides first who is disturbed, which finds soon that few people cannot do.
        """
        model = self._model.clone()
        for one in limits:
            model.add(one)
        solver = remaining.solver(most_steps)
        if by_people:
            first = [model.get_int_var_from_proto_index(one.index) for one in self._people]
            model.add_decision_strategy(first, cp_model.CHOOSE_FIRST, cp_model.SELECT_MAX_VALUE)
            solver.parameters.search_branching = cp_model.FIXED_SEARCH
            solver.parameters.linearization_level = 0
            solver.parameters.cp_model_probing_level = 0
            solver.parameters.symmetry_level = 0
        status = remaining.solved(solver, model)
        people = self._disturbed(solver) if status in FOUND else frozenset()
        return Answer(status == cp_model.INFEASIBLE, people)

    def _disturbed(self, solver: cp_model.CpSolver) -> Set[int]:
        """The numbers of the people whose assignments the plan changes."""
        program = self._linked.program
        return frozenset(
            program.people[n]
            for n, variable in self._variables.items()
            if n < len(program.days) and solver.value(variable) != self._draft.get(n, 0)
        )

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
            self._people.append(units)
        else:
            self._cells.append(units)
