"""A program with what belongs to each of its variables."""

from collections.abc import Collection, Iterable, Mapping, Set

from sigap_roster.domain.program import Limit, Program, Tier, a_person, units_above


class Linked:
    """`limits_of`: the limits of each variable, by their numbers. `counted_by`: the variables that count it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.limits_of: list[list[tuple[int, int]]] = [[] for _ in program.highest]
        for number, limit in enumerate(program.limits):
            for variable, factor in limit.terms:
                self.limits_of[variable].append((number, factor))
        self.counted_by: list[list[tuple[int, int]]] = [[] for _ in program.highest]
        for variable, counted in enumerate(program.made_of, len(program.days)):
            for one in counted:
                self.counted_by[one if one >= 0 else ~one].append((variable, 1 if one >= 0 else -1))

    def on_days(self, days: Collection[int]) -> set[int]:
        """The assignments of these days."""
        return {variable for variable, day in enumerate(self.program.days) if day in days}

    def of_people(self, people: Collection[int]) -> set[int]:
        """The assignments of these people."""
        return {variable for variable, who in enumerate(self.program.people) if who in people}

    def disturbance_counters(self) -> Mapping[int, int]:
        """By each person's number, the variable that says whether a repair disturbs the person."""
        price = a_person(len(self.program.days))
        counters = [limit.terms[0][0] for limit in self.program.limits if limit.price == price]
        return {self.program.people[min(self.assignments([one]))]: one for one in counters}

    def who_differs(self, values: Mapping[int, int], draft: Mapping[int, int]) -> Set[int]:
        """The people who have other assignments than in the draft, by their numbers. Of both all that is not 0."""
        changed = values.keys() ^ draft.keys()
        return {self.program.people[n] for n in changed if n < len(self.program.days)}

    def with_counters(self, assignments: Iterable[int]) -> set[int]:
        """The assignments, and all that depends on them."""
        found, left = set[int](), list(assignments)
        while left:
            variable = left.pop()
            if variable not in found:
                found.add(variable)
                left += [counter for counter, _ in self.counted_by[variable]]
        return found

    def touched(self, variables: Iterable[int]) -> list[int]:
        """The limits in which one of them is."""
        return sorted({number for variable in variables for number, _ in self.limits_of[variable]})

    def gaps(self, values: Mapping[int, int]) -> set[int]:
        """The days on which something costs cover."""
        return {self.program.days[assignment] for assignment in self.lacking(values)}

    def lacking(self, values: Mapping[int, int]) -> set[int]:
        """The assignments of what costs cover."""
        lacking = (
            variable
            for limit in self.program.limits
            if limit.price.cost and limit.price.tier is Tier.COVER and units_above(limit, values)
            for variable, _ in limit.terms
        )
        return self.assignments(lacking)

    def assignments(self, variables: Iterable[int]) -> set[int]:
        """Those among the variables, and those that the counters among them count."""
        first_counter = len(self.program.days)
        found, left = set[int](), list(variables)
        while left:
            variable = left.pop()
            if variable not in found:
                found.add(variable)
                counted = self.program.made_of[variable - first_counter] if variable >= first_counter else ()
                left += [one if one >= 0 else ~one for one in counted]
        return {variable for variable in found if variable < first_counter}

    def limit(self, number: int) -> Limit:
        return self.program.limits[number]
