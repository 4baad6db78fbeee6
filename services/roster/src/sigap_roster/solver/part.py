"""A part of a program: some assignments are free, and all others are as they are."""

from collections.abc import Collection, Mapping

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit, Program, Tier

FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)


def steady_solver(seed: int, steps: float) -> cp_model.CpSolver:
    """A solver that gives the same answer each time, unless its time ends before these steps of its own do."""
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = 1  # with more of them the answer depends on their race
    solver.parameters.max_deterministic_time = steps
    return solver


class Part:
    """`free`: the assignments that are free; what only helps to count always is. `values`: of all variables that are
    not 0. `weights`: of each tier that counts, what a cost of it weighs.
    """

    def __init__(
        self, program: Program, free: Collection[int], values: Mapping[int, int], weights: Mapping[Tier, int]
    ) -> None:
        self._program, self._values, self._weights = program, values, weights
        self._model = cp_model.CpModel()
        self._free: dict[int, cp_model.IntVar] = {}
        for n, highest in enumerate(program.highest):
            if n >= len(program.days) or n in free:
                self._free[n] = variable = self._model.new_int_var(0, highest, "")
                self._model.add_hint(variable, values.get(n, 0))
        costs = [cost for limit in program.limits if (cost := self._add(limit))]
        units, prices = [units for units, _ in costs], [price for _, price in costs]
        self._model.minimize(cp_model.LinearExpr.weighted_sum(units, prices))
        self.steps = 0.0

    def chosen(self, seed: int, steps: float) -> Mapping[int, int] | None:
        """The best values found of all variables that are not 0; None: there are none within the limits, or the steps
        did not suffice.
        """
        solver = steady_solver(seed, steps)
        status = solver.solve(self._model)
        self.steps += solver.response_proto.deterministic_time
        if status not in FOUND:
            return None
        found = {n: solver.value(variable) for n, variable in self._free.items()}
        return {n: value for n, value in ({**self._values} | found).items() if value}

    def _add(self, limit: Limit) -> tuple[cp_model.IntVar, int] | None:
        """Adds a limit. If it may be passed at a price: by how much it is, and what that costs."""
        own = [(n, factor) for n, factor in limit.terms if n in self._free]
        price = limit.price
        if not own or (price.cost and price.tier not in self._weights):
            return None
        room = limit.most - sum(factor * self._values.get(n, 0) for n, factor in limit.terms if n not in self._free)
        total = cp_model.LinearExpr.weighted_sum([self._free[n] for n, _ in own], [factor for _, factor in own])
        if not price.cost:
            self._model.add(total <= room)
            return None
        above = max(0, sum(max(factor, 0) * self._program.highest[n] for n, factor in own) - room)
        units = self._model.new_int_var(0, -(-above // price.unit), "")
        self._model.add(total - price.unit * units <= room)
        return units, price.cost * self._weights[price.tier]
