"""Notes on incidents, and the event that dispatch publishes about each. Subject: the incident's id."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event
from sigap_common.contracts.calls import Note
from sigap_common.personal_data import Sealed


class NoteKind(StrEnum):
    NOTE = "note"
    OBSERVATION = "observation"
    INSTRUCTION = "instruction"
    """The centre tells the agencies to do something."""


class NoteSource(StrEnum):
    """Whose words a note has."""

    CALL = "call"
    CENTRE = "centre"
    OBSERVER = "observer"
    OFFICER = "officer"
    AGENCY = "agency"


class NoteMark(Contract):
    """The kind and the source of a note."""

    kind: NoteKind
    source: NoteSource
    of_caller: bool = False


class IncidentNote(Note):
    """A note on an incident. Notes count from 1, in the order in which they were recorded."""

    number: int = 0
    kind: NoteKind = NoteKind.NOTE
    source: NoteSource = NoteSource.CALL
    corrects: int | None = Field(default=None, description="The number of the note that this one corrects")
    report: int | None = Field(default=None, description="The n-th report, if it is the words of that call")
    of_caller: bool = Field(default=False, description="It only says who made a further report, and how to call back")


class IncidentNoted(Event):
    """Somebody noted something about the incident. Nobody outside of the centre may see an internal note."""

    topic: ClassVar[str] = topics.INCIDENTS
    number: int = Field(ge=1, description="The n-th note of the incident")
    kind: NoteKind = NoteKind.NOTE
    source: NoteSource
    internal: bool = Field(default=False, description="Only the centre sees it; else its agencies do too")
    text: Sealed
    corrects: int | None = Field(default=None, description="The number of the note that this one corrects")
    report: int | None = Field(default=None, description="The n-th report, if it is the words of that call")
    of_caller: bool = Field(default=False, description="It only says who made a further report, and how to call back")
