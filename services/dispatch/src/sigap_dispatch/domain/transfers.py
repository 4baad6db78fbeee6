"""Transfers to another regency. A transfer is an offer: the sender stays responsible, and its agencies go on, until an
agency of the other regency has the linked incident.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import IncidentCreated, ReceivedFrom
from sigap_common.contracts.notes import NoteMark
from sigap_common.contracts.transfers import (
    OfferOutcome,
    TransferAccepted,
    TransferCompleted,
    TransferDismissed,
    TransferEnded,
    TransferMoved,
    TransferOffered,
)
from sigap_common.contracts.zones import owner_of
from sigap_common.core.clock import is_over
from sigap_common.core.errors import Fault, Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.alarms import raise_once
from sigap_dispatch.domain.commands import (
    AcceptTransfer,
    CompleteTransfer,
    DismissTransfer,
    FollowTransfer,
    OfferTransfer,
    OpenFromTransfer,
    RefuseTransfer,
    ReturnTransfer,
    TakeBackTransfer,
)
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.ending import end
from sigap_dispatch.domain.proposals import follow_plan
from sigap_dispatch.domain.refusals import require_open
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.state.offers import GOES_ON, Offer, OfferState

TRANSFERRED = "transferred"
"""The disposition of an incident that another regency has taken over."""
TRANSFER_OFFERED = "transfer_offered"
"""The alarm of the regency to which an incident is offered."""
_RETURNED = {OfferState.REFUSED, OfferState.NOT_ACCEPTED, OfferState.ENDED_THERE}


def offer_transfer(decision: IncidentDecision, command: OfferTransfer) -> None:
    """Offers the incident. Raises Invalid for the incident's own regency, NotAllowed for an incident that is closed,
    backfilled or offered already.
    """
    incident = decision.incident
    if command.to == incident.regency:
        raise Invalid(errors=[Fault(("body", "to"), "transfer_to_itself", {})])
    require_open(incident)
    if incident.backfilled:
        raise NotAllowed("transfer-of-backfilled", state=incident.state)
    if incident.offer and incident.offer.state in GOES_ON:
        raise NotAllowed("transfer-goes-on", state=incident.offer.state, to=incident.offer.to)
    decision.emit(
        TransferOffered(
            **decision.stamp(),
            offer_id=decision.moment.new_id(),
            to=command.to,
            due_at=decision.moment.now + timedelta(seconds=decision.moment.pack.transfer_limit_s),
            message=Sealed(command.message) if command.message else None,
        )
    )


def dismiss_transfer(decision: IncidentDecision, command: DismissTransfer) -> None:
    """Ends the proposal to offer the incident to this regency. A repetition changes nothing. Raises NotFound if that is
    not proposed, NotAllowed if the incident is closed.
    """
    incident = decision.incident
    require_open(incident)
    if incident.proposed_transfer == command.to:
        decision.emit(TransferDismissed(**decision.stamp(), to=command.to))
    elif command.to not in incident.dismissed_transfers:
        raise NotFound


def accept_transfer(decision: IncidentDecision, command: AcceptTransfer) -> None:
    offer = require_offered(decision.incident, command.offer_id)
    opened = {"incident_id": command.incident_id, "number": command.number}
    decision.emit(TransferAccepted(**decision.stamp(), offer_id=offer.id, to=offer.to, **opened))


def refuse_transfer(decision: IncidentDecision, command: RefuseTransfer) -> None:
    offer = require_offer(decision.incident, command.offer_id)
    if offer.state is OfferState.REFUSED:
        return
    require_offered(decision.incident, offer.id)
    _end(decision, "refused", Sealed(command.reason))


def take_back_transfer(decision: IncidentDecision, command: TakeBackTransfer) -> None:
    """Takes an open offer back. For one that came back, it says that a person has seen it: that ends the alarm."""
    offer = require_offer(decision.incident, command.offer_id)
    if offer.state is OfferState.TAKEN_BACK:
        return
    if offer.state not in _RETURNED:
        require_offered(decision.incident, offer.id)
    _end(decision, "taken_back", offer.reason)


def complete_transfer(decision: IncidentDecision, _: CompleteTransfer) -> None:
    offer = decision.incident.offer
    if offer and offer.state is OfferState.ACCEPTED:
        decision.emit(TransferCompleted(**decision.stamp(), offer_id=offer.id, to=offer.to))


def follow_transfer(decision: IncidentDecision, command: FollowTransfer) -> None:
    """Follows a merger of the other regency. It changes nothing if an agency of that regency has the incident."""
    offer = decision.incident.offer
    if offer and offer.state is OfferState.ACCEPTED and offer.incident_id != command.incident_id:
        told = {"incident_id": command.incident_id, "number": command.number}
        decision.emit(TransferMoved(**decision.stamp(), offer_id=offer.id, to=offer.to, **told))


def return_transfer(decision: IncidentDecision, _: ReturnTransfer) -> None:
    """Ends the offer: nobody helps there, so this regency has to, and an alarm says so."""
    offer = decision.incident.offer
    if offer and offer.state is OfferState.ACCEPTED:
        _end(decision, "ended_there")


def open_from_transfer(decision: IncidentDecision, command: OpenFromTransfer) -> None:
    """Opens the receiver's incident. It has what is needed to help: place, notes, and how to reach the caller. The
    caller's history stays behind: neither the call nor the hash of the number goes along.
    """
    sent, pack = command.sent, decision.moment.pack
    assert sent.offer is not None
    known = sent.incident_type if sent.incident_type and pack.incident_type(sent.incident_type) else None
    shared = ("priority", "place", "source", "started_at", "answered_at", "caller_number", "caller_name", "notes")
    decision.emit(
        IncidentCreated(
            **decision.stamp(),
            **{name: getattr(sent, name) for name in shared},
            note_marks=tuple(NoteMark(**note.model_dump(include=set(NoteMark.model_fields))) for note in sent.notes),
            number=command.numbered.number,
            day=command.numbered.day,
            incident_type=known,
            zone_owner=owner_of(command.zone),
            zone=command.zone,
            call_id=None,
            linked_to=sent.id,
            protected=sent.protected or pack.is_protected(known),
            with_agencies=sent.with_agencies,
            received_from=ReceivedFrom(
                offer_id=sent.offer.id, regency=sent.regency, incident_id=sent.id, number=sent.number
            ),
        )
    )
    follow_plan(decision)


def come_back(decision: IncidentDecision) -> None:
    """Ends an offer whose time is over."""
    offer = decision.incident.offer
    if (
        offer
        and offer.state is OfferState.OFFERED
        and is_over(offer.due_at, offer.deadline_set_at, decision.moment.now)
    ):
        _end(decision, "not_accepted")


def close_if_taken_over(decision: IncidentDecision) -> None:
    """Closes the sender's incident as transferred. An agency of the sender that is still on it is never called off by
    this rule: then the incident stays open until its part has ended.
    """
    incident = decision.incident
    completed = incident.offer is not None and incident.offer.state is OfferState.COMPLETED
    if completed and not incident.closed_at and not any(incident.open_forwardings()):
        end(decision, TRANSFERRED, automatic=True)


def end_offer_of_closed(decision: IncidentDecision) -> None:
    """Ends the open offer of an incident that is closed."""
    offer = decision.incident.offer
    if offer and offer.state is OfferState.OFFERED:
        _end(decision, "closed")


def is_returned(incident: Incident) -> bool:
    """Whether the newest offer came back, and nobody has said yet that the incident stays."""
    return incident.offer is not None and incident.offer.state in _RETURNED


def raise_returned(decision: IncidentDecision) -> None:
    """Runs after every decision about an open incident: an offer that came back is an alarm, also if the incident was
    closed meanwhile and reopened.
    """
    incident = decision.incident
    if is_returned(incident):
        raise_once(decision, incident.id, AlarmKind.TRANSFER_RETURNED, label=incident.number)


def require_offer(incident: Incident, offer_id: UUID) -> Offer:
    """The incident's newest offer. Raises NotFound if it is not this one: then a later offer took its place."""
    if incident.offer is None or incident.offer.id != offer_id:
        raise NotFound
    return incident.offer


