"""The order of the board: which incident needs attention first, and why.

The order is a pure function of the incident, so it is stored when the incident is recorded, and a page of the board is
one indexed query. No clock is in it: what becomes urgent by waiting, such as a missed acknowledgement, is recorded when
it happens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sigap_common.contracts.incidents import IncidentState
from sigap_dispatch.domain.state.forwarding import Forwarding
from sigap_dispatch.domain.state.incident import Incident


class Reason(StrEnum):
    """Why an incident stands where it stands: the first of these that holds. The order here is that of the board."""

    ALARM = "alarm"
    """An alarm of the incident stands, or an agency missed its deadline and has not answered since."""
    NO_AGENCY = "no_agency"
    """No agency has it: none was told, or all declined or were withdrawn."""
    DELIVERY_FAILED = "delivery_failed"
    """A delivery to an agency failed, even if it is tried again, and the agency does not have the newest content."""
    PROPOSAL = "proposal"
    """Something waits for a person: an agency's question, or a proposal to tell an agency, to withdraw one, to raise
    the alarm level, or to offer the incident to the regency in which its place lies.
    """
    DOUBTED = "doubted"
    """Its calls were corrected to something that is not an emergency."""
    UNREAD_REPORTS = "unread_reports"
    """Nobody has read a further report of it."""
    WAITING = "waiting"
    """An agency must still acknowledge, or confirm that it stands down."""
    UNDER_WAY = "under_way"
    ENDED = "ended"
    """All parts have ended: it waits to be closed."""
    BACKFILLED = "backfilled"
    """A late entry: it asks nothing of anybody."""


_RANK = {reason: rank for rank, reason in enumerate(Reason)}
_NO_DEADLINE = 0


@dataclass(frozen=True, slots=True)
class Attention:
    """The place of an incident on the board.

    `order`: 29 digits, by which the board is sorted as by a text. They are: drill (1), the rank of the reason (1), the
    deadline of the reason `waiting` in milliseconds since 1970 (13), priority (1), creation in milliseconds (13).
    """

    order: str
    reason: Reason


def attention(incident: Incident) -> Attention | None:
    """None: the incident is not on the board. It is while it is open, and until agencies that were called off have
    confirmed it.
    """
    if not incident.needs_somebody:
        return None
    reason = next(_reasons(incident))
    deadline = _deadline(incident) if reason is Reason.WAITING else _NO_DEADLINE
    digits = (
        f"{incident.drill:d}{_RANK[reason]}{deadline:013}{incident.priority}{_milliseconds(incident.created_at):013}"
    )
    return Attention(digits, reason)


def unacknowledged(incident: Incident) -> int:
    """How many agencies must still acknowledge, or confirm that they stand down."""
    return sum(f.needs_acknowledgement for f in incident.forwardings)


def _reasons(incident: Incident) -> Iterator[Reason]:
    """All that hold, the most urgent first."""
    if incident.backfilled and not incident.alarms:
        yield Reason.BACKFILLED
    if incident.alarms or any(_is_missed(f) for f in incident.forwardings):
        yield Reason.ALARM
    if incident.without_agency_since and not incident.closed_at:
        yield Reason.NO_AGENCY
    if any(_is_undelivered(f) for f in incident.forwardings):
        yield Reason.DELIVERY_FAILED
    if _is_to_be_decided(incident):
        yield Reason.PROPOSAL
    if incident.doubted:
        yield Reason.DOUBTED
    if incident.unread_reports:
        yield Reason.UNREAD_REPORTS
    if unacknowledged(incident):
        yield Reason.WAITING
    if incident.state is IncidentState.DONE:
        yield Reason.ENDED
    yield Reason.UNDER_WAY


def _is_to_be_decided(incident: Incident) -> bool:
    agencies = incident.proposals or incident.proposed_withdrawals
    return bool(agencies or incident.proposed_level or incident.open_questions or incident.proposed_transfer)


def _is_missed(forwarding: Forwarding) -> bool:
    missed = forwarding.missed_revision >= forwarding.needed_revision
    return forwarding.is_open and not forwarding.acknowledged and missed


def _is_undelivered(forwarding: Forwarding) -> bool:
    """Whether the last delivery failed and nothing shows that the agency has that revision after all."""
    trouble = forwarding.trouble
    if trouble is None or trouble.recovered_at or not forwarding.needs_acknowledgement:
        return False
    return trouble.revision > forwarding.acknowledged_revision


def _deadline(incident: Incident) -> int:
    """The nearest one; without any the incident's creation, so that who waits longest goes first."""
    due = [f.due_at for f in incident.forwardings if f.due_at]
    return _milliseconds(min(due, default=incident.created_at))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
