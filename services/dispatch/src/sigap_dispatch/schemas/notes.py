"""The HTTP schemas of notes on incidents."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.contracts.notes import IncidentNote, NoteKind, NoteSource
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import PersonalText, Utc
from sigap_dispatch import examples
from sigap_dispatch.domain.notes import WriteNote


class NoteIncident(Body):
    model_config = like(examples.NOTE_INCIDENT)

    text: PersonalText
    kind: NoteKind = Field(default=NoteKind.NOTE, description="`instruction`: what the agencies shall do")
    source: NoteSource = Field(
        default=NoteSource.CENTRE, description="Whose words it has, if another person told you: the observer's, ..."
    )
    internal: bool = Field(
        default=False, description="true: only the centre sees it; false: each agency on the incident gets it too"
    )
    corrects: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="The number of the note that this one corrects; that one stays"
    )
    at: Annotated[Utc | None, Field(description="When it was seen or said, if not now: up to 24 hours ago")] = None

    @model_validator(mode="after")
    def _instruction_reaches_agencies(self) -> Self:
        if self.internal and self.kind is NoteKind.INSTRUCTION:
            raise PydanticCustomError("instruction_internal", "An instruction is for agencies: it is not internal")
        return self

    def command(self) -> WriteNote:
        return WriteNote(self.text.clear, self.kind, self.source, self.internal, self.corrects, self.at)


class IncidentNoteOut(BaseModel):
    model_config = like(examples.INCIDENT_NOTE)

    number: int = Field(description="Notes count from 1, in the order in which they were recorded")
    at: datetime
    by: str | None = Field(description="The subject of the token that wrote it")
    text: str | None = Field(description="Null: the token may not see personal data")
    kind: NoteKind
    source: NoteSource
    internal: bool = Field(description="Only the centre sees it")
    corrects: int | None = Field(description="The number of the note that it corrects")
    report: int | None = Field(description="The n-th report, if it is the words of that call")

    @classmethod
    def of(cls, note: IncidentNote, *, internal: bool, opened: bool = True) -> Self:
        told = note.model_dump(include={"number", "at", "by", "kind", "source", "corrects", "report"})
        return cls(**told, internal=internal, text=note.text.clear if opened else None)


class IncidentNoteList(BaseModel):
    items: list[IncidentNoteOut]
    next: str | None
