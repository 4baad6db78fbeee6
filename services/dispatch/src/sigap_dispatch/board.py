"""The incident board: what a list shows of each incident, written where the incident is recorded."""

from collections.abc import Mapping, Sequence
from typing import Any

from sigap_common.messaging.list_entries import ListEntries
from sigap_dispatch.domain import Incident
from sigap_dispatch.schemas.incidents import NONE_KNOWN, ForwardingOut, IncidentOut, PersonalOut

FORM = 3
"""Raise it with every change of what IncidentOut shows."""


def _shown(incident: Incident, opened: bool) -> IncidentOut:
    """Without deliveries: they change by themselves, in rows of their own."""
    return IncidentOut.of(incident, {}, opened=opened)


def _revealed(incident: Incident) -> dict[str, Any]:
    """Of the same the fields that personal data changes; of the forwardings it is the dispatcher's words alone."""
    revealed = PersonalOut.revealed(incident).model_dump(mode="json") | {"opened": True}
    if any(forwarding.withdrawal_text for forwarding in incident.forwardings):
        parts = (ForwardingOut.of(forwarding, NONE_KNOWN, opened=True) for forwarding in incident.forwardings)
        revealed["forwardings"] = [part.model_dump(mode="json") for part in parts]
    return revealed


BOARD = ListEntries(FORM, _shown, _revealed)


def add_deliveries(entries: Sequence[dict[str, Any]], deliveries: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes into each forwarding of the entries what is known of its delivery. `deliveries`: by the forwarding's id in
    hexadecimal."""
    for entry in entries:
        for forwarding in entry["forwardings"]:
            forwarding.update(deliveries.get(forwarding["id"].replace("-", ""), {}))
