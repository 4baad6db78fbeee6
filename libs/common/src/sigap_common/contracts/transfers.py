"""Events that dispatch publishes about offers of an incident to another regency. Subject: the sender's incident."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed

OfferOutcome = Literal["refused", "taken_back", "not_accepted", "closed", "ended_there"]
"""How an offer ended that led to nothing. `not_accepted`: the pack's time was over. `closed`: the sender closed the
incident. `ended_there`: the other regency accepted, and ended its incident before an agency had it.
"""


class TransferOffered(Event):
    """The incident was offered to another regency. Until that regency accepts, this one stays responsible."""

    topic: ClassVar[str] = topics.INCIDENTS
    offer_id: UUID
    to: str = Field(description="Code of the regency to which it is offered")
    due_at: datetime = Field(description="If nobody has accepted by then, the offer comes back")
    message: Sealed | None = Field(default=None, description="What the sender's dispatcher says to the other regency")


class TransferDismissed(Event):
    """A person said that the incident stays, although its place lies in another regency."""

    topic: ClassVar[str] = topics.INCIDENTS
    to: str = Field(description="Code of that regency")


class TransferAccepted(Event):
    """The other regency accepted: it has opened a linked incident of its own."""

    topic: ClassVar[str] = topics.INCIDENTS
    offer_id: UUID
    to: str
    incident_id: UUID = Field(description="The incident of the other regency")
    number: str = Field(description="Its number")


class TransferMoved(Event):
    """The other regency merged its incident into another one of its own, or took it out again: that one counts now."""

    topic: ClassVar[str] = topics.INCIDENTS
    offer_id: UUID
    to: str
    incident_id: UUID = Field(description="The incident of the other regency that counts from now on")
    number: str = Field(description="Its number")


class TransferEnded(Event):
    """The offer ended, and no agency of the other regency has the incident. It stays with its regency."""

    topic: ClassVar[str] = topics.INCIDENTS
    offer_id: UUID
    to: str
    outcome: OfferOutcome
    reason: Sealed | None = Field(default=None, description="Why the other regency refused, in words")


class TransferCompleted(Event):
    """The first agency of the other regency has the linked incident."""

    topic: ClassVar[str] = topics.INCIDENTS
    offer_id: UUID
    to: str
