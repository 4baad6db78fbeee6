"""Solves an integer program with OR-Tools' CP-SAT. The solving process alone loads it: it takes a second and 100 MB."""

import random
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from time import monotonic
from typing import Any

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit, Program, Tier, completed, cost_of, is_better, units_above
from sigap_roster.solver.columns import Columns
from sigap_roster.solver.first_plan import FirstPlan
from sigap_roster.solver.limits import limited
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.neighbourhoods import Neighbourhoods
from sigap_roster.solver.remaining import FOUND, Remaining
from sigap_roster.solver.repair import Repair
from sigap_roster.solver.wire import Effort

PARTS_BEFORE, SHARE_OF_COLUMNS, PARTS_AFTER = 0.15, 0.6, 0.5
"""How much of the effort that is left each of these may take, one after the other: the search part by part; whole plans
of people; and if these do not prove that no plan of the last tier is better, the search part by part again.
"""
SHARE_OF_A_TIER = 0.5
"""How much of the effort that is left a tier may take, if another follows."""

Tell = Callable[[Mapping[str, Any]], None]


class Solving:
    """One program on its way: tier by tier, each with what those before it cost as a limit."""

    def __init__(self, program: Program, effort: Effort, tell: Tell) -> None:
        self._program, self._tell = program, tell
        self._begun, self._remaining, self._linked = monotonic(), Remaining(effort), Linked(program)
        self._dice = random.Random(effort.seed)  # noqa: S311  # a second search part by part tries other parts
        self._proven = True

    def solve(self) -> Iterator[Mapping[str, Any]]:
        """The first plans, then after each tier what is known; the last one is the answer."""
        draft = completed(self._program, self._program.hint)
        if self._program.hint and any(limit.price.tier is Tier.CHANGES for limit in self._program.limits):
            repair = Repair(self._linked, draft, self._remaining)
            yield from map(_early, repair.made())
            if repair.best is not None and repair.bounds is not None:
                yield _proven(repair.best, repair.costs, repair.bounds)
                return
            hint = draft if repair.best is None else repair.best
        else:
            hint = yield from self._first_plans(draft)
        yield from self._search(hint)

    def _first_plans(self, draft: Mapping[int, int]) -> Generator[Mapping[str, Any], None, Mapping[int, int]]:
        """Plans that a planner can look at while the search goes on; the best of them. They begin with the draft if it
        fills all seats, or else with nothing.
        """
        costs = cost_of(self._program, draft)
        is_full = costs is not None and not costs[Tier.COVER]
        best = draft
        for plan in FirstPlan(self._linked, draft if is_full else {}, self._remaining).made():
            if is_better(self._program, plan, best):
                best = plan
                yield _early(plan)
        if cost_of(self._program, best) is not None:
            best = yield from self._by_parts(best, PARTS_BEFORE)
        return best

    def _by_parts(self, best: Mapping[int, int], share: float) -> Generator[Mapping[str, Any], None, Mapping[int, int]]:
        """Better plans, found part by part; the best of them."""
        for plan in Neighbourhoods(self._linked, best, self._remaining.part(share), self._dice).made():
            best = plan
            yield _early(plan)
        return best

    def _search(self, plan: Mapping[int, int]) -> Iterator[Mapping[str, Any]]:
        """The whole program, tier by tier. It begins with a plan, its values that are not 0."""
        self._write()
        tiers = sorted(self._costs) or [Tier.RULES]
        costs: dict[str, Any] = {}
        for tier in tiers:
            is_last, bound = tier == tiers[-1], 0
            known = cost_of(self._program, plan)
            if known is not None and not any(known[one] for one in tiers if one < tier):
                cost = known[tier]
                if cost:
                    columns = Columns(self._program, tier, plan, cost, self._remaining.part(SHARE_OF_COLUMNS))
                    yield from map(_early, columns.made())
                    plan, bound, cost = columns.best, columns.bound, columns.cost
                if cost > bound and is_last:
                    plan = yield from self._by_parts(plan, PARTS_AFTER)
                    cost = (cost_of(self._program, plan) or known)[tier]
                if cost == bound:
                    self._keep(tier, bound, costs, bound=bound)
                    if is_last:
                        yield _answer(plan, costs, proven=self._proven)
                    continue
            self._hint(plan)
            solver = self._run(tier, bound, is_last=is_last)
            if solver is None:
                best = plan if known is not None else completed(self._program, ())
                if cost_of(self._program, best) is not None:
                    yield _answer(best, costs, proven=False)
                return
            self._keep(tier, round(solver.objective_value), costs, bound=round(solver.best_objective_bound))
            plan = self._chosen(solver)
            yield _answer(plan, costs, proven=self._proven, is_last=is_last)

    def _write(self) -> None:
        self._model = cp_model.CpModel()
        self._variables = [self._model.new_int_var(0, highest, "") for highest in self._program.highest]
        self._costs: defaultdict[Tier, list[tuple[cp_model.IntVar, int]]] = defaultdict(list)
        self._units: list[tuple[cp_model.IntVar, Limit]] = []
        for limit in self._program.limits:
            self._add(limit)

    def _chosen(self, solver: cp_model.CpSolver) -> Mapping[int, int]:
        """The variables that are not 0."""
        return {n: found for n, variable in enumerate(self._variables) if (found := solver.value(variable))}

    def _keep(self, tier: Tier, cost: int, costs: dict[str, Any], *, bound: int) -> None:
        """Notes what the tier costs, which is a limit of those after it."""
        costs[tier.name.lower()] = {"cost": cost, "bound": bound}
        self._model.add(self._cost(tier) <= cost)

    def _add(self, limit: Limit) -> None:
        units = limited(self._model, self._variables, limit, self._program.highest)
        if units is not None:
            self._costs[limit.price.tier].append((units, limit.price.cost))
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

    def _run(self, tier: Tier, least: int, *, is_last: bool) -> cp_model.CpSolver | None:
        """The solver with its answer for this tier, which costs `least` or more; None if there was no time for any."""
        self._model.add(self._cost(tier) >= least)
        solver = self._remaining.solver(self._remaining.steps, 1.0 if is_last else SHARE_OF_A_TIER)
        solver.parameters.interleave_search = True
        self._model.minimize(self._cost(tier))
        status = self._remaining.solved(solver, self._model, _Told(tier, self._begun, self._tell))
        self._proven = self._proven and status == cp_model.OPTIMAL
        return solver if status in FOUND else None


def _answer(
    plan: Mapping[int, int], costs: Mapping[str, Any], *, proven: bool, is_last: bool = True
) -> Mapping[str, Any]:
    return {"chosen": [*plan], "costs": costs, "proven": proven, "is_last": is_last}


def _early(plan: Mapping[int, int]) -> Mapping[str, Any]:
    return _answer(plan, {}, proven=False, is_last=False)


def _proven(plan: Mapping[int, int], costs: Mapping[Tier, int], bounds: Mapping[Tier, int]) -> Mapping[str, Any]:
    """The answer if it is known what each tier costs at least."""
    told = {tier.name.lower(): {"cost": costs[tier], "bound": bound} for tier, bound in bounds.items()}
    return _answer(plan, told, proven=all(costs[tier] == bounds[tier] for tier in bounds))


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
