"""The linear program of column generation: how much of each known plan of each person."""

from collections.abc import Collection, Mapping, Sequence
from math import ceil
from typing import NamedTuple

from ortools.linear_solver import pywraplp

from sigap_roster.domain.program import Limit, Program
from sigap_roster.solver.by_person import ByPerson
from sigap_roster.solver.personal_plans import SCALE, PersonalPlan
from sigap_roster.solver.remaining import Remaining

PIVOTS_A_STEP = 20_000
"""How many pivots count as one of the solver's own steps."""
NEARLY_ALL = 0.99
"""Of a person, a share of one plan that is as good as the whole."""


class Mixed(NamedTuple):
    """`prices`: of a unit of each shared limit, in parts by SCALE."""

    cost: float
    prices: Sequence[int]


class Mixture:
    """The linear program: how much of each known plan of each person. It goes on from its last answer."""

    def __init__(self, program: Program, parts: ByPerson) -> None:
        self._solver = pywraplp.Solver.CreateSolver("CLP")
        self._solver.Objective().SetMinimization()
        self._shared = parts.shared
        self._one: dict[int, pywraplp.Constraint] = {}
        self._shares: dict[int, list[tuple[pywraplp.Variable, PersonalPlan]]] = {}
        endless = self._solver.infinity()
        self._limits = [self._solver.Constraint(-endless, limit.most) for limit in parts.shared]
        for n in parts.linking:
            linking = self._solver.NumVar(0, program.highest[n], "")
            for number, factor in parts.shared_of[n]:
                self._limits[number].SetCoefficient(linking, factor)
        for limit, row in zip(parts.shared, self._limits, strict=True):
            if limit.price.cost:
                units = self._solver.NumVar(0, endless, "")
                row.SetCoefficient(units, -limit.price.unit)
                self._solver.Objective().SetCoefficient(units, limit.price.cost)

    def add(self, person: int, plan: PersonalPlan) -> None:
        """Adds a plan of this person."""
        share = self._solver.NumVar(0, self._solver.infinity(), "")
        if person not in self._one:
            self._one[person] = self._solver.Constraint(1, 1)
            self._shares[person] = []
        self._shares[person].append((share, plan))
        self._one[person].SetCoefficient(share, 1)
        for number, adds in plan.adds:
            self._limits[number].SetCoefficient(share, adds)
        self._solver.Objective().SetCoefficient(share, plan.cost)

    def solved(self, remaining: Remaining) -> Mixed | None:
        """None: there was no time for the best mixture."""
        self._solver.SetTimeLimit(ceil(remaining.seconds * 1000))
        if remaining.is_over or self._solver.Solve() != self._solver.OPTIMAL:
            return None
        remaining.spend(self._solver.iterations() / PIVOTS_A_STEP)
        prices = [
            _within(-row.dual_value() * SCALE, limit) for limit, row in zip(self._shared, self._limits, strict=True)
        ]
        return Mixed(self._solver.Objective().Value(), prices)

    def settle(self, settled: Collection[int]) -> Mapping[int, PersonalPlan]:
        """Of those whose plan is not settled yet, settles the plan that the mixture has most of: of everybody who has
        nearly all of one, or else of one person.
        """
        most = {}
        for person, shares in self._shares.items():
            if person not in settled:
                share, plan = max(shares, key=lambda one: one[0].solution_value())
                most[person] = share.solution_value(), share, plan
        least = min(NEARLY_ALL, max(value for value, _, _ in most.values()))
        found: dict[int, PersonalPlan] = {}
        for person, (value, share, plan) in most.items():
            if value >= NEARLY_ALL or (value == least and not found):
                share.SetLb(1)
                found[person] = plan
        return found

    def unsettle(self) -> None:
        """Lets the mixture have any share of each plan again."""
        for shares in self._shares.values():
            for share, _ in shares:
                share.SetLb(0)


def _within(price: float, limit: Limit) -> int:
    """A price that a bound can be made of: no more than what passing the limit costs."""
    most = limit.price.cost * SCALE // limit.price.unit if limit.price.cost else None
    told = max(0, round(price))
    return told if most is None else min(told, most)
