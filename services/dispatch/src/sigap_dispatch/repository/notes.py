"""The notes of incidents, row by row. Their words are in the timeline alone, where retention erases them."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select

from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import Note
from sigap_common.contracts.duplicates import IncidentAbsorbed
from sigap_common.contracts.event_view import read_event
from sigap_common.contracts.incidents import IncidentCreated, IncidentReportAdded, IncidentUpdated
from sigap_common.contracts.notes import IncidentNote, IncidentNoted, NoteSource
from sigap_common.core.aggregate import Aggregate
from sigap_common.database import CompiledStatement
from sigap_common.http.listing import Page, PageAsked
from sigap_common.http.paging import Keyset
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import SealContext
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.duplicates import is_of_merged
from sigap_dispatch.domain.evolve.notes import first_notes, note_of, source_of
from sigap_dispatch.models import incident_notes as t
from sigap_dispatch.models import tables

_ADD = CompiledStatement(insert(t), [column.name for column in t.columns])
_NEWEST = Keyset(t.c.at, t.c.number, newest_first=True)
_OLDEST = Keyset(t.c.at, t.c.number)


def keep_notes(tx: Transaction[Any], before: Aggregate, after: Incident, events: Sequence[Event]) -> None:
    """Adds a row for each note that the events bring."""
    number = before.note_count if isinstance(before, Incident) else 0
    rows: list[dict[str, Any]] = []
    for sequence, event in enumerate(events, before.version + 1):
        for position, at in enumerate(_moments(event)):
            number += 1
            internal = isinstance(event, IncidentNoted) and event.internal
            place = {"sequence": sequence, "position": position, "internal": internal}
            rows.append({"incident_id": after.id, "number": number, "at": at, **place})
    tx.later(_ADD, rows)


def _moments(event: Event) -> Iterator[Any]:
    """When each note of the event was taken."""
    if isinstance(event, IncidentNoted):
        yield event.at
    elif isinstance(event, IncidentCreated | IncidentReportAdded | IncidentAbsorbed):
        yield from (note.at for note in event.notes)


async def last_note(tx: Transaction[Any], incident_id: UUID) -> int:
    """The number of the incident's last note; 0: it has none."""
    await tx.flush(_ADD)
    last = select(func.max(t.c.number)).where(t.c.incident_id == incident_id)
    return (await tx.connection.execute(last)).scalar() or 0


async def notes_of_merged(tx: Transaction[Any], incident_id: UUID, merged: Incident) -> frozenset[int]:
    """The numbers of the notes that came with an incident that was merged into this one, and of what its calls have
    said since.
    """
    of_it = select(t.c.number, t.c.sequence).where(t.c.incident_id == incident_id)
    rows = (await tx.connection.execute(of_it)).all()
    events = await events_of(tx, incident_id, [row.sequence for row in rows])
    return frozenset(row.number for row in rows if _came_with(events[row.sequence], merged))


async def take_out_notes(tx: Transaction[Any], incident_id: UUID, numbers: Collection[int]) -> None:
    await tx.connection.execute(delete(t).where(t.c.incident_id == incident_id, t.c.number.in_(numbers)))


def _came_with(event: Event, merged: Incident) -> bool:
    if isinstance(event, IncidentAbsorbed):
        return event.other == merged.id
    return isinstance(event, IncidentNoted) and event.report is not None and is_of_merged(merged, event.report)


async def notes_page(
    tx: Transaction[Any], incident_id: UUID, asked: PageAsked, *, newest_first: bool
) -> Page[tuple[IncidentNote, bool]]:
    """A page of the incident's notes, each with whether it is internal."""
    order = _NEWEST if newest_first else _OLDEST
    statement = order.page(select(t).where(t.c.incident_id == incident_id), asked.cursor, asked.limit)
    rows, following = order.cut((await tx.connection.execute(statement)).all(), asked.limit)
    events = await events_of(tx, incident_id, [row.sequence for row in rows])
    return Page([(_note(row, events[row.sequence]), row.internal) for row in rows], following)


async def events_of(tx: Transaction[Any], incident_id: UUID, sequences: Sequence[int]) -> dict[int, Event]:
    """The events of the incident's timeline with these numbers."""
    if not sequences:
        return {}
    entries = tables.timeline
    wanted = select(entries).where(entries.c.subject == str(incident_id), entries.c.sequence.in_(set(sequences)))
    seal = SealContext(tx.ring, str(incident_id))
    found = (await tx.connection.execute(wanted)).all()
    return {entry.sequence: read_event(entry.type, entry.data, seal) for entry in found}


def _note(row: Row[Any], event: Event) -> IncidentNote:
    if isinstance(event, IncidentNoted):
        return note_of(event)
    note, of = _told(event, row.position)
    if isinstance(note, IncidentNote):
        return note.model_copy(update={"number": row.number, "corrects": None, "report": None})
    return IncidentNote(at=note.at, by=note.by, text=note.text, number=row.number, **of)


def _told(event: Event, position: int) -> tuple[Note, dict[str, Any]]:
    """A note that an event brings among others, and whose it is."""
    if isinstance(event, IncidentUpdated):  # of an earlier release
        assert event.note is not None
        return event.note, {}
    assert isinstance(event, IncidentCreated | IncidentReportAdded | IncidentAbsorbed)
    if isinstance(event, IncidentCreated):
        return first_notes(event)[position], {"source": source_of(event)}
    report = event.report if isinstance(event, IncidentReportAdded) else None
    return event.notes[position], {"source": NoteSource.CALL, "report": report}
