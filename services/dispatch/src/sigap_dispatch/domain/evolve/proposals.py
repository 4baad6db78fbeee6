"""How proposals change an incident."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.proposals import ForwardingProposed, ProposalEnded
from sigap_dispatch.domain.state.asked import Proposal
from sigap_dispatch.domain.state.incident import Incident


def without(incident: Incident, agency: str) -> Incident:
    """The incident without a proposal or a dismissal of this agency: it has been told."""
    if incident.proposal(agency) is None and agency not in incident.dismissed:
        return incident
    return incident.model_copy(
        update={
            "proposals": _others(incident, agency),
            "dismissed": tuple(one for one in incident.dismissed if one != agency),
        }
    )


def _proposed(incident: Incident, event: ForwardingProposed) -> Incident:
    proposal = Proposal(
        agency=event.agency,
        role=event.role,
        alarm_level=event.alarm_level,
        reason=event.reason,
        since=event.at,
        instead_of=event.instead_of,
        asked_by=event.asked_by,
        text=event.text,
    )
    return incident.model_copy(update={"proposals": (*_others(incident, event.agency), proposal)})


def _ended(incident: Incident, event: ProposalEnded) -> Incident:
    """A dismissal is remembered until the agency is told, also if it is proposed again and that lapses."""
    left = {"proposals": _others(incident, event.agency)}
    if event.how == "lapsed" or event.agency in incident.dismissed:
        return incident.model_copy(update=left)
    return incident.model_copy(update={**left, "dismissed": (*incident.dismissed, event.agency)})


def _others(incident: Incident, agency: str) -> tuple[Proposal, ...]:
    return tuple(one for one in incident.proposals if one.agency != agency)


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    ForwardingProposed: _proposed,
    ProposalEnded: _ended,
}
