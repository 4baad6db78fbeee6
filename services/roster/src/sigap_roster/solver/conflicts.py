"""Finds why seats stay open, or a shift breaks a hard rule about its people: sets of requirements that cannot hold
together, each without a member to spare.

A search over the whole month would take too long. So the seats of a few days are looked at, with what the people may
do on those days and nothing else planned. Less work breaks no rule, so what cannot hold there cannot hold in the month.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from ortools.sat.python import cp_model

from sigap_roster.domain.program import NOT_ONE, GapState, Limit
from sigap_roster.solver.remaining import Remaining
from sigap_roster.solver.wire import SEATS, Effort, Question

MOST_CONFLICTS = 5
STEPS_A_WINDOW, STEPS_A_CHECK = 0.5, 0.2
"""The most of the solver's own steps to see whether all requirements of some days can hold together, and then whether
a part of them can.
"""
CANNOT, COULD = GapState.CANNOT_BE_FILLED.value, GapState.COULD_BE_FILLED.value


class Explaining:
    """Answers one question, as long as there is effort left."""

    def __init__(self, question: Question, effort: Effort) -> None:
        self._question, self._remaining = question, Remaining(effort)

    def answers(self) -> Iterator[Mapping[str, Any]]:
        """Of each that is asked about, as far as it is known: `about`, the seats or the rule of a shift, and `state`.
        With the state CANNOT first its conflict, at most MOST_CONFLICTS: `requirements`, by their numbers;
        `irreducible`, whether it is proven that without any one of them the others can hold.
        """
        explained: set[int] = set()
        told = 0
        for about in self._question.open:
            known: bool | None = True
            while about not in explained and known and told < MOST_CONFLICTS and not self._remaining.is_over:
                known, found = self._conflict(about, explained)
                if found is not None:
                    # A conflict of other seats is told as theirs. Without these the seats are asked about once more.
                    wanted = [one for one in found["requirements"] if self._question.day_of[one] >= 0]
                    explained |= {*wanted}
                    told += 1
                    yield {"about": about if about in wanted or not wanted else wanted[0], **found}
                    if not wanted:
                        explained.add(about)
            if about in explained:
                yield {"about": about, "state": CANNOT}
            elif known is False:
                yield {"about": about, "state": COULD}

    def _conflict(self, about: int, without: Set[int]) -> tuple[bool | None, Mapping[str, Any] | None]:
        """Whether it cannot be, with the conflict; None: not known, as the effort is used up. `without`: seats, or
        rules of shifts, that are left out.
        """
        answer: bool | None = None
        for window in _windows(self._question, about):
            held = _Held(self._question, window - without)
            answer = self._cannot_hold(held, held.requirements, STEPS_A_WINDOW)
            if answer:
                members, is_proven = self._without_spare(held)
                return True, {"requirements": sorted(members), "irreducible": is_proven}
        return answer, None

    def _without_spare(self, held: "_Held") -> tuple[Sequence[int], bool]:
        """First does without all requirements of a rank, then without ever smaller parts, at last without each single
        one that the others do not need.
        """
        members = held.requirements
        for rank in sorted(set(self._question.ranks) - {SEATS}):
            others = [number for number in members if self._question.ranks[number] != rank]
            if len(others) < len(members) and self._cannot_hold(held, others):
                members = others
        held.keep(members)
        size = len(members) // 2
        while size > 1:
            members, _ = self._without_parts(held, members, size)
            size //= 2
        return self._without_parts(held, members, 1)

    def _without_parts(self, held: "_Held", members: Sequence[int], size: int) -> tuple[Sequence[int], bool]:
        """What is left, and whether it is proven that each part that is left is needed."""
        at, is_proven = 0, True
        while at < len(members):
            others = [*members[:at], *members[at + size :]]
            spare = self._cannot_hold(held, others)
            if spare:
                members = others
            else:
                at, is_proven = at + size, is_proven and spare is not None
        return members, is_proven

    def _cannot_hold(
        self, held: "_Held", requirements: Sequence[int], most_steps: float = STEPS_A_CHECK
    ) -> bool | None:
        """Whether these cannot hold together; None: not known, as the effort is used up."""
        if self._remaining.is_over:
            return None
        solver = self._remaining.solver(most_steps)
        # Adding up the limits shows what is too much. Trying values in advance only takes time: there are many checks.
        solver.parameters.linearization_level = 1
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.symmetry_level = 0
        status = self._remaining.solved(solver, held.model(requirements))
        answers = {cp_model.INFEASIBLE: True, cp_model.FEASIBLE: False, cp_model.OPTIMAL: False}
        return answers.get(status)


def _windows(question: Question, about: int) -> Iterator[frozenset[int]]:
    """The seats alone, then with those of the days around them, of their week, of the weeks around, and of all days. Of
    a rule of a shift the same: it is asked about without the seats and without other such rules.
    """
    day = question.day_of[about]
    monday = day - (day + question.weekday) % 7
    days = (range(day, day + 1), range(day - 1, day + 2), range(monday, monday + 7), range(monday - 7, monday + 14))
    every = [number for number, rank in enumerate(question.ranks) if rank == question.ranks[about]]
    before = frozenset({about})
    yield before
    for some in (*days, range(max(question.day_of, default=0) + 1)):
        window = frozenset(number for number in every if question.day_of[number] in some)
        if window > before:
            yield window
            before = window


class _Held:
    """What binds the people on the days of a window. Assignments of other days are none, but for those that stand.
    `window`: what is wanted there, seats or a rule of shifts, by the numbers of these requirements.
    """

    def __init__(self, question: Question, window: frozenset[int]) -> None:
        self._highest = question.highest
        self._window = window
        self._model = cp_model.CpModel()
        self._in_force: dict[int, cp_model.IntVar] = {}
        self._days = {question.day_of[number] for number in window}
        stands = set(question.stands)
        self._free = {
            variable
            for variable in range(len(question.highest))
            if variable >= len(question.days) or question.days[variable] in self._days or variable in stands
        }
        self._limits: dict[int, list[Limit]] = {NOT_ONE: []}
        for limit, of in question.limits:
            self._add(limit, of, question)
        middle = sum(self._days) / len(self._days)
        self.requirements: Sequence[int] = sorted(
            (number for number in self._limits if number != NOT_ONE),
            key=lambda number: (question.ranks[number], -abs(question.day_of[number] - middle), number),
        )

    def _add(self, limit: Limit, of: int, question: Question) -> None:
        """Adds a limit unless it belongs to another day, or bars nothing on these days. One that a plan of another day
        could ease (a negative factor) is left out: the question is then asked more mildly, never more strictly.
        """
        if of != NOT_ONE and question.day_of[of] >= 0 and of not in self._window:
            return
        if any(factor < 0 and variable not in self._free for variable, factor in limit.terms):
            return
        terms = tuple((variable, factor) for variable, factor in limit.terms if variable in self._free)
        if sum(max(factor, 0) * self._highest[variable] for variable, factor in terms) > limit.most:
            self._limits.setdefault(of, []).append(limit._replace(terms=terms))

    def keep(self, requirements: Sequence[int]) -> None:
        """Forgets all others."""
        self.requirements = requirements
        self._limits = {number: self._limits[number] for number in (NOT_ONE, *requirements)}
        self._model, self._in_force = cp_model.CpModel(), {}

    def model(self, requirements: Sequence[int]) -> cp_model.CpModel:
        """The one model, with just these requirements in force. To build it anew each time would take most of the
        time.
        """
        if not self._in_force:
            self._build()
        wanted = {NOT_ONE, *requirements}
        for number, variable in self._in_force.items():
            domain = self._model.proto.variables[variable.index].domain
            domain[0] = domain[1] = int(number in wanted)
        return self._model

    def _build(self) -> None:
        variables: dict[int, cp_model.IntVar] = {}
        for number, limits in self._limits.items():
            in_force = self._in_force[number] = self._model.new_bool_var("")
            for limit in limits:
                for variable, _ in limit.terms:
                    if variable not in variables:
                        variables[variable] = self._model.new_int_var(0, self._highest[variable], "")
                own = [variables[variable] for variable, _ in limit.terms]
                total = cp_model.LinearExpr.weighted_sum(own, [factor for _, factor in limit.terms])
                self._model.add(total <= limit.most).only_enforce_if(in_force)