def require_offered(incident: Incident, offer_id: UUID) -> Offer:
    """The offer, if it is open. Raises NotAllowed with its state otherwise."""
    offer = require_offer(incident, offer_id)
    if offer.state is not OfferState.OFFERED:
        raise NotAllowed("transfer-ended", state=offer.state)
    return offer


def counterparts(incident: Incident) -> Iterator[UUID]:
    """The incidents of other regencies that are the same event: the one it was taken over from, and the one by which
    it was taken over.
    """
    if incident.received_from:
        yield incident.received_from.incident_id
    if incident.offer and incident.offer.incident_id:
        yield incident.offer.incident_id


def receivers_alarms(sent: Incident, events: Iterable[Event]) -> Iterator[tuple[str, AlarmRaised | AlarmCleared]]:
    """The alarms of the regency to which the incident is offered, with its code. They name only the sender's regency.
    A drill raises none.
    """
    for event in () if sent.drill else events:
        if isinstance(event, TransferOffered):
            about = _offer_alarm(event.offer_id)
            yield event.to, AlarmRaised(at=event.at, recorded_at=event.recorded_at, label=sent.regency, **about)
        elif isinstance(event, TransferAccepted | TransferEnded):
            about = _offer_alarm(event.offer_id)
            yield event.to, AlarmCleared(at=event.at, recorded_at=event.recorded_at, **about)


def _offer_alarm(offer_id: UUID) -> dict[str, Any]:
    return {
        "alarm_id": uuid5(offer_id, TRANSFER_OFFERED),
        "kind": TRANSFER_OFFERED,
        "about": f"transfers/{offer_id}",
    }


def _end(decision: IncidentDecision, outcome: OfferOutcome, reason: Sealed | None = None) -> None:
    offer = decision.incident.offer
    assert offer is not None
    decision.emit(TransferEnded(**decision.stamp(), offer_id=offer.id, to=offer.to, outcome=outcome, reason=reason))


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    OfferTransfer: offer_transfer,
    DismissTransfer: dismiss_transfer,
    AcceptTransfer: accept_transfer,
    RefuseTransfer: refuse_transfer,
    TakeBackTransfer: take_back_transfer,
    CompleteTransfer: complete_transfer,
    OpenFromTransfer: open_from_transfer,
    FollowTransfer: follow_transfer,
    ReturnTransfer: return_transfer,
}
