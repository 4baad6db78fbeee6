"""A call is offered to another regency, whose caller it is.

The sender stays responsible until an operator of the other regency accepts. That operator then goes on in a call of
the other regency, which has what was said so far, and never the number's earlier calls.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sigap_common.contracts import Contract, Event
from sigap_common.contracts.call_transfers import (
    CallTransferAccepted,
    CallTransferEnded,
    CallTransferOffered,
)
from sigap_common.contracts.calls import CallClass, CallClassified, CallReclassified
from sigap_common.core.clock import is_over
from sigap_common.personal_data import Sealed


class CallTransferState(StrEnum):
    """The state of an offer of a call to another regency."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    NOT_ACCEPTED = "not_accepted"
    EMERGENCY = "emergency"


OF_TRANSFER = (CallTransferOffered, CallTransferAccepted, CallTransferEnded)
RETURNED = frozenset({CallTransferState.REFUSED, CallTransferState.NOT_ACCEPTED})
"""The sender must decide what follows."""


class CallTransfer(Contract):
    """The newest offer of a call."""

    id: UUID
    to: str
    state: CallTransferState
    offered_at: datetime
    set_at: datetime
    """When the offer was made, by our own clock."""
    due_at: datetime
    message: Sealed | None = None
    reason: Sealed | None = None
    call_id: UUID | None = None
    """The call of the other regency."""

    @property
    def is_open(self) -> bool:
        return self.state is CallTransferState.OFFERED

    def is_late(self, now: datetime) -> bool:
        """Whether the time to accept is over."""
        return self.is_open and is_over(self.due_at, self.set_at, now)


def transfer_after(
    before: CallTransfer | None, event: CallTransferOffered | CallTransferAccepted | CallTransferEnded
) -> CallTransfer:
    """The offer after the event."""
    if isinstance(event, CallTransferOffered):
        said = {name: getattr(event, name) for name in ("to", "due_at", "message")}
        made = {"offered_at": event.at, "set_at": event.recorded_at, "state": CallTransferState.OFFERED}
        return CallTransfer(id=event.transfer_id, **said, **made)
    if before is None:
        raise TypeError("an offer begins with CallTransferOffered")
    if isinstance(event, CallTransferAccepted):
        return before.model_copy(update={"state": CallTransferState.ACCEPTED, "call_id": event.call_id})
    return before.model_copy(update={"state": CallTransferState(event.outcome), "reason": event.reason})


def offered(moment: dict[str, Any], transfer_id: UUID, to: str, limit: timedelta, message: Sealed | None) -> Event:
    due_at = moment["recorded_at"] + limit
    return CallTransferOffered(**moment, transfer_id=transfer_id, to=to, due_at=due_at, message=message)


def is_emergency(event: Event) -> bool:
    """Whether the event makes the call an emergency: then its incident is offered, not the call."""
    return isinstance(event, CallClassified | CallReclassified) and event.call_class is CallClass.EMERGENCY
