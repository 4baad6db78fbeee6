"""Events that intake publishes about offers of a call to another regency. Subject: the sender's call."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event
from sigap_common.personal_data import Sealed

CallTransferOutcome = Literal["refused", "taken_back", "not_accepted", "emergency"]
"""How an offer ended that nobody accepted. `not_accepted`: the pack's time was over. `emergency`: the sender's operator
classified the call as an emergency, whose incident can be offered now.
"""


class TransferredFrom(Contract):
    """The call of another regency that this one goes on with."""

    transfer_id: UUID
    regency: str
    call_id: UUID
    answered_at: datetime | None = Field(
        default=None, description="When the caller was first answered, by the other regency"
    )


class CallTransferOffered(Event):
    """The call was offered to another regency. Until that regency accepts, this one stays responsible."""

    topic: ClassVar[str] = topics.CALLS
    transfer_id: UUID
    to: str = Field(description="Code of the regency to which it is offered")
    due_at: datetime = Field(description="If nobody has accepted by then, the offer comes back")
    message: Sealed | None = Field(default=None, description="What the sender's operator says to the other regency")


class CallTransferAccepted(Event):
    """An operator of the other regency accepted. A call of that regency goes on with the caller."""

    topic: ClassVar[str] = topics.CALLS
    transfer_id: UUID
    to: str
    call_id: UUID = Field(description="The call of the other regency")


class CallTransferEnded(Event):
    """The offer ended and nobody accepted it. The call stays with its regency."""

    topic: ClassVar[str] = topics.CALLS
    transfer_id: UUID
    to: str
    outcome: CallTransferOutcome
    reason: Sealed | None = Field(default=None, description="Why the other regency refused, in words")
