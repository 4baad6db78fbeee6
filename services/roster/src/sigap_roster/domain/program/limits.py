"""The integer program: variables such as a yes or no for each person and shift, and limits of their sums."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from sigap_common.regency import RosterPolicy

POLICY_COST = 10
"""What one breach of a soft policy of weight 1 costs: whole numbers are left for what weighs less."""


class Tier(IntEnum):
    """What is saved first: nothing of a later tier is worth a cost of an earlier one."""

    COVER = 0
    """Open seats, hard rules about the people of a shift, and those that what stands in the plan may break already."""
    CHANGES = 1
    """People and assignments that differ from the draft."""
    RULES = 2
    """Soft rules, wishes and fair shares."""


class Price(NamedTuple):
    """What each `unit` above a limit costs, a begun one included. `cost` 0: the limit must hold."""

    cost: int
    unit: int = 1
    tier: Tier = Tier.RULES


MUST = Price(0)
OPEN_SEAT = Price(1, tier=Tier.COVER)
"""The demand is soft in this order: minimum, leader, agency, seats. Each price is twenty of the next. That keeps the
order: whoever goes to another shift gives up a few others at most.
"""
AGENCY_MISSING = Price(20, tier=Tier.COVER)
"""One agency of a hard rule, or one person of it."""
SKILL_MISSING = Price(400, tier=Tier.COVER)
"""One person with the skill of a hard rule, such as a leader."""
BELOW_MINIMUM = Price(8_000, tier=Tier.COVER)
"""One seat of the minimum, beside OPEN_SEAT."""
UNAVOIDABLE = Price(160_000, tier=Tier.COVER)
"""Of a hard rule that what stands may break already."""


class Limit(NamedTuple):
    """The sum of the terms (a variable and its factor) is at most `most`, or more at a price."""

    terms: tuple[tuple[int, int], ...]
    most: int
    price: Price


@dataclass(frozen=True, slots=True)
class Program:
    """`highest`: of each variable, whose lowest value is 0. `hint`: those that are 1 in the draft as it is.

    The first variables are assignments. `days`: the day of each in the roster, from 0. `places`: its shift of its day,
    and `people`: its person, as numbers. Those after them only help to count. `made_of`: what each of these counts: an
    assignment, or with `~` that it is not made.
    """

    highest: Sequence[int]
    limits: Sequence[Limit]
    hint: Sequence[int]
    days: Sequence[int] = ()
    places: Sequence[int] = ()
    people: Sequence[int] = ()
    made_of: Sequence[Sequence[int]] = ()


def completed(program: Program, chosen: Iterable[int], counters: Iterable[int] | None = None) -> dict[int, int]:
    """The values of all variables that are not 0, if these assignments are made. `counters`: those of the other
    variables that are wanted, in their order; None: all.
    """
    values, first = dict.fromkeys(chosen, 1), len(program.days)
    for variable in range(first, first + len(program.made_of)) if counters is None else counters:
        if total := total_of(program.made_of[variable - first], values):
            values[variable] = min(program.highest[variable], total)
    return values


def total_of(counted: Iterable[int], values: Mapping[int, int]) -> int:
    """The sum of these, of which those with `~` count if they are 0. `values`: of all variables not 0."""
    return sum(values.get(one, 0) if one >= 0 else 1 - values.get(~one, 0) for one in counted)


def cost_of(program: Program, values: Mapping[int, int]) -> Mapping[Tier, int] | None:
    """What these values cost, by tier; None: a limit that must hold does not. `values`: of all variables not 0."""
    costs = dict.fromkeys(Tier, 0)
    for limit in program.limits:
        above = units_above(limit, values)
        if above and not limit.price.cost:
            return None
        costs[limit.price.tier] += above * limit.price.cost
    return costs


def is_better(program: Program, values: Mapping[int, int], than: Mapping[int, int]) -> bool:
    """Whether these values are within all limits that must hold and cost less than those, tier by tier, or those are
    not within them.
    """
    costs, others = cost_of(program, values), cost_of(program, than)
    return costs is not None and (others is None or [*costs.values()] < [*others.values()])


def units_above(limit: Limit, values: Mapping[int, int]) -> int:
    """How many units above the limit the sum is."""
    above = sum(factor * values.get(variable, 0) for variable, factor in limit.terms) - limit.most
    return max(0, -(-above // limit.price.unit))


Variable = int | None
"""None: an assignment that stands, which counts as 1."""


@dataclass(slots=True)
class Writer:
    """Collects variables and limits. `highest`: of the variables that are given."""

    highest: list[int]
    limits: list[Limit] = field(default_factory=list)
    barred: set[int] = field(default_factory=set)
    """Variables that must be 0."""
    made_of: dict[int, frozenset[int]] = field(default_factory=dict)
    """What each variable that only helps to count is made of; with `~` what it counts if it is 0."""
    definitions: set[int] = field(default_factory=set)
    """The limits, by index, that say what such a variable means. They bar no plan."""
    _groups: dict[frozenset[int], int] = field(default_factory=dict)
    _just: set[int] = field(default_factory=set)

    def at_most(self, most: int, terms: Iterable[tuple[Variable, int]], price: Price = MUST) -> None:
        """Limits the sum. One that must hold is not asked for more than that no variable makes it worse: what stands
        may be above it alone, and the rest of the plan is solved all the same.
        """
        told = list(terms)
        own = tuple((variable, factor) for variable, factor in told if variable is not None)
        room = most - sum(factor for variable, factor in told if variable is None)
        if not price.cost:
            room = max(room, min(most, 0))
            if not room and len(own) == 1 and own[0][1] > 0:
                self.barred.add(own[0][0])
        if sum(max(factor, 0) * self.highest[variable] for variable, factor in own) > room:
            self.limits.append(Limit(own, room, price))

    def any_of(self, variables: Iterable[Variable]) -> Variable:
        """A variable that is 1 if one of these is. None: one of them stands."""
        told = set(variables)
        own = frozenset(variable for variable in told if variable is not None)
        if None in told or not own:
            return None
        if len(own) == 1:
            return next(iter(own))
        if own not in self._groups:
            self._groups[own] = group = self.new(own)
            for variable in own:
                self.define((variable, 1), (group, -1))
        return self._groups[own]

    def just_any_of(self, variables: Sequence[Variable]) -> Variable:
        """A variable that is 1 if one of these is, and 0 if none is. None: one of them stands."""
        group = self.any_of(variables)
        own = {variable for variable in variables if variable is not None}
        if group is not None and len(own) > 1 and group not in self._just:
            self._just.add(group)
            self.define((group, 1), *((variable, -1) for variable in sorted(own)))
        return group

    def sum_of(self, variables: Sequence[int]) -> int:
        """A variable that is the sum of these."""
        total = self.new(variables, len(variables))
        self.define((total, 1), *((variable, -1) for variable in variables))
        self.define((total, -1), *((variable, 1) for variable in variables))
        return total

    def only_with(self, variables: Sequence[Variable]) -> Variable:
        """A variable that can be 1 only if one of these is. None: one of them stands."""
        if None in variables:
            return None
        own = [variable for variable in variables if variable is not None]
        if len(own) == 1:
            return own[0]
        present = self.new(own)
        self.define((present, 1), *((variable, -1) for variable in own))
        return present

    def new(self, made_of: Iterable[int] = (), highest: int = 1) -> int:
        self.highest.append(highest)
        number = len(self.highest) - 1
        self.made_of[number] = frozenset(made_of)
        return number

    def define(self, *terms: tuple[int, int]) -> None:
        """Limits the sum of these to 0, to say what one of them means."""
        before = len(self.limits)
        self.at_most(0, terms)
        self.definitions.update(range(before, len(self.limits)))


def price_of(policy: RosterPolicy, unit: int = 1) -> Price:
    return MUST if policy.strength == "hard" else Price(POLICY_COST * policy.weight, unit)
