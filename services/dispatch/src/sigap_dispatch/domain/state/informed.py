"""Recipients who are only told of an incident."""

from datetime import datetime
from uuid import UUID

from sigap_common.contracts.base import Contract
from sigap_common.contracts.informing import InformationEnding


class Information(Contract):
    """A recipient who is only told of the incident: nothing is asked of it."""

    id: UUID
    agency: str
    revision: int
    since: datetime
    ended_at: datetime | None = None
    reason: InformationEnding | None = None
    """Why it ended."""


class CarriedRecipient(Contract):
    """A recipient whom a merged incident informed, and who is informed of this one instead."""

    other: UUID
    """The merged incident."""
    agency: str
