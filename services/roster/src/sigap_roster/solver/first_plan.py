"""Makes a first plan, week by week. The search for the whole month begins with it: from nothing it takes too long."""

from collections.abc import Collection, Iterator, Mapping

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit, Program, Tier

WINDOW_DAYS = 7
STEPS_A_WEEK = {Tier.COVER: 4.0, Tier.RULES: 1.0}
"""The most of the solver's own steps for one week. A week whose seats are all filled takes far fewer of the first."""
SEAT = 1000
"""The weight of a cost of the first tier beside one of the others: a week is covered first, and then fair."""


class FirstPlan:
    """Chooses the assignments of one week with those of the other weeks as they are. Weeks that are not chosen yet are
    empty, so a limit that must hold holds at every moment.
    """

    def __init__(self, program: Program, seed: int) -> None:
        self._program, self._seed = program, seed
        self._values: dict[int, int] = {}
        self.steps = 0.0

    def made(self) -> Iterator[Mapping[int, int]]:
        """The plan after two rounds: the first fills seats, the second also heeds what costs less. Of each plan the
        variables that are not 0.
        """
        last = max(self._program.days, default=-1)
        for tier in STEPS_A_WEEK:
            for first in range(0, last + 1, WINDOW_DAYS):
                self._choose(range(first, first + WINDOW_DAYS), tier)
            yield self._values

    def _choose(self, days: range, tier: Tier) -> None:
        week = _Week(self._program, days, self._values, tier)
        solver = cp_model.CpSolver()
        solver.parameters.random_seed = self._seed
        solver.parameters.num_workers = 1  # with more of them the answer depends on their race
        solver.parameters.max_deterministic_time = STEPS_A_WEEK[tier]
        status = solver.solve(week.model)
        self.steps += solver.response_proto.deterministic_time
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            chosen = {n: solver.value(variable) for n, variable in week.free.items()}
            self._values = {n: value for n, value in (self._values | chosen).items() if value}


class _Week:
    """The program in which only the assignments of these days, and what counts them, are free."""

    def __init__(self, program: Program, days: Collection[int], values: Mapping[int, int], tier: Tier) -> None:
        self.model = cp_model.CpModel()
        self.free: dict[int, cp_model.IntVar] = {}
        self._program, self._values, self._tier = program, values, tier
        for n, highest in enumerate(program.highest):
            if n >= len(program.days) or program.days[n] in days:
                self.free[n] = variable = self.model.new_int_var(0, highest, "")
                self.model.add_hint(variable, values.get(n, 0))
        costs = [cost for limit in program.limits if (cost := self._add(limit))]
        units, prices = [units for units, _ in costs], [price for _, price in costs]
        self.model.minimize(cp_model.LinearExpr.weighted_sum(units, prices))

    def _add(self, limit: Limit) -> tuple[cp_model.IntVar, int] | None:
        """Adds a limit. If it may be passed at a price: by how much it is, and what that costs."""
        own = [(n, factor) for n, factor in limit.terms if n in self.free]
        price = limit.price
        if not own or (price.cost and price.tier > self._tier):
            return None
        room = limit.most - sum(factor * self._values.get(n, 0) for n, factor in limit.terms if n not in self.free)
        total = cp_model.LinearExpr.weighted_sum([self.free[n] for n, _ in own], [factor for _, factor in own])
        if not price.cost:
            self.model.add(total <= room)
            return None
        above = max(0, sum(max(factor, 0) * self._program.highest[n] for n, factor in own) - room)
        units = self.model.new_int_var(0, -(-above // price.unit), "")
        self.model.add(total - price.unit * units <= room)
        return units, price.cost * (SEAT if price.tier is Tier.COVER else 1)
