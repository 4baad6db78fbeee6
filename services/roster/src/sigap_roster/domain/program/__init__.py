"""A plan as an integer program, which a solver fills in: the same rules as `domain.rules`, as limits of sums. Pure.

The program knows no person and no name. What a solver answers is a plan like any other: the rules are asked of it.
"""

from sigap_roster.domain.program.changes import a_person, least_changed, least_kept
from sigap_roster.domain.program.limits import (
    Limit,
    Program,
    Tier,
    completed,
    cost_of,
    is_better,
    total_of,
    units_above,
)
from sigap_roster.domain.program.requirements import (
    NOT_ONE,
    GapState,
    Requirement,
    RequirementKind,
    Requirements,
    requirements,
)
from sigap_roster.domain.program.shortage import Shortage, shortages
from sigap_roster.domain.program.written import CONSTRAINTS, Existing, Written, size, written

__all__ = [
    "CONSTRAINTS",
    "NOT_ONE",
    "Existing",
    "GapState",
    "Limit",
    "Program",
    "Requirement",
    "RequirementKind",
    "Requirements",
    "Shortage",
    "Tier",
    "Written",
    "a_person",
    "completed",
    "cost_of",
    "is_better",
    "least_changed",
    "least_kept",
    "requirements",
    "shortages",
    "size",
    "total_of",
    "units_above",
    "written",
]
