"""How reopening changes an incident."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.reopening import IncidentReopened
from sigap_dispatch.domain.state.forwarding import ForwardingState
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.state.offers import OfferState

GIVEN_BACK = {
    "withdrawn_at": None,
    "withdrawal_reason": None,
    "withdrawal_text": None,
    "stand_down": False,
    "stood_down_at": None,
    "stand_down_since": None,
    "stand_down_noted_at": None,
    "confirm_within_s": None,
    "unconfirmed_at": None,
}
"""The fields of a forwarding that the agency gets back."""


def _reopened(incident: Incident, event: IncidentReopened) -> Incident:
    is_attended = any(forwarding.stands for forwarding in incident.forwardings)
    done = tuple(f.id for f in incident.forwardings if f.state is ForwardingState.DONE)
    return incident.model_copy(
        update={
            "closed_at": None,
            "disposition": None,
            "reopen_until": None,
            "without_agency_since": None if is_attended else event.recorded_at,
            "done_before_reopening": done,
            "offer": None if _is_taken_over(incident) else incident.offer,
        }
    )


def _is_taken_over(incident: Incident) -> bool:
    """Whether another regency has taken the incident over. Such an offer would close it again at once."""
    return incident.offer is not None and incident.offer.state is OfferState.COMPLETED


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {IncidentReopened: _reopened}
