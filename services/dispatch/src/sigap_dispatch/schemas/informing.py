"""The HTTP schema of those who are only informed of an incident."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.informing import InformationEnding
from sigap_dispatch.domain.state.informed import Information
from sigap_dispatch.schemas.words import AGENCY_NAME
from sigap_dispatch.timeline_words import Names


class InformationOut(BaseModel):
    """A recipient who is only informed. The gateway shows the delivery under `id`."""

    id: UUID = Field(description="The id of its copy at the gateway")
    agency: str
    name: str | None = Field(default=None, description=AGENCY_NAME)
    revision: int
    since: datetime
    ended_at: datetime | None
    reason: InformationEnding | None = Field(description="Why it ended")

    @classmethod
    def of(cls, told: Information, names: Names) -> Self:
        shown = {name: getattr(told, name) for name in cls.model_fields.keys() - {"name"}}
        return cls(**shown, name=names.agency(told.agency))
