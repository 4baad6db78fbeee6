"""Applies the events of offers to other regencies to the sender's incident."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sigap_common.contracts.base import Event
from sigap_common.contracts.transfers import (
    TransferAccepted,
    TransferCompleted,
    TransferDismissed,
    TransferEnded,
    TransferMoved,
    TransferOffered,
)
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.state.offers import Offer, OfferState


def _offered(incident: Incident, event: TransferOffered) -> Incident:
    offer = Offer(
        id=event.offer_id,
        to=event.to,
        offered_at=event.at,
        deadline_set_at=event.recorded_at,
        due_at=event.due_at,
        message=event.message,
    )
    return incident.model_copy(update={"offer": offer, "offered_to": _with_one(incident.offered_to, event.to)})


def _dismissed(incident: Incident, event: TransferDismissed) -> Incident:
    return incident.model_copy(update={"dismissed_transfers": _with_one(incident.dismissed_transfers, event.to)})


def _with_one(known: tuple[str, ...], regency: str) -> tuple[str, ...]:
    return known if regency in known else (*known, regency)


def _accepted(incident: Incident, event: TransferAccepted) -> Incident:
    told = {"incident_id": event.incident_id, "number": event.number}
    return _with(incident, event.offer_id, {"state": OfferState.ACCEPTED, **told})


def _ended(incident: Incident, event: TransferEnded) -> Incident:
    return _with(incident, event.offer_id, {"state": OfferState(event.outcome), "reason": event.reason})


def _moved(incident: Incident, event: TransferMoved) -> Incident:
    return _with(incident, event.offer_id, {"incident_id": event.incident_id, "number": event.number})


def _completed(incident: Incident, event: TransferCompleted) -> Incident:
    return _with(incident, event.offer_id, {"state": OfferState.COMPLETED})


def _with(incident: Incident, offer_id: UUID, new: dict[str, Any]) -> Incident:
    assert incident.offer is not None
    assert incident.offer.id == offer_id
    return incident.model_copy(update={"offer": incident.offer.model_copy(update=new)})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    TransferOffered: _offered,
    TransferDismissed: _dismissed,
    TransferAccepted: _accepted,
    TransferEnded: _ended,
    TransferCompleted: _completed,
    TransferMoved: _moved,
}
