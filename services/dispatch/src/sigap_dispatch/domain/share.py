"""The state of a share: what another regency may see of an incident, and until when."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sigap_common.contracts.base import Contract
from sigap_common.contracts.shares import RedactionProfile
from sigap_common.core.clock import is_over
from sigap_common.personal_data import Sealed


class ShareState(StrEnum):
    """The state of a share. Only `asked` and `shared` go on."""

    ASKED = "asked"
    SHARED = "shared"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    PROTECTED = "protected"


class Share(Contract):
    """The newest share of the incident with one other regency."""

    id: UUID
    to: str
    state: ShareState
    profile: RedactionProfile
    until: datetime
    set_at: datetime
    """When `until` was set, by our clock."""
    began_at: datetime
    asked: bool = False
    """Whether the other regency asked for it."""
    of_protected: bool = False
    """Whether the incident was protected when a person agreed to share it."""
    request: Sealed | None = None
    """Why the other regency asked."""
    message: Sealed | None = None
    """A message to the other regency, by the dispatcher who shares the incident."""
    reason: Sealed | None = None
    """Why it ended."""
    came_with: UUID | None = None
    """The shared incident that was merged into this one, from which it follows."""
    without: tuple[int, ...] = ()
    """The numbers of notes that came by mergers since a person agreed: nobody agreed to show those."""

    @property
    def goes_on(self) -> bool:
        return self.state in (ShareState.ASKED, ShareState.SHARED)

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over, also if no timer has ended it yet."""
        return self.goes_on and is_over(self.until, self.set_at, now)

    def shows(self, now: datetime) -> bool:
        """Whether the other regency sees the incident now."""
        return self.state is ShareState.SHARED and not self.is_over(now)
