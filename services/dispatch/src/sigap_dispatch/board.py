"""The entries of the incident board, which are stored when an incident is recorded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sigap_common.messaging.list_entries import ListEntries, Shown
from sigap_common.regency.in_force import PacksInForce
from sigap_dispatch.domain import Incident
from sigap_dispatch.schemas.incidents import NONE_KNOWN, ForwardingOut, IncidentOut, PersonalOut
from sigap_dispatch.schemas.proposals import ProposalOut
from sigap_dispatch.schemas.protection import HiddenIncidentOut
from sigap_dispatch.schemas.questions import ProposedLevelOut, QuestionOut
from sigap_dispatch.schemas.transfers import OfferOut
from sigap_dispatch.timeline_words import Names

FORM = 15
"""The version of the stored entries. Raise it if IncidentOut shows other fields or other values."""


def _shown(incident: Incident) -> Shown:
    """The entry of an incident. It has no deliveries, and no names of agencies and roles: they change independently, in
    rows of their own and in packs. The only personal data in a forwarding is the dispatcher's text and the agency's; in
    an offer, the words of both dispatchers.
    """
    personal, later = dict(PersonalOut.revealed(incident)) | {"opened": True}, Names(incident.regency, None)
    if any(forwarding.withdrawal_text or forwarding.text for forwarding in incident.forwardings):
        personal["forwardings"] = [
            ForwardingOut.of(incident, forwarding, NONE_KNOWN, later, opened=True)
            for forwarding in incident.forwardings
        ]
    if incident.offer is not None:
        personal["offer"] = OfferOut.of(incident.offer, opened=True)
    personal |= _of_agencies(incident, later)
    return Shown(IncidentOut.of(incident, {}, None, opened=False), personal)


def _of_agencies(incident: Incident, names: Names) -> dict[str, Any]:
    """The fields with the words of agencies, if they said any."""
    told: dict[str, Any] = {}
    if any(proposal.text for proposal in incident.proposals):
        told["proposals"] = [ProposalOut.of(one, names) for one in incident.proposals]
    if incident.questions:
        told["questions"] = [QuestionOut.of(one, names, opened=True) for one in incident.questions]
    if incident.proposed_level:
        told["proposed_alarm_level"] = ProposedLevelOut.of(incident.proposed_level, names, opened=True)
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
    """Adds the names of agencies and roles to the parts of the entries."""
    for entry in entries:
        names = Names(entry["regency"], packs)
        for part in _parts(entry):
            if "agency" in part:
                part["name"] = names.agency(part["agency"])
            if "role" in part:
                part["role_label"] = names.role(part["role"])


def _parts(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of an entry that name an agency or a role. A hidden entry has none."""
    for key in ("forwardings", "proposals", "needs", "questions", "informed"):
        yield from entry.get(key, ())
    if level := entry.get("proposed_alarm_level"):
        yield level
