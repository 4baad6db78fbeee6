"""Fills a plan and makes it fair, by small changes: somebody else has an assignment, two people exchange two of theirs,
or one who gets an assignment hands another on to a third.

Each step begins at a limit that is passed at a price, such as an open seat, and looks for a change that lowers the sum
of all prices. A change touches few limits, and no others are looked at, so thousands of changes are tried in a second.
Seats are filled and shares made even together: a full plan that is uneven is much harder to mend. A change that costs
little is sometimes made, too, for there are plans that no single change makes better (Metropolis, Rosenbluth,
Rosenbluth, Teller and Teller 1953).
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from math import exp

from sigap_roster.domain.program import Tier
from sigap_roster.domain.program.limits import OPEN_SEAT
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.tally import Tally

LOOKS_A_STEP = 2_000_000
"""How many limits that are looked at count as one of the solver's own steps."""
FIRST_TOLD = 1_000_000
"""Limits that are looked at before the plan is told for the first time: in about half a second."""
TOLD_ANYWAY = 4_000_000
"""Limits that are looked at before a plan is told that lacks more than people on some seats: in about two seconds."""
MOST_EXCHANGES = 24
"""Changes of each kind that are looked at in one step, if nobody else can just have the assignment."""
NEAR_DAYS = 6
"""Within so many days somebody hands another assignment on, to have this one instead: the limits of a week."""
WARMTH = 3.0
"""A change that costs so much is made in one of e cases: as much as one night above the share."""
IN_VAIN, MOST_IN_VAIN = 5, 10_000
"""Steps without a better plan after which it is good enough: for each assignment that could be, and at most."""


