"""The end of an incident."""

from datetime import timedelta

from sigap_common.contracts.incidents import IncidentClosed
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import withdraw


def withdraw_all(decision: IncidentDecision, reason: str) -> None:
    """Withdraws all open forwardings. Agencies that had acknowledged must stand down."""
    for forwarding in list(decision.incident.open_forwardings()):
        withdraw(decision, forwarding, reason)


def end(decision: IncidentDecision, disposition: str, note: str | None = None, *, automatic: bool = False) -> None:
    """Closes the incident. From now on the pack's time to reopen it runs."""
    window = timedelta(minutes=decision.moment.pack.reopen_window_minutes)
    decision.emit(
        IncidentClosed(
            **decision.stamp(),
            disposition=disposition,
            automatic=automatic,
            note=Sealed(note) if note else None,
            reopen_until=decision.moment.now + window,
        )
    )
