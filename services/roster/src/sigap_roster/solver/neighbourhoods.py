"""Makes a plan better part by part: a few people's whole plans are free, or some days of several people, and all else
is as it is (large neighbourhood search; Shaw 1998).

Each part holds something that costs, and is small enough for the solver to find its best plan in tenths of a second.
Many changes at once, which no exchange of two duties makes, are found so.
"""

import random
from collections.abc import Collection, Iterator, Mapping

from sigap_roster.domain.program import cost_of, units_above
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.part import Part
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.tally import WEIGHTS

PEOPLE = 4
"""Whose whole plans are free together."""
DAYS, PEOPLE_OF_DAYS = 10, 12
"""How many days of how many people are free together: about as many assignments."""
STEPS_A_PART = 0.5
"""The most of the solver's own steps for one part."""
IN_VAIN = 60
"""Parts without a better plan after which it is good enough."""
Values = Mapping[int, int]


class Neighbourhoods:
    """`values`: of the plan that it begins with, those that are not 0. All limits that must hold do."""

    def __init__(self, linked: Linked, values: Values, remaining: Remaining) -> None:
        self._linked, self._values, self._remaining = linked, values, remaining
        self._dice = random.Random(remaining.seed)  # noqa: S311  # chooses parts
        self._people = sorted({*linked.program.people})

    def made(self) -> Iterator[Values]:
        """Each plan that is better than the one before."""
        costs, in_vain = self._costs(self._values), 0
        while in_vain < IN_VAIN and not self._remaining.is_over and (starts := self._costly()):
            in_vain += 1
            about = self._linked.assignments(n for n, _ in self._linked.limit(self._dice.choice(starts)).terms)
            if not about:
                continue  # what stands costs it in every plan
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
        """The limits that the plan passes at a price."""
        limits = self._linked.program.limits
        return [n for n, limit in enumerate(limits) if limit.price.cost and units_above(limit, self._values)]

    def _around(self, start: int) -> Collection[int]:
        """The assignments of a part round this one."""
        program = self._linked.program
        others = [who for who in self._people if who != program.people[start]]
        count = self._dice.choice((PEOPLE, PEOPLE_OF_DAYS))
        people = {program.people[start], *self._dice.sample(others, min(count - 1, len(others)))}
        free = self._linked.of_people(people)
        if count == PEOPLE:
            return free
        first = program.days[start] - self._dice.randrange(DAYS)
        return free & self._linked.on_days(range(first, first + DAYS))
