"""From a command to what happens."""

from collections.abc import Callable
from typing import Any

from sigap_common.aggregates import Aggregate
from sigap_common.contracts.base import Event
from sigap_dispatch.domain import answers, deadlines, knowledge, opening, orders
from sigap_dispatch.domain.commands import (
    AddAgency,
    AddReport,
    Amend,
    Close,
    Command,
    CorrectCall,
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
from sigap_dispatch.domain.story import Moment, Story


def decide(incident: Aggregate, command: Command, moment: Moment) -> list[Event]:
    """What happens; nothing, if it had happened before.

    `incident` is a bare Aggregate for the commands that open one. Orders raise NotAllowed, NotFound and Invalid;
    facts raise nothing but NotFound for a forwarding that the incident does not have.
    """
    story = Story(incident, moment)
    _DECISIONS[type(command)](story, command)
    deadlines.settle(story)
    return story.events


_DECISIONS: dict[type, Callable[[Story, Any], None]] = {
    OpenFromCall: opening.open_from_call,
    OpenDirectly: opening.open_directly,
    AddReport: knowledge.add_report,
    NoteFromCall: knowledge.note_from_call,
    LocateFromCall: knowledge.locate_from_call,
    DoubtCall: knowledge.doubt_call,
    CorrectCall: knowledge.correct_call,
    Respond: answers.respond,
    RecordAnswer: answers.record_answer,
    AddAgency: orders.add_agency,
    Withdraw: orders.withdraw_forwarding,
    Amend: orders.amend_incident,
    Close: orders.close,
    Tick: deadlines.tick,
}
