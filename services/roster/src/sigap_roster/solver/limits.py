"""Puts the limits of a program into a model of the solver."""

from collections.abc import Mapping, Sequence

from ortools.sat.python import cp_model

from sigap_roster.domain.program import Limit

Variables = Mapping[int, cp_model.IntVar] | Sequence[cp_model.IntVar]
"""By their numbers in the program."""


def limited(
    model: cp_model.CpModel, variables: Variables, limit: Limit, highest: Sequence[int] | Mapping[int, int]
) -> cp_model.IntVar | None:
    """Limits the sum. Returns the variable that says how many units above the limit it is; None: the limit must hold.
    `highest`: of each variable of the program.
    """
    price, factors = limit.price, [factor for _, factor in limit.terms]
    total = cp_model.LinearExpr.weighted_sum([variables[n] for n, _ in limit.terms], factors)
    if not price.cost:
        model.add(total <= limit.most)
        return None
    above = max(0, sum(max(factor, 0) * highest[n] for n, factor in limit.terms) - limit.most)
    units = model.new_int_var(0, -(-above // price.unit), "")
    model.add(total - price.unit * units <= limit.most)
    return units
