"""A part of a program: some assignments are free, and all others are as they are."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit, Tier, completed, units_above
from sigap_roster.solver.limits import limited
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.remaining import FOUND, Remaining, decide_in_order


class Part:
    """`free`: the assignments that are free, with what counts them. `values`: of all variables that are not 0.
    `weights`: of each tier that counts, what a cost of it weighs. `within`: what a tier may cost at most in all.
    `proven`: it is known that there is no better one, or none at all.
    """

    def __init__(
        self,
        linked: Linked,
        free: Collection[int],
        values: Mapping[int, int],
        weights: Mapping[Tier, int],
        within: Mapping[Tier, int] | None = None,
    ) -> None:
        self._linked, self._values, self._weights = linked, values, weights
        self.proven = False
        self._first: list[cp_model.IntVar] = []
        self._model = cp_model.CpModel()
        self._free: dict[int, cp_model.IntVar] = {}
        for n in sorted(linked.with_counters(free)):
            self._free[n] = variable = self._model.new_int_var(0, linked.program.highest[n], "")
            self._model.add_hint(variable, values.get(n, 0))
        self._costs: list[tuple[cp_model.IntVar, int, Tier]] = []
        touched = linked.touched(self._free)
        for number in touched:
            self._add(linked.limit(number), within or {})
        for tier, most in (within or {}).items():
            self._model.add(self._cost({tier: 1}) <= most - self._fixed({*touched})[tier])
        self._model.minimize(self._cost(weights))

    def keep(self, assignments: Collection[int], least: int) -> None:
        """Makes at least so many of these assignments. The solver would look for other plans for long if it follows
        from other limits.
        """
        free = [self._free[n] for n in assignments if n in self._free]
        made = sum(self._values.get(n, 0) for n in assignments if n not in self._free)
        self._model.add(sum(free) >= least - made)

    def decide_first(self, variables: Iterable[int]) -> None:
        """Tries these of the program's variables in their order, each at its highest value first."""
        self._first += [self._free[n] for n in variables if n in self._free]

    def chosen(self, remaining: Remaining, most_steps: float, share: float = 1.0) -> Mapping[int, int] | None:
        """The best values found of all variables that are not 0; None: there are none within the limits, or the steps
        did not suffice.
        """
        solver = remaining.solver(most_steps, share)
        if self._first:
            decide_in_order(solver, self._model, self._first)
        status = remaining.solved(solver, self._model)
        self.proven = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        if status not in FOUND:
            return None
        program = self._linked.program
        made = [n for n in self._values if n < len(program.days) and n not in self._free]
        made += [n for n, variable in self._free.items() if n < len(program.days) and solver.value(variable)]
        # A limit that does not count here may leave what counts assignments at any value.
        return completed(program, sorted(made))

    def _cost(self, weights: Mapping[Tier, int]) -> cp_model.LinearExprT:
        counted = [(units, cost * weights[tier]) for units, cost, tier in self._costs if tier in weights]
        return cp_model.LinearExpr.weighted_sum([units for units, _ in counted], [cost for _, cost in counted])

    def _fixed(self, touched: Collection[int]) -> Counter[Tier]:
        """What the limits cost, by tier, that nothing free is in."""
        costs: Counter[Tier] = Counter()
        for number, limit in enumerate(self._linked.program.limits):
            if limit.price.cost and number not in touched:
                costs[limit.price.tier] += limit.price.cost * units_above(limit, self._values)
        return costs

    def _add(self, limit: Limit, within: Collection[Tier]) -> None:
        """Adds a limit. One that may be passed at a price has a variable: by how much it is."""
        price = limit.price
        if price.cost and price.tier not in self._weights and price.tier not in within:
            return
        own = tuple((n, factor) for n, factor in limit.terms if n in self._free)
        room = limit.most - sum(factor * self._values.get(n, 0) for n, factor in limit.terms if n not in self._free)
        units = limited(self._model, self._free, Limit(own, room, price), self._linked.program.highest)
        if units is not None:
            self._model.add_hint(units, units_above(limit, self._values))
            self._costs.append((units, price.cost, price.tier))
