"""Notes on an incident: those that its people write, and what calls say after they were classified.

A note for agencies is a new revision of what each of them was sent, which needs no acknowledgement. An internal note
stays in the centre. Nothing of a note ever changes: a correction is a further note.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sigap_common.contracts.calls import Note
from sigap_common.contracts.incidents import RevisionReason
from sigap_common.contracts.notes import IncidentNoted, NoteKind, NoteSource
from sigap_common.core.errors import Fault, Invalid
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.commands import Command, NoteFromCall
from sigap_dispatch.domain.content import may_know_caller
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import revise
from sigap_dispatch.domain.late import stamp_of
from sigap_dispatch.domain.refusals import require_open


@dataclass(frozen=True, slots=True)
class WriteNote(Command):
    """One of the incident's people notes something. `at`: when it was seen or said; None: now."""

    text: str
    kind: NoteKind = NoteKind.NOTE
    source: NoteSource = NoteSource.CENTRE
    internal: bool = False
    corrects: int | None = None
    at: datetime | None = None


def write_note(decision: IncidentDecision, command: WriteNote) -> None:
    """Notes on a closed incident are taken too. Raises NotAllowed if it was merged: the other one has the agencies;
    Invalid for a correction of a note that does not exist, or a time that the note cannot have.
    """
    incident = decision.incident
    if incident.merger:
        require_open(incident)
    if command.corrects is not None and command.corrects > incident.note_count:
        raise Invalid(errors=[Fault(("body", "corrects"), "note_unknown", {"last": incident.note_count})])
    decision.emit(
        IncidentNoted(
            **stamp_of(decision, command.at, incident.started_at),
            number=incident.note_count + 1,
            kind=command.kind,
            source=command.source,
            internal=command.internal,
            text=Sealed(command.text),
            corrects=command.corrects,
        )
    )
    if not command.internal:
        _tell_agencies(decision, "noted")


def note_from_call(decision: IncidentDecision, command: NoteFromCall) -> None:
    note_down(decision, command.note, "noted", command.report)


def note_down(
    decision: IncidentDecision, note: Note, reason: RevisionReason, report: int, *, of_caller: bool = False
) -> None:
    """Notes what the call of the n-th `report` says, for agencies. `of_caller`: it only says who calls."""
    decision.emit(
        IncidentNoted(
            **decision.stamp(note.at, note.by),
            number=decision.incident.note_count + 1,
            source=NoteSource.CALL,
            text=note.text,
            report=report,
            of_caller=of_caller,
        )
    )
    told = decision.incident.open_forwardings()
    revise(decision, reason, [f for f in told if not of_caller or may_know_caller(decision.incident, f.agency)])


def _tell_agencies(decision: IncidentDecision, reason: RevisionReason) -> None:
    revise(decision, reason, list(decision.incident.open_forwardings()))


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {WriteNote: write_note}
