"""The benchmark's loader, its recount, and the product's own model on its smallest instance.

`python -m tests.load rostering-benchmarks` measures larger ones.
"""

import pytest
from tests.rostering import curtois_qu as benchmark

from sigap_roster.domain import check, plan
from sigap_roster.domain.program import Existing, written
from sigap_roster.solver.cp_sat import Solving
from sigap_roster.solver.wire import Effort

TINY = """
SECTION_HORIZON
7
SECTION_SHIFTS
E,480,
L,480,E
SECTION_STAFF
A,E=7|L=2,2400,960,3,2,2,1
B,E=7|L=0,2400,960,3,2,2,1
SECTION_DAYS_OFF
A,0
SECTION_SHIFT_ON_REQUESTS
A,1,L,3
SECTION_SHIFT_OFF_REQUESTS
B,2,E,2
SECTION_COVER
1,E,2,100,1
2,E,0,100,1
"""


def test_penalties_are_recounted_from_the_instance_alone() -> None:
    tiny = benchmark.read(TINY)
    worked = {"a": {1: "e", 2: "e"}, "b": {2: "e", 3: "e"}}
    assert benchmark.penalty(tiny, worked) == 3 + 2 + 100 + 2
    assert benchmark.broken(tiny, worked) == []


@pytest.mark.parametrize(
    ("days", "what"),
    [
        ({6: "e"}, ["minutes"]),
        ({0: "e", 1: "e"}, ["a day off"]),
        ({1: "l", 2: "e"}, ["a shift that may not follow"]),
        ({1: "l", 2: "l", 3: "l"}, ["too many of l"]),
        ({1: "e", 2: "e", 3: "e", 4: "e"}, ["too many days in a row"]),
        ({3: "e", 5: "e", 6: "e"}, ["too few days in a row", "too few days off"]),
    ],
)
def test_the_recount_names_each_hard_rule(days: dict[int, str], what: list[str]) -> None:
    tiny = benchmark.read(TINY)
    found = benchmark.broken(tiny, {"a": days, "b": {2: "e", 3: "e"}})
    assert sorted(found) == sorted(f"a: {one}" for one in what)


def test_the_model_proves_the_best_penalty_that_is_known_of_the_smallest_instance() -> None:
    path = benchmark.DATA / "instance1.txt"
    if not path.exists():
        pytest.skip(f"no instances at {benchmark.DATA}; set SIGAP_TEST_DATA")
    instance = benchmark.read(path.read_text())
    roster, around = benchmark.rostered(instance)
    program = written(roster, around, benchmark.BEFORE, Existing.REPLACE)
    *_, best = Solving(program.program, Effort(steps=60, seconds=600), lambda _: None).solve()
    planned = program.plan(best["chosen"])
    worked = benchmark.worked_by(instance, planned)
    assert (benchmark.penalty(instance, worked), benchmark.broken(instance, worked)) == (607, [])
    assert best["proven"]
    assert best["costs"]["rules"]["cost"] == 607 * benchmark.PER_PENALTY
    assert not [one for one in check(plan(roster, planned), around, benchmark.BEFORE) if one.strength == "hard"]
