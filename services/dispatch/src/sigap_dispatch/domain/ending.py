"""The end of an incident."""

from datetime import timedelta
from typing import Any

from sigap_common.contracts.incidents import IncidentClosed
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import withdraw


def withdraw_all(decision: IncidentDecision, reason: str, stamp: dict[str, Any] | None = None) -> None:
    """Withdraws all open forwardings. Agencies that had acknowledged must stand down."""
    for forwarding in list(decision.incident.open_forwardings()):
        withdraw(decision, forwarding, reason, stamp=stamp)


def end(
    decision: IncidentDecision,
    disposition: str,
    note: str | None = None,
    *,
    automatic: bool = False,
    stamp: dict[str, Any] | None = None,
) -> None:
    """Closes the incident. From now on the pack's time to reopen it runs. `stamp`: the fields of time and author,
    if not those of now.
    """
    window = timedelta(minutes=decision.moment.pack.reopen_window_minutes)
    decision.emit(
        IncidentClosed(
            **(stamp or decision.stamp()),
            disposition=disposition,
            automatic=automatic,
            note=Sealed(note) if note else None,
            reopen_until=decision.moment.now + window,
        )
    )
