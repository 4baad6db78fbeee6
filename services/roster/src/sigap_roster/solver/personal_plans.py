"""One person's part of a program: which whole plans the person can have, and which of them is worth most."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit, Program, completed, units_above
from sigap_roster.solver.limits import limited
from sigap_roster.solver.remaining import FOUND, Remaining

SCALE = 10_000
"""Prices are whole numbers of this part of a cost, so that a bound made of them is exact."""
MOST_PLANS = 5_000
"""Of one person, that are listed."""


class PersonalPlan(NamedTuple):
    """`assignments`: those that it makes. `cost`: what it costs by itself. `adds`: what it adds to the sum of each
    shared limit, by the limit's number.
    """

    assignments: tuple[int, ...]
    cost: int
    adds: tuple[tuple[int, int], ...]


class Priced(NamedTuple):
    """`least`: no plan of the person costs less at these prices, in parts of a cost by SCALE."""

    plans: Sequence[PersonalPlan]
    least: int


class Person:
    """`variables`: the person's own. `limits`: of these alone. `shared`: by variable the shared limits that it is in,
    by their numbers, with its factors.
    """

    def __init__(
        self,
        program: Program,
        variables: Sequence[int],
        limits: Sequence[Limit],
        shared: Mapping[int, Sequence[tuple[int, int]]],
    ) -> None:
        self._program, self._limits, self._shared = program, limits, shared
        self._assignments = [n for n in variables if n < len(program.days)]
        self._counters = [n for n in variables if n >= len(program.days)]
        self._pricing = _Model(program, variables, limits)

    def plan(self, chosen: Iterable[int]) -> PersonalPlan:
        """The plan with these assignments; those of others are left out."""
        made = {*chosen}
        assignments = tuple(n for n in self._assignments if n in made)
        values = completed(self._program, assignments, self._counters)
        adds: dict[int, int] = {}
        for variable, value in values.items():
            for limit, factor in self._shared.get(variable, ()):
                adds[limit] = adds.get(limit, 0) + factor * value
        cost = sum(limit.price.cost * units_above(limit, values) for limit in self._limits if limit.price.cost)
        return PersonalPlan(assignments, cost, tuple(sorted(adds.items())))

    def priced(self, prices: Sequence[int], remaining: Remaining, most_steps: float) -> Priced | None:
        """The cheapest plan if each unit of a shared limit has this price, with others that were found on the way;
        None: there was no time for any.
        """
        model = self._pricing
        model.minimize(self._worth(prices))
        seen = _Seen(model.variables, self._assignments)
        solver = remaining.solver(most_steps)
        status = remaining.solved(solver, model.model, seen)
        if status not in FOUND:
            return None
        return Priced([self.plan(chosen) for chosen in seen.plans], ceil(solver.best_objective_bound - 0.5))

    def within(self, most: int, prices: Sequence[int], remaining: Remaining) -> Sequence[PersonalPlan] | None:
        """All plans that cost no more than that at these prices; None: there are too many, or there was no time."""
        model = _Model(self._program, [*self._assignments, *self._counters], self._limits)
        model.determine(self._program, self._counters)
        model.keep(self._worth(prices), most)
        seen = _Seen(model.variables, self._assignments, MOST_PLANS)
        solver = remaining.solver(remaining.steps)
        solver.parameters.enumerate_all_solutions = True
        status = remaining.solved(solver, model.model, seen)
        is_all = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        return [self.plan(chosen) for chosen in seen.plans] if is_all else None

    def _worth(self, prices: Sequence[int]) -> Mapping[int, int]:
        """What each variable adds to the cost at these prices."""
        return {n: sum(prices[limit] * factor for limit, factor in of) for n, of in self._shared.items()}


class _Model:
    """The person's variables and limits, for the solver."""

    def __init__(self, program: Program, variables: Sequence[int], limits: Sequence[Limit]) -> None:
        self.model = cp_model.CpModel()
        self.variables = {n: self.model.new_int_var(0, program.highest[n], "") for n in variables}
        self._units: list[tuple[cp_model.IntVar, Limit]] = []
        for limit in limits:
            units = limited(self.model, self.variables, limit, program.highest)
            if units is not None:
                self._units.append((units, limit))

    def minimize(self, worth: Mapping[int, int]) -> None:
        self.model.minimize(self._cost(worth))

    def keep(self, worth: Mapping[int, int], most: int) -> None:
        self.model.add(self._cost(worth) <= most)

    def _cost(self, worth: Mapping[int, int]) -> cp_model.LinearExprT:
        terms = [(self.variables[n], factor) for n, factor in worth.items() if factor]
        terms += [(units, limit.price.cost * SCALE) for units, limit in self._units]
        return cp_model.LinearExpr.weighted_sum([term for term, _ in terms], [factor for _, factor in terms])

    def determine(self, program: Program, counters: Iterable[int]) -> None:
        """Lets all follow from the assignments, so that each plan is one solution."""
        for counter in counters:
            counted = program.made_of[counter - len(program.days)]
            told = [self.variables[one] if one >= 0 else 1 - self.variables[~one] for one in counted]
            self.model.add_min_equality(self.variables[counter], [program.highest[counter], sum(told)])
        for units, limit in self._units:
            total = sum(factor * self.variables[n] for n, factor in limit.terms) - limit.most
            lowest, highest = _range(limit, program.highest)
            exact = self.model.new_int_var(-(-lowest // limit.price.unit), -(-highest // limit.price.unit), "")
            self.model.add(limit.price.unit * exact >= total)
            self.model.add(limit.price.unit * exact <= total + limit.price.unit - 1)
            self.model.add_max_equality(units, [0, exact])


def _range(limit: Limit, highest: Sequence[int]) -> tuple[int, int]:
    """How far the sum can be from the limit, below and above it."""
    lowest = sum(min(factor, 0) * highest[n] for n, factor in limit.terms)
    return lowest - limit.most, sum(max(factor, 0) * highest[n] for n, factor in limit.terms) - limit.most


class _Seen(cp_model.CpSolverSolutionCallback):
    """Collects the plans that the solver finds, as assignments; it ends the search after `most`."""

    def __init__(
        self, variables: Mapping[int, cp_model.IntVar], assignments: Sequence[int], most: int | None = None
    ) -> None:
        super().__init__()
        self._variables, self._assignments, self._most = variables, assignments, most
        self.plans: list[Sequence[int]] = []

    def on_solution_callback(self) -> None:
        self.plans.append([n for n in self._assignments if self.value(self._variables[n])])
        if self._most is not None and len(self.plans) > self._most:
            self.stop_search()