class Exchanges:
    """`values`: of the plan that it begins with, those that are not 0. All limits that must hold do."""

    def __init__(self, linked: Linked, values: Mapping[int, int], remaining: Remaining) -> None:
        program = linked.program
        self._linked, self._remaining = linked, remaining
        self._dice = random.Random(remaining.seed)  # noqa: S311  # chooses steps
        self._tally = Tally(linked, values)
        self._best, self._least = self._tally.chosen(), self._tally.cost
        self._at: dict[tuple[int, int], int] = {}
        self._on: dict[int, list[int]] = {}
        self._of: dict[int, list[int]] = {}
        for n, (place, who) in enumerate(zip(program.places, program.people, strict=True)):
            self._at[place, who] = n
            self._on.setdefault(place, []).append(n)
            self._of.setdefault(who, []).append(n)

    def made(self, most_steps: float, share: float) -> Iterator[Mapping[int, int]]:
        """The plan again and again, each time after twice as many looks, at first only if it lacks nothing but people
        on some seats; at last the best one. Of each its values that are not 0.
        """
        tally, most = self._tally, LOOKS_A_STEP * min(most_steps, share * self._remaining.steps)
        left = (1 - share) * self._remaining.seconds
        most_in_vain = min(MOST_IN_VAIN, IN_VAIN * len(self._linked.program.days))
        in_vain, least, tell_at = 0, tally.cost, FIRST_TOLD
        while tally.passed and in_vain < most_in_vain and tally.looked < most and self._remaining.seconds > left:
            self._step()
            in_vain = 0 if tally.cost < least else in_vain + 1
            least = min(least, tally.cost)
            if tally.looked >= tell_at and (tally.looked >= TOLD_ANYWAY or self._lacks_only_seats()):
                tell_at = 2 * tally.looked
                yield tally.chosen()
        self._remaining.spend(tally.looked / LOOKS_A_STEP)
        self._keep_if_best()
        yield self._best

    def _keep_if_best(self) -> None:
        if self._tally.cost < self._least:
            self._best, self._least = self._tally.chosen(), self._tally.cost

    def _lacks_only_seats(self) -> bool:
        """Whether nothing but open seats costs cover: no leader, agency or seat of the minimum is missing."""
        prices = (self._linked.limit(number).price for number in self._tally.passed)
        return all(price.tier is not Tier.COVER or price == OPEN_SEAT for price in prices)

    def _step(self) -> None:
        start = self._start(self._tally.passed.any(self._dice))
        best: tuple[int, Sequence[int]] | None = None
        for change in self._changes(start) if start is not None else ():
            cost = self._tally.cost_of(change)
            if cost is not None and (best is None or cost < best[0]):
                best = cost, change
                if cost < 0:
                    break
        if best is None:
            return
        cost, change = best
        if cost > 0:
            if self._dice.random() >= exp(-cost / WARMTH):
                return
            self._keep_if_best()
        self._tally.make(change, cost)

    def _start(self, number: int) -> int | None:
        """An assignment whose change lowers what passes the limit."""
        program = self._linked.program
        helping = [(n, factor > 0) for n, factor in program.limits[number].terms if self._helps(n, factor)]
        if not helping:
            return None
        variable, is_lower = self._dice.choice(helping)
        while variable >= len(program.days):
            counted = program.made_of[variable - len(program.days)]
            fitting = [one for one in counted if one >= 0 and bool(self._tally.values[one]) is is_lower]
            if not fitting:
                return None
            variable = self._dice.choice(fitting)
        return variable

    def _helps(self, variable: int, factor: int) -> bool:
        value = self._tally.values[variable]
        return value > 0 if factor > 0 else value < self._linked.program.highest[variable]

    def _changes(self, start: int) -> Iterator[Sequence[int]]:
        """The assignments to change together: first that another person has this one, or that somebody has it at all;
        then that the one who gets it hands another on, and exchanges of two.
        """
        tally, place, made = self._tally, self._linked.program.places[start], self._tally.values[start]
        others = [n for n in self._on[place] if tally.values[n] != made]
        self._dice.shuffle(others)
        if not made and not tally.bars(start):
            yield (start,)
            for other in others:
                yield start, other
        elif made:
            for other in others:
                if not tally.bars(other):
                    yield start, other
        getting = others if made else [start]
        for _ in range(MOST_EXCHANGES if getting else 0):
            got = self._dice.choice(getting)
            if handed := self._handed_on(got, start):
                yield *{start, got}, *handed
        for _ in range(MOST_EXCHANGES if others else 0):
            other = self._dice.choice(others)
            if back := self._given_back(*((start, other) if made else (other, start))):
                yield start, other, *back

    def _handed_on(self, got: int, start: int) -> Sequence[int] | None:
        """Two changes: the person of `got` loses another assignment of about the same days, and a third person gets it.
        None: there is none that could be.
        """
        program = self._linked.program
        day = program.days[got]
        near = [n for n in self._own(got) if abs(program.days[n] - day) <= NEAR_DAYS]
        if not near:
            return None
        given = self._dice.choice(near)
        both = {program.people[got], program.people[start]}
        free = [
            n for n in self._on[program.places[given]] if not self._tally.values[n] and program.people[n] not in both
        ]
        if not free or self._tally.bars(got, given):
            return None
        taken = self._dice.choice(free)
        return None if self._tally.bars(taken) else (given, taken)

    def _given_back(self, lost: int, got: int) -> Sequence[int] | None:
        """Two changes: the person of `got` loses another assignment, and the person of `lost` gets it. None: the other
        person has it already, or may not have it.
        """
        program, own = self._linked.program, self._own(got)
        if not own:
            return None
        given = self._dice.choice(own)
        theirs = self._at.get((program.places[given], program.people[lost]))
        if theirs is None or self._tally.values[theirs]:
            return None
        is_barred = self._tally.bars(got, given) or self._tally.bars(theirs, lost)
        return None if is_barred else (given, theirs)

    def _own(self, got: int) -> list[int]:
        """The assignments that the person of `got` has on other shifts."""
        program = self._linked.program
        return [
            n
            for n in self._of[program.people[got]]
            if self._tally.values[n] and program.places[n] != program.places[got]
        ]
