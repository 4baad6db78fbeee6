"""How a plan is made better: by small changes, and part by part."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from services.roster.tests.roster_histories import BEFORE
from services.roster.tests.test_columns import RULES, WISHES, least_of, small
from services.roster.tests.test_program import ENOUGH, LEAVE, POLICIES, SOFT_RULES, a_roster, of_the_centre

from sigap_common.regency import RosterPolicy
from sigap_roster.domain.program import Existing, Limit, Program, Tier, completed, cost_of, units_above, written
from sigap_roster.domain.program.limits import OPEN_SEAT
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.neighbourhoods import Neighbourhoods
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.tally import WEIGHTS, Tally


def weighed(program: Program, chosen: list[int]) -> int | None:
    costs = cost_of(program, completed(program, chosen))
    return None if costs is None else sum(cost * WEIGHTS[tier] for tier, cost in costs.items())


@settings(max_examples=20)
@given(POLICIES, LEAVE, st.integers(0, 100))
def test_a_tally_knows_what_each_change_costs(policies: list[RosterPolicy], leave: dict[Any, Any], seed: int) -> None:
    """Given any legal plan, when one to three assignments change, then its cost is that of the plan as a whole."""
    circumstances = of_the_centre(*policies, *SOFT_RULES, leave=leave)
    program = written(a_roster(), circumstances, BEFORE, Existing.REPLACE).program
    dice, tally = random.Random(seed), Tally(Linked(program), {})
    cost = weighed(program, [])
    assert cost is not None
    for _ in range(60):
        change = dice.sample(range(len(program.days)), dice.choice((1, 2, 3)))
        made = {n for n in range(len(program.days)) if tally.values[n]}
        then = weighed(program, sorted(made ^ {*change}))
        told = tally.cost_of(change)
        assert told == (None if then is None else then - cost)
        if told is not None and then is not None:
            tally.make(change, told)
            cost = then
        assert tally.cost == cost
        passed = {n for n, limit in enumerate(program.limits) if units_above(limit, tally.chosen())}
        assert {*tally.passed} == passed


@settings(max_examples=20)
@given(POLICIES, LEAVE, st.integers(0, 100))
def test_nothing_is_barred_that_no_limit_forbids(
    policies: list[RosterPolicy], leave: dict[Any, Any], seed: int
) -> None:
    circumstances = of_the_centre(*policies, leave=leave)
    program = written(a_roster(), circumstances, BEFORE, Existing.REPLACE).program
    dice, tally = random.Random(seed), Tally(Linked(program), {})
    barred = 0
    for _ in range(200):
        wanted = dice.randrange(len(program.days))
        own = [n for n, who in enumerate(program.people) if who == program.people[wanted] and tally.values[n]]
        given_up = dice.choice(own) if own and dice.random() < 0.5 else None
        if tally.values[wanted]:
            continue
        change = [wanted] if given_up is None else [wanted, given_up]
        cost = tally.cost_of(change)
        if tally.bars(wanted, given_up):
            barred += 1
            assert cost is None
        elif cost is not None:
            tally.make(change, cost)
    assert barred  # nobody can be in two places


@settings(max_examples=15)
@given(st.lists(st.sampled_from(RULES[1:]), max_size=4, unique_by=id), WISHES, st.integers(3, 5))
def test_a_part_with_everybody_finds_the_best_plan(policies: list[Any], wishes: dict[Any, Any], days: int) -> None:
    """Given four people and a few days, then a part holds all of them. Each plan on the way is better than before."""
    program = small(policies, wishes, days)
    costs = [weighed(program, [])]
    for plan in Neighbourhoods(Linked(program), completed(program, ()), Remaining(ENOUGH), random.Random(1)).made():
        costs.append(weighed(program, [n for n in plan if n < len(program.days)]))
    assert None not in costs
    assert costs == sorted(costs, key=lambda cost: -(cost or 0))
    assert costs[-1] == least_of(program) * WEIGHTS[Tier.RULES]


def test_what_every_plan_costs_has_no_part() -> None:
    """Given that a seat is open within what stands, then the search part by part ends all the same."""
    limits = [Limit((), -1, OPEN_SEAT), Limit(((0, -1),), -1, OPEN_SEAT)]
    program = Program([1], limits, [], days=[0], places=[0], people=[0])
    *_, best = Neighbourhoods(Linked(program), {}, Remaining(ENOUGH), random.Random(1)).made()
    assert best == {0: 1}
