"""The event that dispatch publishes if a closed incident is opened again. Subject: the incident's id."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.contracts.places import Place
from sigap_common.personal_data import Sealed


class IncidentReopened(Event):
    """A closed incident goes on. Readers that forgot it when it was closed find here what they need of it."""

    topic: ClassVar[str] = topics.INCIDENTS
    reason: Sealed | None = None
    in_time: bool = Field(
        description="Within the pack's time: agencies whose part had ended with the closing are told at once"
    )
    closed_at: datetime = Field(description="When it had been closed")
    disposition: str | None = Field(description="With which it had been closed")
    number: str
    incident_type: str | None
    priority: int
    place: Place | None = None
    started_at: datetime
    call_id: UUID | None = None
    caller_hash: str | None = None
    protected: bool = False
    backfilled: bool = False
