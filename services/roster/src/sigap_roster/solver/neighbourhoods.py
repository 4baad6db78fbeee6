"""Makes a plan better part by part: a few people's whole plans are free, or some days of several people, and all else
is as it is (large neighbourhood search; Shaw 1998).

Each part holds something that costs, and is small enough for the solver to find a good plan of it in tenths of a
second. So it finds many changes at once, which no exchange of two duties makes.
"""

import random
from collections.abc import Collection, Iterator, Mapping

from sigap_roster.domain.program import cost_of, units_above
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.part import Part
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.tally import WEIGHTS

PEOPLE = 4
"""How many people's whole plans are free together."""
DAYS, PEOPLE_OF_DAYS = 10, 12
"""How many days of how many people are free together: about as many assignments as four people have in a month."""
STEPS_A_PART = 0.5
"""The most of the solver's own steps for one part."""
IN_VAIN = 60
"""Parts without a better plan after which it is good enough."""
Values = Mapping[int, int]


class Neighbourhoods:
    """`values`: of the plan that it begins with, those that are not 0. All limits that must hold do."""

    def __init__(self, linked: Linked, values: Values, remaining: Remaining, dice: random.Random) -> None:
        self._linked, self._values, self._remaining, self._dice = linked, values, remaining, dice
        self._people = sorted({*linked.program.people})

    def made(self) -> Iterator[Values]:
        """Each plan that is better than the one before."""
        costs, in_vain = self._costs(self._values), 0
        while in_vain < IN_VAIN and not self._remaining.is_over and (starts := self._costly()):
            in_vain += 1
            about = self._linked.assignments(n for n, _ in self._linked.limit(self._dice.choice(starts)).terms)
            if not about:
                continue
            free = self._around(self._dice.choice(sorted(about)))
            found = Part(self._linked, free, self._values, WEIGHTS).chosen(self._remaining, STEPS_A_PART)
            if found is None or (then := self._costs(found)) > costs:
                continue
            self._values = found  # also if it is no better: from there another part may be
            if then < costs:
                costs, in_vain = then, 0
                yield found

    def _costs(self, values: Values) -> list[int]:
        known = cost_of(self._linked.program, values)
        if known is None:
            raise ValueError("a limit that must hold does not")
        return [*known.values()]

    def _costly(self) -> list[int]:
        """The limits that the plan passes at a price, but for those that say only what stands."""
        limits = enumerate(self._linked.program.limits)
        return [n for n, limit in limits if limit.terms and limit.price.cost and units_above(limit, self._values)]

    def _around(self, start: int) -> Collection[int]:
        """The assignments of a part round this one."""
        program = self._linked.program
        of_all_days = self._dice.random() < 0.5
        count = PEOPLE if of_all_days else PEOPLE_OF_DAYS
        others = [who for who in self._people if who != program.people[start]]
        people = {program.people[start], *self._dice.sample(others, min(count - 1, len(others)))}
        free = self._linked.of_people(people)
        if of_all_days:
            return free
        first = program.days[start] - self._dice.randrange(DAYS)
        return free & self._linked.on_days(range(first, first + DAYS))
