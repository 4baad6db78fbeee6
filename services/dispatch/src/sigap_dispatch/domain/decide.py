"""`decide`: turns a command into events."""

from collections.abc import Callable
from typing import Any

from sigap_common.core.aggregate import Aggregate
from sigap_dispatch.domain import (
    alarm_levels,
    answers,
    deadlines,
    duplicates,
    escalation,
    informing,
    lifecycle,
    notes,
    opening,
    orders,
    proposals,
    protection,
    questions,
    reports,
    responsibility,
    sharing,
    transfers,
    turning_back,
    units,
    updates,
)
from sigap_dispatch.domain.commands import (
    AddAgency,
    AddReport,
    Amend,
    Close,
    Command,
    CorrectCall,
    DescribeCaller,
    DoubtCall,
    LocateFromCall,
    NoteFromCall,
    OpenDirectly,
    OpenFromCall,
    RecordAnswer,
    Respond,
    Tick,
    Withdraw,
)
from sigap_dispatch.domain.decision import IncidentDecision, Moment


def decide(incident: Aggregate, command: Command, moment: Moment) -> IncidentDecision:
    """The events of a command, and the incident after them. A repeated command gives no events.

    For a command that opens an incident, `incident` is a bare Aggregate. Orders raise NotAllowed, NotFound and Invalid.
    Facts raise only NotFound, if the incident does not have the forwarding.
    """
    decision = IncidentDecision(incident, moment)
    _DECISIONS[type(command)](decision, command)
    transfers.close_if_taken_over(decision)
    sharing.end_of_protected(decision)
    responsibility.take_by_order(decision)
    deadlines.settle(decision)
    informing.settle(decision, incident)
    return decision


_DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    OpenFromCall: opening.open_from_call,
    OpenDirectly: opening.open_directly,
    AddReport: updates.add_report,
    NoteFromCall: notes.note_from_call,
    LocateFromCall: updates.locate_from_call,
    DoubtCall: updates.doubt_call,
    CorrectCall: updates.correct_call,
    Respond: answers.respond,
    RecordAnswer: answers.record_answer,
    AddAgency: orders.add_agency,
    Withdraw: orders.withdraw_forwarding,
    Amend: orders.amend_incident,
    Close: orders.close,
    Tick: deadlines.tick,
    DescribeCaller: updates.describe_caller,
    **proposals.DECISIONS,
    **protection.DECISIONS,
    **escalation.DECISIONS,
    **transfers.DECISIONS,
    **responsibility.DECISIONS,
    **duplicates.DECISIONS,
    **lifecycle.DECISIONS,
    **alarm_levels.DECISIONS,
    **notes.DECISIONS,
    **reports.DECISIONS,
    **sharing.DECISIONS,
    **questions.DECISIONS,
    **units.DECISIONS,
    **turning_back.DECISIONS,
}
KINDS = frozenset(_DECISIONS)
"""The commands that an incident follows."""
