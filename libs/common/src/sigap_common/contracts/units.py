"""The event that dispatch publishes when a unit leaves an incident for another one. Subject: the incident's id."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event


class UnitReleased(Event):
    """A unit no longer works for this incident: its agency named it for another one."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    callsign: str
    how: Literal["moved", "named_elsewhere"] = Field(
        description="moved: the agency said so; named_elsewhere: it named the unit for the other incident without that,"
        " by two ways at the same moment"
    )
