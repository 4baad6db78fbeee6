"""The HTTP schemas of drafts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, in_clear, like
from sigap_common.http.types import Code, Personal, Whole
from sigap_common.personal_data import Sealed
from sigap_intake.domain.drafts import Draft, DraftedField, by_field
from sigap_intake.examples import drafts as examples

LONGEST_DRAFT = 4000


class WriteDraft(Body):
    model_config = like(examples.WRITE_DRAFT)

    field: Code = Field(description="Which field of the screen; the screen names its fields")
    text: Annotated[Sealed, Personal(LONGEST_DRAFT, least=0)] = Field(description="All that stands in the field now")
    follows: Whole | None = Field(
        default=None,
        description="The version that this screen wrote last in the field. That draft is replaced; null: none is",
    )


class DraftOut(BaseModel):
    """A text that somebody typed into a field."""

    version: int = Field(description="Counts all drafts of the call")
    by: str = Field(description="The subject of the writer's token")
    name: str | None = Field(description="The writer's name, if the token has it")
    at: datetime
    text: str

    @classmethod
    def of(cls, draft: Draft) -> Self:
        said = {"version": draft.version, "by": draft.by, "at": draft.at}
        return cls(**said, name=in_clear(draft.name), text=draft.text.clear)


class DraftedFieldOut(DraftOut):
    """A field with what was typed into it last, and what others typed before that."""

    model_config = like(examples.DRAFTED_FIELD)

    field: str
    earlier: list[DraftOut] = Field(description="What others typed, the newest first; nothing of it is lost")

    @classmethod
    def of_field(cls, drafted: DraftedField) -> Self:
        latest = DraftOut.of(drafted.latest).model_dump()
        return cls(field=drafted.field, earlier=[DraftOut.of(draft) for draft in drafted.earlier], **latest)


class DraftedFields(BaseModel):
    """The fields of a call that somebody typed into, the one that was written last first."""

    items: list[DraftedFieldOut]
    next: None = None

    @classmethod
    def of(cls, drafts: Iterable[Draft]) -> Self:
        return cls(items=[DraftedFieldOut.of_field(field) for field in by_field(drafts)])
