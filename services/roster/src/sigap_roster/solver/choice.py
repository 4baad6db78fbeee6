"""The integer program of column generation: one of the known plans of each person."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from ortools.sat.python import cp_model

from sigap_roster.solver.by_person import ByPerson
from sigap_roster.solver.limits import limited
from sigap_roster.solver.personal_plans import PersonalPlan

Plans = Sequence[Collection[PersonalPlan]]
"""Of each person, those that may be chosen."""


class Choice:
    """A model for the solver, which chooses among `plans`."""

    def __init__(self, parts: ByPerson, plans: Plans) -> None:
        self.model = cp_model.CpModel()
        self._plans: list[tuple[cp_model.IntVar, PersonalPlan]] = []
        terms: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        variables = {n: self.model.new_int_var(0, parts.highest[n], "") for n in parts.linking}
        highest = {n: parts.highest[n] for n in parts.linking}
        for own in plans:
            chosen = [self.model.new_bool_var("") for _ in own]
            self.model.add_exactly_one(chosen)
            for variable, plan in zip(chosen, own, strict=True):
                number = ~len(self._plans)
                variables[number], highest[number] = variable, 1
                self._plans.append((variable, plan))
                for shared, adds in plan.adds:
                    terms[shared].append((number, adds))
        self._costs = [(variable, plan.cost) for variable, plan in self._plans]
        for number, limit in enumerate(parts.shared):
            own_terms = [(n, factor) for n, factor in limit.terms if n in variables]
            counted = limit._replace(terms=(*own_terms, *terms[number]))
            units = limited(self.model, variables, counted, highest)
            if units is not None:
                self._costs.append((units, limit.price.cost))

    def keep(self, least: int, most: int) -> None:
        """Asks for the least cost, which is within these."""
        cost = cp_model.LinearExpr.weighted_sum([one for one, _ in self._costs], [factor for _, factor in self._costs])
        self.model.add_linear_constraint(cost, least, most)
        self.model.minimize(cost)

    def chosen(self, solver: cp_model.CpSolver) -> Collection[int]:
        """The assignments of the plans."""
        return [n for one, plan in self._plans if solver.value(one) for n in plan.assignments]
