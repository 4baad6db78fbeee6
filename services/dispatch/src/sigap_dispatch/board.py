"""The entries of the incident board, which are stored when an incident is recorded."""

from collections.abc import Mapping, Sequence
from typing import Any

from sigap_common.messaging.list_entries import ListEntries, Shown
from sigap_common.regency.in_force import PacksInForce
from sigap_dispatch.domain import Incident
from sigap_dispatch.schemas.incidents import NONE_KNOWN, ForwardingOut, IncidentOut, PersonalOut
from sigap_dispatch.schemas.proposals import ProposalOut
from sigap_dispatch.schemas.protection import HiddenIncidentOut
from sigap_dispatch.schemas.questions import ProposedLevelOut, QuestionOut
from sigap_dispatch.schemas.transfers import OfferOut
from sigap_dispatch.timeline_words import agency_name

FORM = 14
"""The version of the stored entries. Raise it if IncidentOut shows other fields or other values."""


def _shown(incident: Incident) -> Shown:
    """The entry of an incident. It has no deliveries, and no agencies' names: they change independently, in rows of
    their own and in packs. The only personal data in a forwarding is the dispatcher's text and the agency's; in an
    offer, the words of both dispatchers.
    """
    personal = dict(PersonalOut.revealed(incident)) | {"opened": True}
    if any(forwarding.withdrawal_text or forwarding.text for forwarding in incident.forwardings):
        personal["forwardings"] = [
            ForwardingOut.of(incident, forwarding, NONE_KNOWN, None, opened=True) for forwarding in incident.forwardings
        ]
    if incident.offer is not None:
        personal["offer"] = OfferOut.of(incident.offer, opened=True)
    personal |= _of_agencies(incident)
    return Shown(IncidentOut.of(incident, {}, None, opened=False), personal)


def _of_agencies(incident: Incident) -> dict[str, Any]:
    """The fields with the words of agencies, if they said any."""
    told: dict[str, Any] = {}
    if any(proposal.text for proposal in incident.proposals):
        told["proposals"] = [ProposalOut.of(one) for one in incident.proposals]
    if incident.questions:
        told["questions"] = [QuestionOut.of(one, opened=True) for one in incident.questions]
    if incident.proposed_level:
        told["proposed_alarm_level"] = ProposedLevelOut.of(incident.proposed_level, opened=True)
    return told


BOARD = ListEntries(FORM, _shown)


def hidden_entry(row: Any) -> dict[str, Any]:
    """The entry of a protected incident for those whom it does not concern."""
    return HiddenIncidentOut.at(row.attention, row).model_dump(mode="json")


def add_deliveries(entries: Sequence[dict[str, Any]], deliveries: Mapping[str, Mapping[str, Any]]) -> None:
    """Adds the state of its delivery to each forwarding of the entries. `deliveries`: by the forwarding's id in
    hexadecimal.
    """
    for entry in entries:
        for forwarding in entry.get("forwardings", ()):
            forwarding.update(deliveries.get(forwarding["id"].replace("-", ""), {}))


def add_names(entries: Sequence[dict[str, Any]], packs: PacksInForce) -> None:
    """Adds the name of its agency to each forwarding of the entries."""
    for entry in entries:
        for forwarding in entry.get("forwardings", ()):
            forwarding["name"] = agency_name(forwarding["agency"], entry["regency"], packs)
