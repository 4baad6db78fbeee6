"""How proposals change an incident."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.proposals import ForwardingProposed, ProposalEnded
from sigap_dispatch.domain.state import Incident, Proposal


def without(incident: Incident, agency: str) -> Incident:
    """The incident without a proposal or a dismissal of this agency: it has been told."""
    if incident.proposal(agency) is None and agency not in incident.dismissed:
        return incident
    return incident.model_copy(
        update={
            "proposals": tuple(one for one in incident.proposals if one.agency != agency),
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
    )
    before = without(incident, event.agency)
    return before.model_copy(update={"proposals": (*before.proposals, proposal)})


def _ended(incident: Incident, event: ProposalEnded) -> Incident:
    after = without(incident, event.agency)
    if event.how == "lapsed":
        return after
    return after.model_copy(update={"dismissed": (*after.dismissed, event.agency)})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {
    ForwardingProposed: _proposed,
    ProposalEnded: _ended,
}
