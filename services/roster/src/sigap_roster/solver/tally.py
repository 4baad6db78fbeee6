"""A plan that changes by small steps: its values, and how far each limit is passed."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sigap_roster.domain.program import Tier, completed, total_of
from sigap_roster.solver.linked import Linked

WEIGHTS = {Tier.COVER: 10**6, Tier.CHANGES: 10**3, Tier.RULES: 1}
"""Of a cost of each tier, where all are weighed in one sum. It is a guide: who keeps a plan compares tier by tier."""


class Tally:
    """`values`: of the plan that it begins with, those of the variables that are not 0.

    `cost`: the sum of all prices, those of each tier by its weight. `passed`: the limits that are passed at a price.
    `looked`: how many limits were looked at.
    """

    def __init__(self, linked: Linked, values: Mapping[int, int]) -> None:
        program = linked.program
        self._linked, self._first_counter = linked, len(program.days)
        whole = completed(program, (n for n in values if n < self._first_counter))
        self.values = [whole.get(n, 0) for n in range(len(program.highest))]
        self._counts = [*[0] * self._first_counter, *(total_of(counted, whole) for counted in program.made_of)]
        self._prices = [one.price.cost * WEIGHTS[one.price.tier] for one in program.limits]
        self._units = [one.price.unit for one in program.limits]
        self._above = [
            sum(factor * self.values[n] for n, factor in limit.terms) - limit.most for limit in program.limits
        ]
        self.passed = Bag(n for n, above in enumerate(self._above) if above > 0 and self._prices[n])
        self.cost = sum(self._prices[n] * -(-self._above[n] // self._units[n]) for n in self.passed)
        self._barring = _barring(linked)
        self.looked = 0

    def chosen(self) -> Mapping[int, int]:
        """The values that are not 0."""
        return {n: value for n, value in enumerate(self.values) if value}

    def bars(self, assignment: int, given: int | None = None) -> bool:
        """Whether a limit of the person alone forbids this assignment, if the person gives that one in return. It is
        soon seen, and settles most changes.
        """
        limits, eased = self._barring[assignment], {} if given is None else self._barring[given]
        self.looked += len(limits)
        return any(self._above[number] + factor - eased.get(number, 0) > 0 for number, factor in limits.items())

    def cost_of(self, change: Sequence[int]) -> int | None:
        """How much higher the cost is if these assignments change; None: a limit that must hold would not."""
        cost, moved = 0, self._moved(self._changed(change)[0])
        self.looked += len(moved)
        for number, by in moved.items():
            before = self._above[number]
            after = before + by
            if after <= 0 and before <= 0:
                continue
            if not self._prices[number]:
                if after > max(0, before):
                    return None
                continue
            unit = self._units[number]
            cost += self._prices[number] * (-(-max(0, after) // unit) + -max(0, before) // unit)
        return cost

    def make(self, change: Sequence[int], cost: int) -> None:
        """Changes these assignments, which costs so much."""
        values, counts = self._changed(change)
        for number, by in self._moved(values).items():
            self._above[number] += by
            if self._prices[number]:
                self.passed.put(number, is_in=self._above[number] > 0)
        for variable, by in values.items():
            self.values[variable] += by
        for variable, by in counts.items():
            self._counts[variable] += by
        self.cost += cost

    def _changed(self, change: Iterable[int]) -> tuple[Mapping[int, int], Mapping[int, int]]:
        """By how much the values change of these assignments and of all that counts them; and what these count."""
        values = {n: 1 - 2 * self.values[n] for n in change}
        counts: dict[int, int] = {}
        left = list(values.items())
        while left:
            variable, by = left.pop()
            for counter, sign in self._linked.counted_by[variable]:
                counts[counter] = counts.get(counter, 0) + sign * by
                highest = self._linked.program.highest[counter]
                now = min(highest, self._counts[counter] + counts[counter])
                new = now - self.values[counter]
                if (more := new - values.get(counter, 0)) != 0:
                    values[counter] = new
                    left.append((counter, more))
        return values, counts

    def _moved(self, changed: Mapping[int, int]) -> Mapping[int, int]:
        """By how much the sum of each limit changes with these values."""
        found: dict[int, int] = {}
        for variable, by in changed.items():
            if by:
                for number, factor in self._linked.limits_of[variable]:
                    found[number] = found.get(number, 0) + factor * by
        return found


def _barring(linked: Linked) -> Sequence[Mapping[int, int]]:
    """Of each assignment those limits, with its factors, that must hold and are about assignments of one person."""
    program, first_counter = linked.program, len(linked.program.days)
    alone = [
        not limit.price.cost
        and all(n < first_counter and factor > 0 for n, factor in limit.terms)
        and len({program.people[n] for n, _ in limit.terms}) == 1
        for limit in program.limits
    ]
    return [{number: factor for number, factor in linked.limits_of[n] if alone[number]} for n in range(first_counter)]


class Bag:
    """Numbers of which any can be drawn at once."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = list(numbers)
        self._places = {number: place for place, number in enumerate(self._numbers)}

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

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
