"""Solves an integer program with OR-Tools' CP-SAT. The solving process alone loads it: it takes a second and 100 MB."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit, Program, Tier, a_person, cost_of, least_kept, units_above
from sigap_roster.solver.first_plan import FirstPlan
from sigap_roster.solver.part import FOUND, steady_solver
from sigap_roster.solver.repair import Repair
from sigap_roster.solver.wire import Effort

SHARE_OF_A_TIER = 0.5
"""How much of the effort that is left a tier may take, if another follows."""

STEPS_FOR_PEOPLE = 5.0
"""The most of the solver's own steps to find a plan that disturbs fewer people."""

Tell = Callable[[Mapping[str, Any]], None]


class Solving:
    """One program on its way: tier by tier, each with what those before it cost as a limit."""

    def __init__(self, program: Program, effort: Effort, tell: Tell) -> None:
        self._program, self._effort, self._tell = program, effort, tell
        self._model = cp_model.CpModel()
        self._variables = [self._model.new_int_var(0, highest, "") for highest in program.highest]
        self._costs: defaultdict[Tier, list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
        self._units: list[tuple[cp_model.IntVar, Limit]] = []
        for limit in program.limits:
            self._add(limit)
        self._begun, self._steps = monotonic(), 0.0
        self._proven = True

    def solve(self) -> Iterator[Mapping[str, Any]]:
        """The first plans, then after each tier what is known; the last one is the answer."""
        hint: Mapping[int, int] = dict.fromkeys(self._program.hint, 1)
        if first := self._first_plans(hint):
            for hint in first.made():
                yield {"chosen": [*hint], "costs": {}, "proven": False, "is_last": False}
            self._steps = first.steps
        self._hint(hint)
        known = cost_of(self._program, hint)
        tiers = sorted(self._costs) or [Tier.RULES]
        costs: dict[str, Any] = {}
        for tier in tiers:
            if tier != tiers[-1] and known and not any(known[one] for one in Tier if one <= tier):
                self._keep(tier, 0, costs, bound=0)  # nothing costs less
                continue
            if tier == Tier.CHANGES:
                hint = self._with_fewest_people(hint)
            solver = self._run(tier, is_last=tier == tiers[-1])
            if solver is None:
                break
            self._keep(tier, round(solver.objective_value), costs, bound=round(solver.best_objective_bound))
            chosen = self._chosen(solver)
            yield {"chosen": [*chosen], "costs": costs, "proven": self._proven, "is_last": tier == tiers[-1]}
            if tier == Tier.CHANGES and self._proven and self._program.hint:
                self._keep_draft(costs)
            hint = chosen
            self._hint(hint)

    def _first_plans(self, draft: Mapping[int, int]) -> FirstPlan | Repair | None:
        """What makes the first plans, which a planner can look at while the search goes on; None: the draft is one."""
        if not self._program.days:
            return None
        if not draft:
            return FirstPlan(self._program, self._effort.seed)
        return Repair(self._program, self._effort.seed) if Tier.CHANGES in self._costs else None

    def _with_fewest_people(self, plan: Mapping[int, int]) -> Mapping[int, int]:
        """The plan, or one that disturbs fewer people, with as few changes as just these people can do. To choose the
        people first finds it soon, or that there is none.
        """
        disturbs = a_person(len(self._program.days))
        people = [(units, limit) for units, limit in self._units if limit.price == disturbs]
        while most := sum(units_above(limit, plan) for _, limit in people):
            fewer = self._model.clone()
            disturbed = [fewer.get_int_var_from_proto_index(units.index) for units, _ in people]
            fewer.add(sum(disturbed) < most)
            fewer.add_decision_strategy(disturbed, cp_model.CHOOSE_FIRST, cp_model.SELECT_MAX_VALUE)
            solver, status = self._looked_for(fewer, people_first=True)
            if status == cp_model.INFEASIBLE:
                self._model.add(sum(units for units, _ in people) >= most)
            if status not in FOUND:
                break
            theirs = self._model.clone()
            for units, _ in people:
                if not solver.value(units):
                    theirs.add(theirs.get_int_var_from_proto_index(units.index) == 0)
            theirs.minimize(self._cost(Tier.CHANGES))
            better, status = self._looked_for(theirs)
            plan = self._chosen(better if status in FOUND else solver)
            self._hint(plan)
        return plan

    def _looked_for(
        self, model: cp_model.CpModel, *, people_first: bool = False
    ) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        left = max(0.0, self._effort.steps - self._steps)
        solver = steady_solver(self._effort.seed, min(STEPS_FOR_PEOPLE, SHARE_OF_A_TIER * left))
        if people_first:
            solver.parameters.search_branching = cp_model.FIXED_SEARCH
            solver.parameters.linearization_level = 0
            solver.parameters.cp_model_probing_level = 0
            solver.parameters.symmetry_level = 0
        solver.parameters.max_time_in_seconds = max(0.0, self._effort.seconds - (monotonic() - self._begun))
        status = solver.solve(model)
        self._steps += solver.response_proto.deterministic_time
        return solver, status

    def _chosen(self, solver: cp_model.CpSolver) -> Mapping[int, int]:
        """The variables that are not 0."""
        return {n: found for n, variable in enumerate(self._variables) if (found := solver.value(variable))}

    def _keep(self, tier: Tier, cost: int, costs: dict[str, Any], *, bound: int) -> None:
        """Notes what the tier costs, which is a limit of those after it."""
        costs[tier.name.lower()] = {"cost": cost, "bound": bound}
        self._model.add(self._cost(tier) <= cost)

    def _keep_draft(self, costs: Mapping[str, Any]) -> None:
        """Says what follows from the fewest changes. The solver does not see it by itself, and would look for other
        plans for long.
        """
        least = least_kept(self._program, costs["cover"]["cost"], costs["changes"]["cost"])
        self._model.add(sum(self._variables[n] for n in self._program.hint) >= least)

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
        self._units.append((units, limit))

    def _cost(self, tier: Tier) -> cp_model.LinearExprT:
        units = [units for units, _ in self._costs[tier]]
        return cp_model.LinearExpr.weighted_sum(units, [cost for _, cost in self._costs[tier]])

    def _hint(self, values: Mapping[int, int]) -> None:
        self._model.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools names no types here
        for n, variable in enumerate(self._variables):
            self._model.add_hint(variable, values.get(n, 0))
        for units, limit in self._units:
            self._model.add_hint(units, units_above(limit, values))

    def _run(self, tier: Tier, *, is_last: bool) -> cp_model.CpSolver | None:
        """The solver with its answer for this tier; None if there was no time for any."""
        share = 1.0 if is_last else SHARE_OF_A_TIER
        solver = steady_solver(self._effort.seed, share * max(0.0, self._effort.steps - self._steps))
        solver.parameters.interleave_search = True
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
