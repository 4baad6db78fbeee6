"""The best plan as one whole plan of each person: column generation (Dantzig and Wolfe 1960).

A linear program mixes plans of each person, so that the limits that people share hold. What a unit of such a limit is
worth there says which further plan of a person would help. When none would, no mixture is better, and so no plan. This
bound is far higher than one that sees single assignments. Then one plan of each person is chosen from those that are
known. If that costs more than the bound, all plans are listed that a better answer could hold, and the best choice from
these is the answer.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import ceil, gcd
from typing import NamedTuple

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Program, Tier, completed
from sigap_roster.solver.by_person import ByPerson
from sigap_roster.solver.choice import Choice, Plans
from sigap_roster.solver.mixture import Mixed, Mixture
from sigap_roster.solver.personal_plans import SCALE, PersonalPlan
from sigap_roster.solver.remaining import FOUND, Remaining

STEADY = 0.5
"""How much of the prices that gave the best bound is kept. Without it prices swing, and it takes far more rounds."""
STEPS_A_PLAN, STEPS_A_CHOICE = 1.0, 5.0
"""The most of the solver's own steps for one plan of one person, and for a choice of one plan of each."""
ROUNDS_A_PERSON = 5
"""How often plans are learned at most after somebody's plan is settled."""
Values = Mapping[int, int]


class Columns:
    """Of a program in which the tiers before `tier` cost nothing. Costs of those after it are left out.

    `start`: a plan, its variables that are not 0. `best`: the best one so far, of this `cost`. No plan costs less than
    `bound`.
    """

    def __init__(self, program: Program, tier: Tier, start: Values, cost: int, remaining: Remaining) -> None:
        self._program, self._remaining = program, remaining
        self._parts = ByPerson(program, tier)
        self._mixture = Mixture(program, self._parts)
        self._people = self._parts.people(program)
        self._plans: list[dict[PersonalPlan, None]] = [{} for _ in self._people]
        self.best, self.cost, self.bound = start, cost, 0
        self._step = gcd(*(limit.price.cost for limit in self._parts.limits if limit.price.cost))
        self._prices = _Prices([0] * len(self._parts.shared), [0] * len(self._people), 0)
        for number, person in enumerate(self._people):
            self._learn(number, person.plan(start))

    @property
    def proven(self) -> bool:
        return self.bound >= self.cost

    def made(self) -> Iterator[Values]:
        """Each plan that is better than the one before."""
        self._generate()
        if self._dive():
            yield self.best
        if not self.proven and self._choose(self._plans, self.cost - self._step) in FOUND:
            yield self.best
        yield from self._prove()

    def _generate(self) -> None:
        """Learns plans until no further one would help, or there is no time."""
        mixed, steady = self._mixture.solved(self._remaining), STEADY
        while mixed and not self.proven and self._whole(mixed.cost) > self.bound:
            prices = [
                round(steady * old + (1 - steady) * new) for old, new in zip(self._prices.of, mixed.prices, strict=True)
            ]
            priced = self._price(prices)
            if priced is None:
                return
            self._raise_bound(prices, priced.leasts)
            if not priced.learned and not steady:
                return
            steady = STEADY if priced.learned else 0.0
            if priced.learned:
                mixed = self._mixture.solved(self._remaining)

    def _price(self, prices: Sequence[int], but: Collection[int] = ()) -> "_Priced | None":
        """Learns the plans that these prices lead to, but of some people; None: there was no time."""
        leasts, learned = [], 0
        for number, person in enumerate(self._people):
            if number not in but:
                found = person.priced(prices, self._remaining, STEPS_A_PLAN)
                if found is None:
                    return None
                leasts.append(found.least)
                learned += sum(self._learn(number, plan) for plan in found.plans)
        return _Priced(leasts, learned)

    def _raise_bound(self, prices: Sequence[int], leasts: Sequence[int]) -> None:
        told = _Prices(prices, leasts, self._parts.least(prices) + sum(leasts))
        if told.bound >= self._prices.bound:
            self._prices = told
            self.bound = max(self.bound, self._whole(told.bound / SCALE))

    def _whole(self, cost: float) -> int:
        """The least cost from this one on that a plan can have."""
        return ceil(cost / self._step - 1e-6) * self._step

    def _learn(self, number: int, plan: PersonalPlan) -> bool:
        if plan in self._plans[number]:
            return False
        self._plans[number][plan] = None
        self._mixture.add(number, plan)
        return True

    def _dive(self) -> bool:
        """Settles the plan of one person after the other, that of which the mixture has most, and learns plans of the
        others that fit; whether what comes of it is better than the best answer.
        """
        settled: dict[int, PersonalPlan] = {}
        while not self.proven and len(settled) < len(self._people):
            mixed = self._refined(settled)
            if mixed is None or self._whole(mixed.cost) >= self.cost:
                break
            settled |= self._mixture.settle(settled)
        self._mixture.unsettle()
        if len(settled) < len(self._people):
            return False
        return self._choose([[settled[number]] for number in range(len(self._people))], self.cost - self._step) in FOUND

    def _refined(self, settled: Collection[int]) -> Mixed | None:
        """The mixture with further plans of those who are not settled."""
        mixed = self._mixture.solved(self._remaining)
        for _ in range(ROUNDS_A_PERSON if settled else 0):
            priced = self._price(mixed.prices, settled) if mixed else None
            if priced is None:
                return None  # some may have new plans, which the mixture does not know yet
            if not priced.learned:
                break
            mixed = self._mixture.solved(self._remaining)
        return mixed

    def _prove(self) -> Iterator[Values]:
        """Lists all plans of each person that an answer could hold which costs little more than the bound: if none of
        their choices does, the bound is higher.
        """
        further = 0
        while not self.proven:
            most = min(self.bound + further, self.cost - self._step)
            listed = self._listed(most)
            status = self._choose(listed, most) if listed else cp_model.UNKNOWN
            if status in FOUND:
                yield self.best
            if status == cp_model.OPTIMAL:
                self.bound = self.cost
            elif status == cp_model.INFEASIBLE:
                self.bound = most + self._step
            else:
                return  # there was no time to see whether another choice costs less
            further = max(2 * further, self._step)

    def _listed(self, most: int) -> Plans | None:
        """All plans of each person that an answer of this cost at most could hold; None: they are too many."""
        room = most * SCALE - self._prices.bound
        found = []
        for person, least in zip(self._people, self._prices.leasts, strict=True):
            plans = person.within(least + room, self._prices.of, self._remaining)
            if plans is None:
                return None
            found.append(plans)
        return found

    def _choose(self, plans: Plans, most: int) -> cp_model.CpSolverStatus:
        """Chooses one plan of each person, if that costs no more than `most`."""
        choice = Choice(self._parts, plans)
        choice.keep(self.bound, most)
        solver = self._remaining.solver(STEPS_A_CHOICE)
        status = self._remaining.solved(solver, choice.model)
        if status in FOUND:
            self.best, self.cost = completed(self._program, choice.chosen(solver)), round(solver.objective_value)
        return status


class _Priced(NamedTuple):
    """`leasts`: what each person's plan costs at least. `learned`: how many plans are new."""

    leasts: Sequence[int]
    learned: int


class _Prices(NamedTuple):
    """`of`: of a unit of each shared limit. `leasts`: what each person's plan costs at least. In parts by SCALE."""

    of: Sequence[int]
    leasts: Sequence[int]
    bound: int
