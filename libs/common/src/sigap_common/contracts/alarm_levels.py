"""Events that dispatch publishes about the alarm level of an incident. Subject: the incident's id."""

from typing import ClassVar

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
