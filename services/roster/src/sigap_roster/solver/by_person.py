"""Parts a program by people: what belongs to one person alone, and what links people."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sigap_roster.domain.program import Limit, Program, Tier
from sigap_roster.domain.program.limits import MUST
from sigap_roster.solver.personal_plans import Person

SEVERAL = -1
"""Instead of a person's number: something of several people."""


class ByPerson:
    """A program by people. `own`: the variables of each person alone, and `alone`: the limits of these. `linking`: the
    variables of several people. `shared`: the limits of these, or of variables of several people.
    """

    def __init__(self, program: Program, tier: Tier) -> None:
        self.highest = program.highest
        owners = _owners(program)
        self._own: defaultdict[int, list[int]] = defaultdict(list)
        for variable, owner in enumerate(owners):
            self._own[owner].append(variable)
        self.limits = [counts for limit in program.limits if (counts := _counted(limit, tier))]
        self._alone: defaultdict[int, list[Limit]] = defaultdict(list)
        for limit in self.limits:
            self._alone[_one_of(owners[variable] for variable, _ in limit.terms)].append(limit)
        self.linking, self.shared = self._own.pop(SEVERAL, []), self._alone.pop(SEVERAL, [])
        self.shared_of: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, limit in enumerate(self.shared):
            for variable, factor in limit.terms:
                self.shared_of[variable].append((number, factor))

    def people(self, program: Program) -> list[Person]:
        return [
            Person(program, variables, self._alone[owner], {n: self.shared_of[n] for n in variables})
            for owner, variables in sorted(self._own.items())
        ]

    def least(self, prices: Sequence[int]) -> int:
        """What all costs at least at these prices, beside the plans of the people."""
        linking = sum(
            self.highest[n] * min(0, sum(prices[limit] * factor for limit, factor in self.shared_of[n]))
            for n in self.linking
        )
        return linking - sum(price * limit.most for price, limit in zip(prices, self.shared, strict=True))


def _owners(program: Program) -> Sequence[int]:
    """Of each variable the person; SEVERAL: it counts assignments of several people."""
    owners = [*program.people]
    for counted in program.made_of:
        owners.append(_one_of(owners[one if one >= 0 else ~one] for one in counted))
    return owners


def _one_of(owners: Iterable[int]) -> int:
    found = {*owners}
    return found.pop() if len(found) == 1 else SEVERAL


def _counted(limit: Limit, tier: Tier) -> Limit | None:
    """The limit as this tier sees it. One of an earlier tier must hold; None: one of a later tier need not."""
    price = limit.price
    if not price.cost or price.tier == tier:
        return limit
    return limit._replace(price=MUST) if price.tier < tier else None
