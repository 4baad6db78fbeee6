"""How soon a roster is repaired: somebody of a full month falls ill for five days, and nothing of it has begun.

The answer is to be proven the best by the stated order: seats covered, hard rules kept, fewest people disturbed, fewest
assignments changed, then soft rules and fair shares. The month is made by the solver first, which does not count. Who
falls ill, and when, follows from a seed: somebody who has at least three duties on these days.
"""

import random
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.load import rosters
from tests.load.report import Figure, show
from tests.load.usage import cpu_seconds

from sigap_roster.domain import Circumstances, Planned, Roster, plan
from sigap_roster.domain.program import Existing, written

SIZES = ((40, 3), (90, 4))
SEEDS = (1, 2, 3)
DAYS_ILL, LEAST_DUTIES = 5, 3
SECONDS, LONGEST = 5, 60
"""Within which the answer is to be proven, and after which the search ends."""


def full_month(people: int, agencies: int, used: float) -> tuple[Roster, Circumstances]:
    """The first plan that the solver finds without open seats."""
    roster, around = rosters.made(people, agencies, used)
    program = written(roster, around, rosters.BEFORE, Existing.REPLACE)
    for _, told, _ in rosters.found(program, 2 * LONGEST):
        if "chosen" in told:
            planned = program.plan(told["chosen"])
            if rosters.open_seats(roster, around, planned) == (0, 0):
                return plan(roster, planned), around
    raise SystemExit(f"no full month of {people} people was found")


def with_illness(roster: Roster, around: Circumstances, seed: int) -> tuple[Circumstances, set[Planned]]:
    """All that is known with the illness, and the duties that it takes away."""
    dice = random.Random(seed)
    while True:
        who = dice.choice(sorted(around.people))
        first = rosters.FIRST + timedelta(days=dice.randrange(27))
        days = frozenset(first + timedelta(days=n) for n in range(DAYS_ILL))
        lost = {one for one in roster.planned if one.staff_id == who and one.day in days}
        if len(lost) >= LEAST_DUTIES:
            return replace(around, leave={**around.leave, who: around.leave[who] | days}), lost


def _measured(roster: Roster, around: Circumstances, seed: int) -> list[Figure]:
    ill, lost = with_illness(roster, around, seed)
    began = time.monotonic()
    program = written(roster, ill, rosters.BEFORE, Existing.FEW_CHANGES)
    answer: Mapping[str, Any] = {}
    first, after, used = 0.0, 0.0, 0.0
    for _, told, process in rosters.found(program, LONGEST):
        after = time.monotonic() - began
        used = cpu_seconds({process: "solver"})["solver"]
        if "chosen" in told:
            answer = told
            first = first or after
    planned = program.plan(answer["chosen"])
    missing, hard = rosters.open_seats(roster, ill, planned)
    changed = set(planned) ^ (set(roster.planned) - lost)
    disturbed = {one.staff_id for one in changed}
    proven = answer["proven"] and answer["is_last"]
    seen = f"{len(disturbed)}, {len(changed)} after {len(lost)} were lost, {missing}, {hard}"
    return [
        Figure(
            f"seed {seed}: people disturbed, cells, open, hard", seen, "0 open and 0 hard", not missing and not hard
        ),
        Figure("  costs", str({tier: (cost["cost"], cost["bound"]) for tier, cost in answer["costs"].items()})),
        Figure("  first plan; all, of which the solver's processor", f"{first:.1f} s; {after:.1f} s, {used:.1f} s"),
        Figure(
            "  proven best within",
            f"{after:.1f} s" if proven else "not proven",
            f"{SECONDS} s",
            proven and after <= SECONDS,
        ),
    ]


def measure() -> None:
    for people, agencies in SIZES:
        for used in rosters.USED:
            roster, around = full_month(people, agencies, used)
            figures = [figure for seed in SEEDS for figure in _measured(roster, around, seed)]
            show(f"repair of a month of {people} people, {used:.0%} of their hours", figures)
