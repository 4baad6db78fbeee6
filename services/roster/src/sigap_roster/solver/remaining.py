"""What is left of the effort of a search, and solvers that keep to it."""

from collections.abc import Sequence
from time import monotonic

from ortools.sat.python import cp_model

from sigap_roster.solver.wire import Effort

FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)


class Remaining:
    """Shared by all that search for one answer, so that they stay within its effort together. `whole`: of which this
    is a part.
    """

    def __init__(self, effort: Effort, whole: "Remaining | None" = None) -> None:
        self.seed = effort.seed
        self._steps, self._ends = effort.steps, monotonic() + effort.seconds
        self._whole = whole

    def part(self, share: float) -> "Remaining":
        """A share of what is left. What is spent of it is spent of the whole."""
        return Remaining(Effort(share * self.steps, share * self.seconds, self.seed), self)

    @property
    def steps(self) -> float:
        """The solver's own steps."""
        return max(0.0, self._steps)

    @property
    def seconds(self) -> float:
        """Of the clock."""
        return max(0.0, self._ends - monotonic())

    @property
    def is_over(self) -> bool:
        return not self.steps or not self.seconds

    def spend(self, steps: float) -> None:
        self._steps -= steps
        if self._whole is not None:
            self._whole.spend(steps)

    def solver(self, most_steps: float, share: float = 1.0) -> cp_model.CpSolver:
        """A solver that gives the same answer each time, unless its time ends before its steps do. `share`: of what is
        left, the most that it may take.
        """
        solver = cp_model.CpSolver()
        solver.parameters.random_seed = self.seed
        solver.parameters.num_workers = 1  # with more of them the answer depends on their race
        solver.parameters.max_deterministic_time = min(most_steps, share * self.steps)
        solver.parameters.max_time_in_seconds = share * self.seconds
        return solver

    def solved(
        self,
        solver: cp_model.CpSolver,
        model: cp_model.CpModel,
        told: cp_model.CpSolverSolutionCallback | None = None,
    ) -> cp_model.CpSolverStatus:
        """Solves the model, and spends the steps that it took."""
        status = solver.solve(model, told)
        self.spend(solver.response_proto.deterministic_time)
        return status


def decide_in_order(solver: cp_model.CpSolver, model: cp_model.CpModel, variables: Sequence[cp_model.IntVar]) -> None:
    """Lets the solver decide these variables first, in their order, each at its highest value, and search in no other
    way. The linear relaxation and the longest parts of presolve are switched off: they find little for such a search.
    """
    model.add_decision_strategy(variables, cp_model.CHOOSE_FIRST, cp_model.SELECT_MAX_VALUE)
    solver.parameters.search_branching = cp_model.FIXED_SEARCH
    solver.parameters.linearization_level = 0
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.merge_at_most_one_work_limit = 0
    solver.parameters.presolve_probing_deterministic_time_limit = 0
