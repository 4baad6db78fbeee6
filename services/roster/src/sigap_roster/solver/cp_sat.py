"""Solves an integer program with OR-Tools' CP-SAT. The solving process alone loads it: it takes a second and 100 MB."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit, Program, Tier
from sigap_roster.solver.first_plan import FirstPlan
from sigap_roster.solver.wire import Effort

FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)
SHARE_OF_A_TIER = 0.5
"""How much of the effort that is left a tier may take, if another follows."""

Tell = Callable[[Mapping[str, Any]], None]


class Solving:
    """One program on its way: tier by tier, each with what those before it cost as a limit."""

    def __init__(self, program: Program, effort: Effort, tell: Tell) -> None:
        self._program, self._effort, self._tell = program, effort, tell
        self._model = cp_model.CpModel()
        self._variables = [self._model.new_int_var(0, highest, "") for highest in program.highest]
        self._costs: defaultdict[Tier, list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
        for limit in program.limits:
            self._add(limit)
        self._begun, self._steps = monotonic(), 0.0
        self._proven = True

    def solve(self) -> Iterator[Mapping[str, Any]]:
        """The first plans, then after each tier what is known; the last one is the answer."""
        hint: Mapping[int, int] = dict.fromkeys(self._program.hint, 1)
        if not hint and self._program.days:
            first = FirstPlan(self._program, self._effort.seed)
            for hint in first.made():
                yield self._first(hint)
            self._steps = first.steps
        self._hint(hint)
        tiers = sorted(self._costs) or [Tier.RULES]
        costs: dict[str, Any] = {}
        for tier in tiers:
            solver = self._run(tier, is_last=tier == tiers[-1])
            if solver is None:
                break
            value = round(solver.objective_value)
            costs[tier.name.lower()] = {"cost": value, "bound": round(solver.best_objective_bound)}
            chosen = {n: found for n, variable in enumerate(self._variables) if (found := solver.value(variable))}
            yield {"chosen": [*chosen], "costs": costs, "proven": self._proven, "is_last": tier == tiers[-1]}
            self._model.add(self._cost(tier) <= value)
            self._hint(chosen)

    def _first(self, plan: Mapping[int, int]) -> Mapping[str, Any]:
        """The first plan, which a planner can look at while the search goes on."""
        return {"chosen": [*plan], "costs": {}, "proven": False, "is_last": False}

    def _add(self, limit: Limit) -> None:
        factors = [factor for _, factor in limit.terms]
        total = cp_model.LinearExpr.weighted_sum([self._variables[n] for n, _ in limit.terms], factors)
        price = limit.price
        if not price.cost:
            self._model.add(total <= limit.most)
            return
        highest = self._program.highest
        above = sum(max(factor, 0) * highest[n] for n, factor in limit.terms) - limit.most
        units = self._model.new_int_var(0, -(-above // price.unit), "")
        self._model.add(total - price.unit * units <= limit.most)
        self._costs[price.tier].append((units, price.cost))

    def _cost(self, tier: Tier) -> cp_model.LinearExprT:
        units = [units for units, _ in self._costs[tier]]
        return cp_model.LinearExpr.weighted_sum(units, [cost for _, cost in self._costs[tier]])

    def _hint(self, values: Mapping[int, int]) -> None:
        self._model.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools names no types here
        for n, variable in enumerate(self._variables):
            self._model.add_hint(variable, values.get(n, 0))

    def _run(self, tier: Tier, *, is_last: bool) -> cp_model.CpSolver | None:
        """The solver with its answer for this tier; None if there was no time for any."""
        share = 1.0 if is_last else SHARE_OF_A_TIER
        solver = cp_model.CpSolver()
        solver.parameters.random_seed = self._effort.seed
        solver.parameters.num_workers = 1  # with more of them the answer depends on their race
        solver.parameters.interleave_search = True
        solver.parameters.max_deterministic_time = share * max(0.0, self._effort.steps - self._steps)
        solver.parameters.max_time_in_seconds = share * max(0.0, self._effort.seconds - (monotonic() - self._begun))
        self._model.minimize(self._cost(tier))
        status = solver.solve(self._model, _Told(tier, self._begun, self._tell))
        self._steps += solver.response_proto.deterministic_time
        self._proven = self._proven and status == cp_model.OPTIMAL
        return solver if status in FOUND else None


class _Told(cp_model.CpSolverSolutionCallback):
    """Tells of each better answer."""

    def __init__(self, tier: Tier, begun: float, tell: Tell) -> None:
        super().__init__()
        self._tier, self._begun, self._told = tier, begun, tell

    def on_solution_callback(self) -> None:
        self._told(
            {
                "tier": self._tier.name.lower(),
                "cost": round(self.objective_value),
                "bound": round(self.best_objective_bound),
                "seconds": round(monotonic() - self._begun, 1),
            }
        )
