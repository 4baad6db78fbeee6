"""The offer of an incident to another regency."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sigap_common.contracts.base import Contract
from sigap_common.personal_data import Sealed


class OfferState(StrEnum):
    """The state of an offer to another regency. Only `offered` and `accepted` go on."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    NOT_ACCEPTED = "not_accepted"
    CLOSED = "closed"
    ENDED_THERE = "ended_there"


GOES_ON = frozenset({OfferState.OFFERED, OfferState.ACCEPTED, OfferState.COMPLETED})
"""The states of an offer in which no other one is made."""


class Offer(Contract):
    """The newest offer of the incident to another regency."""

    id: UUID
    to: str
    state: OfferState = OfferState.OFFERED
    offered_at: datetime
    deadline_set_at: datetime
    due_at: datetime
    message: Sealed | None = None
    reason: Sealed | None = None
    """Why the other regency refused."""
    incident_id: UUID | None = None
    """The incident of the other regency, if it accepted: the one that it opened, or that this was merged into."""
    number: str | None = None
