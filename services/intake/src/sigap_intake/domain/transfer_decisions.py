"""The decisions about offers of a call to another regency."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sigap_common.contracts import Event
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.call_transfers import (
    CallTransferAccepted,
    CallTransferEnded,
    CallTransferOffered,
    CallTransferOutcome,
)
from sigap_common.contracts.calls import CallClass
from sigap_common.core.errors import Fault, Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_intake.domain.call import CALL_RETURNED, Call
from sigap_intake.domain.call_alarms import cleared, raised
from sigap_intake.domain.call_transfer import RETURNED, CallTransfer, CallTransferState, offered
from sigap_intake.domain.commands import AcceptCall, KeepCall, OfferToRegency, RefuseCall
from sigap_intake.domain.moments import moment_of

CALL_OFFERED = "call_offered"
"""The alarm of the regency to which a call is offered."""


def offer_to_regency(call: Call, command: OfferToRegency, now: datetime) -> list[Event]:
    """A repeat changes nothing. Raises Invalid for the call's own regency; NotAllowed for a call that nobody has
    spoken with, a late entry, an emergency, and a call that is offered or handed on already.
    """
    if command.to == call.regency:
        raise Invalid(errors=[Fault(("body", "to"), "transfer_to_itself", {})])
    if not call.in_hand:
        raise NotAllowed("never-answered", state=call.state)
    if call.backfilled:
        raise NotAllowed("transfer-of-backfilled", state=call.state)
    if call.classification and call.classification.call_class is CallClass.EMERGENCY:
        raise NotAllowed("transfer-the-incident", state=call.state)
    known = call.transfer
    if known and known.is_open and known.to == command.to:
        return []
    if known and (known.is_open or call.handed_on):
        raise NotAllowed("transfer-goes-on", state=known.state, to=known.to)
    moment = moment_of(call, command, now)
    return [offered(moment, command.transfer_id, command.to, command.limit, command.message)]


def accept_call(call: Call, command: AcceptCall, now: datetime) -> list[Event]:
    transfer = require_open(call, command.transfer_id)
    moment = moment_of(call, command, now)
    return [CallTransferAccepted(**moment, transfer_id=transfer.id, to=transfer.to, call_id=command.call_id)]


def refuse_call(call: Call, command: RefuseCall, now: datetime) -> list[Event]:
    transfer = require_transfer(call, command.transfer_id)
    if transfer.state is CallTransferState.REFUSED:
        return []
    require_open(call, transfer.id)
    refused = _ended(moment_of(call, command, now), transfer, "refused", command.reason)
    return [refused, *_came_back(call, now)]


def keep_call(call: Call, command: KeepCall, now: datetime) -> list[Event]:
    """Also of an offer that came back: a person has seen it."""
    transfer = require_transfer(call, command.transfer_id)
    if transfer.state is CallTransferState.TAKEN_BACK:
        return []
    if transfer.state not in RETURNED:
        require_open(call, transfer.id)
    return [_ended(moment_of(call, command, now), transfer, "taken_back", transfer.reason)]


def miss_transfer(call: Call, now: datetime) -> list[Event]:
    if call.transfer is None or not call.transfer.is_late(now):
        return []
    return [_ended({"at": now, "recorded_at": now}, call.transfer, "not_accepted"), *_came_back(call, now)]


def end_transfer_of_emergency(call: Call, now: datetime) -> list[Event]:
    """For a call that has just become an emergency: its incident can be offered from now on."""
    transfer = call.transfer
    if transfer is None or not (transfer.is_open or transfer.state in RETURNED):
        return []
    return [_ended({"at": now, "recorded_at": now}, transfer, "emergency", transfer.reason)]


def stays(call: Call, now: datetime) -> list[Event]:
    """Clears the alarm of an offer that came back, once somebody has decided what follows."""
    is_returned = call.transfer is not None and call.transfer.state in RETURNED
    return [cleared(call, CALL_RETURNED, now)] if call.came_back and not is_returned else []


def require_transfer(call: Call, transfer_id: UUID) -> CallTransfer:
    """The call's newest offer. Raises NotFound if it is not this one: then a later offer took its place."""
    if call.transfer is None or call.transfer.id != transfer_id:
        raise NotFound
    return call.transfer


def require_open(call: Call, transfer_id: UUID) -> CallTransfer:
    """The offer, if it is open. Raises NotAllowed with its state otherwise."""
    transfer = require_transfer(call, transfer_id)
    if not transfer.is_open:
        raise NotAllowed("transfer-ended", state=transfer.state)
    return transfer


def receivers_alarms(sent: Call, events: Iterable[Event]) -> Iterator[tuple[str, AlarmRaised | AlarmCleared]]:
    """The alarms of the regency to which a call is offered, with its code. They name only the sender. A drill
    raises none.
    """
    for event in () if sent.drill else events:
        if isinstance(event, CallTransferOffered):
            about = _alarm(event.transfer_id)
            yield event.to, AlarmRaised(at=event.at, recorded_at=event.recorded_at, label=sent.regency, **about)
        elif isinstance(event, CallTransferAccepted | CallTransferEnded):
            about = _alarm(event.transfer_id)
            yield event.to, AlarmCleared(at=event.at, recorded_at=event.recorded_at, **about)


def _ended(
    moment: dict[str, Any], transfer: CallTransfer, outcome: CallTransferOutcome, reason: Sealed | None = None
) -> CallTransferEnded:
    return CallTransferEnded(**moment, transfer_id=transfer.id, to=transfer.to, outcome=outcome, reason=reason)


def _came_back(call: Call, now: datetime) -> list[Event]:
    """A drill raises no alarm."""
    return [] if call.drill or call.came_back else [raised(call, CALL_RETURNED, now, label=call.answered_by)]


def _alarm(transfer_id: UUID) -> dict[str, Any]:
    about = f"call-transfers/{transfer_id}"
    return {"alarm_id": uuid5(transfer_id, CALL_OFFERED), "kind": CALL_OFFERED, "about": about}
