"""Column generation: whole plans of people, and what no plan can cost less than."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from services.roster.tests.roster_histories import BEFORE, who
from services.roster.tests.test_program import ENOUGH, NAMES, REST, a_roster, of_the_centre, one_seat, rule

from sigap_roster.domain.program import Existing, Limit, Program, Tier, completed, cost_of, written
from sigap_roster.domain.program.limits import MUST, Price
from sigap_roster.solver.columns import Columns
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.part import Part
from sigap_roster.solver.personal_plans import SCALE, Person
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.wire import Effort

RULES = (
    rule("seats-exceeded", "soft", open_seat=4),
    rule("forward-rotation", "soft"),
    rule("max-days-in-a-row", days=2),
    rule("min-days-off-in-a-row", "soft", days=2),
    rule("weekly-hours", "soft", hours=24),
    rule("fair-shares", "soft"),
    rule("agencies-together", "soft", agencies=["bpbd", "dishub"], at_least=2),
)


def small(policies: Sequence[Any], wishes: dict[Any, Any], days: int) -> Program:
    """All that costs anything is weighed against each other: there is one tier."""
    shifts = one_seat("pagi", "malam")
    circumstances = of_the_centre(RULES[0], REST, *policies, pattern=shifts, shift_wishes=wishes)
    return written(a_roster(days=range(1, days + 1)), circumstances, BEFORE, Existing.REPLACE).program


def columns_of(program: Program, effort: Effort = ENOUGH) -> Columns:
    """From the plan without anybody, which every limit allows."""
    start = completed(program, ())
    costs = cost_of(program, start)
    assert costs is not None
    return Columns(program, Tier.RULES, start, costs[Tier.RULES], Remaining(effort))


WISHES = st.dictionaries(
    st.sampled_from([who(name) for name in NAMES]),
    st.dictionaries(
        st.tuples(st.integers(1, 5).map(lambda day: date(2027, 3, day)), st.sampled_from(["pagi", "malam"])),
        st.sampled_from([-3, -1, 1, 2]),
        max_size=4,
    ),
)


def least_of(program: Program) -> int:
    """What the best plan costs, by a search that sees single assignments."""
    whole = Part(Linked(program), range(len(program.days)), {}, {Tier.RULES: 1})
    costs = cost_of(program, whole.chosen(Remaining(ENOUGH), 100.0) or {})
    assert whole.proven
    assert costs is not None
    return costs[Tier.RULES]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(RULES[1:]), unique_by=lambda one: one.code), WISHES, st.integers(2, 4))
def test_what_is_proven_is_the_best(policies: list[Any], wishes: dict[Any, Any], days: int) -> None:
    program = small(policies, wishes, days)
    columns = columns_of(program)
    for plan in columns.made():
        assert cost_of(program, plan) is not None
    assert columns.proven
    assert columns.bound == columns.cost == least_of(program)
    assert (cost_of(program, columns.best) or {})[Tier.RULES] == columns.cost


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(RULES[1:]), unique_by=lambda one: one.code),
    WISHES,
    st.sampled_from([0.001, 0.005, 0.01, 0.02, 0.05]),
)
def test_a_search_that_is_cut_short_has_a_bound_too(policies: list[Any], wishes: dict[Any, Any], steps: float) -> None:
    program = small(policies, wishes, 4)
    columns = columns_of(program, Effort(steps=steps, seconds=100))
    for plan in columns.made():
        assert cost_of(program, plan) is not None
    assert columns.bound <= least_of(program) <= columns.cost


def test_all_plans_within_a_price_are_listed_and_each_once() -> None:
    """Three shifts in a row of which two may be taken, beside a counter of any; the first costs 3 and the others 1."""
    program = Program(
        highest=[1, 1, 1, 1],
        limits=[],
        hint=(),
        days=(0, 1, 2),
        places=(0, 1, 2),
        people=(0, 0, 0),
        made_of=((0, 1, 2),),
    )
    limits = [
        Limit(((0, 1), (1, 1), (2, 1)), 2, MUST),
        *(Limit(((n, 1), (3, -1)), 0, MUST) for n in range(3)),
        Limit(((0, 3), (1, 1), (2, 1)), 0, Price(1)),
        Limit(((3, 1),), 0, Price(2)),
    ]
    person = Person(program, (0, 1, 2, 3), limits, {0: [(0, 1)]})
    every = [chosen for length in range(4) for chosen in combinations(range(3), length)]
    expected = {
        chosen: 3 * (0 in chosen) + (1 in chosen) + (2 in chosen) + 2 * bool(chosen)
        for chosen in every
        if len(chosen) <= 2
    }
    for most in (-1, 0, 3, 5, 9):
        plans = person.within(most * SCALE, [0], Remaining(ENOUGH))
        assert plans is not None
        assert sorted(one.assignments for one in plans) == sorted(c for c, cost in expected.items() if cost <= most)
        assert {one.assignments: one.cost for one in plans}.items() <= expected.items()


def test_a_price_makes_a_plan_worth_having() -> None:
    """One shift that costs 3, and a shared limit of open seats that is worth 5 where the person takes it."""
    program = Program(highest=[1], limits=[], hint=(), days=(0,), places=(0,), people=(0,))
    person = Person(program, (0,), [Limit(((0, 1),), 0, Price(3))], {0: [(0, -1)]})
    for worth, chosen, least in ((5, (0,), -2), (2, (), 0)):
        priced = person.priced([worth * SCALE], Remaining(ENOUGH), 1.0)
        assert priced is not None
        assert priced.least == least * SCALE
        assert priced.plans[-1].assignments == chosen
