"""An incident that was closed lately, as intake knows it from dispatch's events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ClosedIncident:
    """`number`: the one that people use. `reopen_until`: until then an operator or dispatcher reopens it in one
    step.
    """

    id: UUID
    number: str
    incident_type: str | None
    protected: bool
    drill: bool
    closed_at: datetime
    reopen_until: datetime
