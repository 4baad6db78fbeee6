"""Makes a plan fairer by small steps: an assignment goes to somebody else, or two people exchange two of theirs.

Each step begins at a limit that is passed at a price. It is taken if it does not raise the sum of all prices. It looks
only at the few limits that it touches, so thousands of steps take a second.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sigap_roster.domain.program import Tier, completed, total_of
from sigap_roster.solver.linked import Linked
from sigap_roster.solver.remaining import Remaining

WEIGHTS = {Tier.COVER: 10**6, Tier.CHANGES: 10**3, Tier.RULES: 1}
LOOKS_A_STEP = 20_000
"""How many changes that are looked at count as one of the solver's own steps."""
MOST_EXCHANGES = 24
"""Exchanges that are looked at in one step, if nobody else can just have the assignment."""
IN_VAIN = 400
"""Steps without any better plan after which it is good enough."""


class Exchanges:
    """`values`: of the plan, the variables that are not 0."""

    def __init__(self, linked: Linked, values: Mapping[int, int], remaining: Remaining) -> None:
        program = linked.program
        self._linked, self._remaining = linked, remaining
        self._dice = random.Random(remaining.seed)  # noqa: S311  # chooses steps
        whole = completed(program, (n for n in values if n < len(program.days)))
        self._values = [whole.get(n, 0) for n in range(len(program.highest))]
        self._counts = [*[0] * len(program.days), *(total_of(counted, whole) for counted in program.made_of)]
        self._prices = [one.price.cost * WEIGHTS[one.price.tier] for one in program.limits]
        self._above = [
            sum(factor * self._values[n] for n, factor in limit.terms) - limit.most for limit in program.limits
        ]
        self._passed = _Bag(n for n, above in enumerate(self._above) if above > 0 and self._prices[n])
        self._at: dict[tuple[int, int], int] = {}
        self._on: dict[int, list[int]] = {}
        self._of: dict[int, list[int]] = {}
        for n, (place, who) in enumerate(zip(program.places, program.people, strict=True)):
            self._at[place, who] = n
            self._on.setdefault(place, []).append(n)
            self._of.setdefault(who, []).append(n)
        self._looks = 0

    def made(self, most_steps: float, share: float) -> Mapping[int, int]:
        """The values of the best plan that are not 0."""
        in_vain, most = 0, LOOKS_A_STEP * min(most_steps, share * self._remaining.steps)
        while self._passed and in_vain < IN_VAIN and self._looks < most and self._remaining.seconds:
            saved = self._step()
            in_vain = 0 if saved > 0 else in_vain + 1
        self._remaining.spend(self._looks / LOOKS_A_STEP)
        return {n: value for n, value in enumerate(self._values) if value}

    def _step(self) -> int:
        """What one step saves."""
        start = self._start(self._passed.any(self._dice))
        best: tuple[int, Sequence[int]] | None = None
        for change in self._changes(start) if start is not None else ():
            cost = self._cost_of(change)
            if cost is not None and (best is None or cost < best[0]):
                best = cost, change
                if cost < 0:
                    break
        if best is None or best[0] > 0:
            return 0
        self._make(best[1])
        return -best[0]

    def _start(self, number: int) -> int | None:
        """An assignment whose change lowers what passes the limit."""
        limit = self._linked.program.limits[number]
        helping = [(n, factor > 0) for n, factor in limit.terms if self._helps(n, factor)]
        if not helping:
            return None
        variable, is_lower = self._dice.choice(helping)
        while variable >= len(self._linked.program.days):
            counted = self._linked.program.made_of[variable - len(self._linked.program.days)]
            fitting = [one for one in counted if one >= 0 and bool(self._values[one]) is is_lower]
            if not fitting:
                return None
            variable = self._dice.choice(fitting)
        return variable

    def _helps(self, variable: int, factor: int) -> bool:
        value = self._values[variable]
        return value > 0 if factor > 0 else value < self._linked.program.highest[variable]

    def _changes(self, start: int) -> Iterator[Sequence[int]]:
        """The assignments to change together: first that another person has this one, then exchanges of two."""
        place, who = self._linked.program.places[start], self._linked.program.people[start]
        made = self._values[start]
        others = [n for n in self._on[place] if self._values[n] != made]
        self._dice.shuffle(others)
        if not made:
            yield (start,)
        for other in others:
            yield start, other
        for _ in range(MOST_EXCHANGES if others else 0):
            other = self._dice.choice(others)
            partner = self._linked.program.people[other]
            back = self._back(who, partner, place) if made else self._back(partner, who, place)
            if back:
                yield start, other, *back

    def _back(self, giver: int, taker: int, place: int) -> Sequence[int] | None:
        """What the taker gives in return: another assignment, which the giver does not have."""
        own = [n for n in self._of[taker] if self._values[n] and self._linked.program.places[n] != place]
        if not own:
            return None
        given = self._dice.choice(own)
        theirs = self._at.get((self._linked.program.places[given], giver))
        return None if theirs is None or self._values[theirs] else (given, theirs)

    def _cost_of(self, change: Sequence[int]) -> int | None:
        """What all prices together are higher by then; None: a limit that must hold would not."""
        self._looks += 1
        cost, limits = 0, self._linked.program.limits
        for number, by in self._moved(self._changed(change)[0]).items():
            before = self._above[number]
            after = before + by
            if after <= 0 and before <= 0:
                continue
            if not self._prices[number]:
                if after > max(0, before):
                    return None
                continue
            unit = limits[number].price.unit
            cost += self._prices[number] * (-(-max(0, after) // unit) + -max(0, before) // unit)
        return cost

    def _changed(self, change: Iterable[int]) -> tuple[Mapping[int, int], Mapping[int, int]]:
        """By how much the values change of these assignments and of all that counts them; and what these count."""
        values = {n: 1 - 2 * self._values[n] for n in change}
        counts: dict[int, int] = {}
        left = list(values.items())
        while left:
            variable, by = left.pop()
            for counter, sign in self._linked.counted_by[variable]:
                counts[counter] = counts.get(counter, 0) + sign * by
                highest = self._linked.program.highest[counter]
                now = min(highest, self._counts[counter] + counts[counter])
                new = now - self._values[counter]
                if (more := new - values.get(counter, 0)) != 0:
                    values[counter] = new
                    left.append((counter, more))
        return values, counts

    def _moved(self, changed: Mapping[int, int]) -> Mapping[int, int]:
        found: dict[int, int] = {}
        for variable, by in changed.items():
            if by:
                for number, factor in self._linked.limits_of[variable]:
                    found[number] = found.get(number, 0) + factor * by
        return found

    def _make(self, change: Sequence[int]) -> None:
        values, counts = self._changed(change)
        for number, by in self._moved(values).items():
            self._above[number] += by
            if self._prices[number]:
                self._passed.put(number, is_in=self._above[number] > 0)
        for variable, by in values.items():
            self._values[variable] += by
        for variable, by in counts.items():
            self._counts[variable] += by


class _Bag:
    """Numbers of which any can be drawn at once."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = list(numbers)
        self._places = {number: place for place, number in enumerate(self._numbers)}

    def __len__(self) -> int:
        return len(self._numbers)

    def any(self, dice: random.Random) -> int:
        return dice.choice(self._numbers)

    def put(self, number: int, *, is_in: bool) -> None:
        if is_in and number not in self._places:
            self._places[number] = len(self._numbers)
            self._numbers.append(number)
        elif not is_in and number in self._places:
            last = self._numbers.pop()
            place = self._places.pop(number)
            if last != number:
                self._numbers[place], self._places[last] = last, place
