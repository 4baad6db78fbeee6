"""A referral of a non-emergency report, as intake knows it from dispatch."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KnownReferral:
    """`to`: the agency as `<regency>/<code>`; None: the city's complaints desk. `answer`: what is to be read to the
    caller.
    """

    id: UUID
    number: str
    to: str | None
    opened_at: datetime
    is_open: bool
    answer: str | None
    answered_at: datetime | None
