"""The broken glass of a protected incident."""

from datetime import datetime
from uuid import UUID

from sigap_common.contracts.base import Contract
from sigap_common.personal_data import Sealed


class Glass(Contract):
    """The glass of a protected incident, broken by a person who had no need to see it."""

    id: UUID
    by: str
    at: datetime
    until: datetime
    reason: Sealed | None = None
    """Why it was broken."""
    seen: bool = False
    """Whether a supervisor has seen it."""

    def is_open(self, by: str | None, now: datetime) -> bool:
        """Whether this person sees the incident through it now."""
        return self.by == by and now < self.until
