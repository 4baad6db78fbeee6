"""How notes change an incident. Its document keeps the newest, rows keep all."""

from collections.abc import Callable, Sequence
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import Note
from sigap_common.contracts.incidents import IncidentCreated, Source
from sigap_common.contracts.notes import IncidentNote, IncidentNoted, NoteSource
from sigap_dispatch.domain.state.incident import NOTES_KEPT, Incident

_SOURCES = {Source.OBSERVER: NoteSource.OBSERVER, Source.OFFICER: NoteSource.OFFICER, Source.AGENCY: NoteSource.AGENCY}


def source_of(event: IncidentCreated) -> NoteSource:
    """Whose words the first notes of an incident have: those of who reported it."""
    return _SOURCES.get(event.source, NoteSource.CALL)


def first_notes(event: IncidentCreated) -> tuple[Note, ...]:
    """The first notes of an incident. Those that another incident had keep their kind and source."""
    if not event.note_marks:
        return event.notes
    pairs = zip(event.notes, event.note_marks, strict=True)
    return tuple(IncidentNote(at=note.at, by=note.by, text=note.text, **mark.model_dump()) for note, mark in pairs)


def added(
    kept: tuple[IncidentNote, ...],
    count: int,
    notes: Sequence[Note],
    *,
    source: NoteSource = NoteSource.CALL,
    report: int | None = None,
) -> dict[str, Any]:
    """The incident's fields with further notes for agencies, after `count` notes of both sorts. A note that another
    incident had keeps its kind and source, not its number.
    """
    new = [_numbered(note, count + n, source, report) for n, note in enumerate(notes, 1)]
    return {"notes": (*kept, *new)[-NOTES_KEPT:], "note_count": count + len(new)}


def _numbered(note: Note, number: int, source: NoteSource, report: int | None) -> IncidentNote:
    if isinstance(note, IncidentNote):
        return note.model_copy(update={"number": number, "corrects": None, "report": None})
    return IncidentNote(at=note.at, by=note.by, text=note.text, number=number, source=source, report=report)


def note_of(event: IncidentNoted) -> IncidentNote:
    told = {name: getattr(event, name) for name in IncidentNote.model_fields}
    return IncidentNote(**told)


def _noted(incident: Incident, event: IncidentNoted) -> Incident:
    name = "internal_notes" if event.internal else "notes"
    kept = (*getattr(incident, name), note_of(event))[-NOTES_KEPT:]
    return incident.model_copy(update={name: kept, "note_count": event.number})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {IncidentNoted: _noted}
