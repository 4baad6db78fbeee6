"""How waivers of roles, and stand-downs that nobody confirms, change an incident."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.needs import RoleWaived, RoleWaiverEnded, WithdrawalNoted, WithdrawalUnconfirmed
from sigap_dispatch.domain.state.asked import Waiver
from sigap_dispatch.domain.state.incident import Incident


def wanted_again(incident: Incident, role: str) -> Incident:
    """The incident without a waiver of this role: an agency has been told for it."""
    if not any(waiver.role == role for waiver in incident.waivers):
        return incident
    return incident.model_copy(update={"waivers": tuple(one for one in incident.waivers if one.role != role)})


def _waived(incident: Incident, event: RoleWaived) -> Incident:
    waiver = Waiver(role=event.role, at=event.at, by=event.by)
    return incident.model_copy(update={"waivers": (*wanted_again(incident, event.role).waivers, waiver)})


def _waiver_ended(incident: Incident, event: RoleWaiverEnded) -> Incident:
    return wanted_again(incident, event.role)


def _unconfirmed(incident: Incident, event: WithdrawalUnconfirmed) -> Incident:
    return _with(incident, event, "unconfirmed_at")


def _noted(incident: Incident, event: WithdrawalNoted) -> Incident:
    return _with(incident, event, "stand_down_noted_at")


def _with(incident: Incident, event: WithdrawalUnconfirmed | WithdrawalNoted, field: str) -> Incident:
    forwardings = tuple(
        f.model_copy(update={field: event.at}) if f.id == event.forwarding_id else f for f in incident.forwardings
    )
    return incident.model_copy(update={"forwardings": forwardings})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    RoleWaived: _waived,
    RoleWaiverEnded: _waiver_ended,
    WithdrawalUnconfirmed: _unconfirmed,
    WithdrawalNoted: _noted,
}
