"""The HTTP schemas of likely duplicates."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, computed_field

from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.schemas import Body, like
from sigap_dispatch import examples
from sigap_dispatch.domain.duplicates import ReadReports
from sigap_dispatch.domain.state.mergers import Suggestion

_TEXTS = Texts.load("sigap_dispatch")


class OtherIncident(Body):
    model_config = like(examples.OTHER_INCIDENT)

    other: UUID = Field(description="The id of the other incident")


class ReadUpTo(Body):
    model_config = like(examples.READ_UP_TO)

    up_to: int = Field(ge=1, le=1_000_000, description="How many reports the screen shows: `reports` of the incident")

    def command(self) -> ReadReports:
        return ReadReports(self.up_to)


class DuplicateReasonOut(BaseModel):
    """One reason why two incidents may be the same event."""

    code: str
    value: int | None = Field(description="Metres of near, seconds of soon, how many of common_words")

    @computed_field(description="The reason for people, by language: id, en")
    def in_words(self) -> dict[str, str]:
        value = round((self.value or 0) / 60) if self.code == "soon" else self.value
        return {spoken: _TEXTS.get(f"duplicates.{self.code}", spoken, value=value) for spoken in LANGUAGES}


class SuggestionOut(BaseModel):
    """An open incident that may be the same event."""

    other: UUID
    number: str
    score: float = Field(description="How likely it is, from 0 to 1")
    reasons: list[DuplicateReasonOut]
    waiting: list[str] = Field(description="Agencies on that one: they are not told until somebody decides")
    wait_until: datetime | None = Field(description="When they are told if nobody has decided")

    @classmethod
    def of(cls, suggestion: Suggestion) -> Self:
        shown = suggestion.model_dump(include={"other", "number", "score", "waiting", "wait_until"})
        reasons = [DuplicateReasonOut(code=one.code, value=one.value) for one in suggestion.reasons]
        return cls(**shown, reasons=reasons)
