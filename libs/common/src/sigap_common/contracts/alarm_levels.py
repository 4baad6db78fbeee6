"""Events that dispatch publishes about the alarm level of an incident. Subject: the incident's id."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed


class IncidentEscalated(Event):
    """A person changed the alarm level. A higher level wants further agencies; a lower one withdraws none by itself."""

    topic: ClassVar[str] = topics.INCIDENTS
    alarm_level: int = Field(ge=1, le=9)
    before: int = Field(ge=1, le=9)
    reason: Sealed = Field(description="The person's words")
    proposed_withdrawals: tuple[str, ...] = Field(default=(), description="Agencies the plan no longer wants")


class AlarmLevelProposed(Event):
    """An agency on the incident asks for a higher alarm level. A person raises the level, or dismisses the proposal."""

    topic: ClassVar[str] = topics.INCIDENTS
    alarm_level: int = Field(ge=1, le=9)
    forwarding_id: UUID
    agency: str = Field(description="The agency that asks")
    text: Sealed | None = Field(default=None, description="The agency's words")


class AlarmLevelProposalEnded(Event):
    """The proposal of a higher alarm level ended. If it was taken, it ends with IncidentEscalated."""

    topic: ClassVar[str] = topics.INCIDENTS
    alarm_level: int = Field(ge=1, le=9)
    how: Literal["dismissed", "lapsed"] = Field(
        description="dismissed: by a person; lapsed: the incident was closed, or the one whose"
        " agency asks was taken out of it again"
    )
