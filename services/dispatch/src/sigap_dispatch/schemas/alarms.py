"""The HTTP schemas of alarms."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, computed_field

from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.schemas import like
from sigap_dispatch import examples

_TEXTS = Texts.load("sigap_dispatch")


class AlarmOut(BaseModel):
    model_config = like(examples.ALARM)

    id: UUID
    service: str = Field(description="The service that raised it")
    regency: str
    kind: str
    about: str = Field(description="The path of the object that it is about, below /v1")
    label: str | None = Field(description="A name for people: the number, and the agency if the alarm is about one")
    agency: str | None = Field(description="`<regency>/<code>`, if the alarm is about one agency")
    drill: bool
    raised_at: datetime

    @computed_field(description="What has happened and what to do, by language: id, en; null for an unknown kind")
    def in_words(self) -> dict[str, str] | None:
        key = f"alarms.{self.kind}"
        if key not in _TEXTS:
            return None
        return {spoken: _TEXTS.get(key, spoken, label=self.label or self.about) for spoken in LANGUAGES}


class AlarmList(BaseModel):
    items: list[AlarmOut]
    next: str | None
