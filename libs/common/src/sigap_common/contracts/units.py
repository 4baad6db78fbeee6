"""The events that dispatch publishes when a unit goes from an incident to another one. Subject: the incident's id."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event

UnitLeaving = Literal["moved", "named_elsewhere", "merged", "unmerged"]


class UnitReleased(Event):
    """A unit no longer works for this incident: its agency named it for another one, or it goes on for the incident
    with which this one is merged, or was.
    """

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    callsign: str
    how: UnitLeaving = Field(
        description="moved: the agency said so; named_elsewhere: it named the unit for the other incident without that,"
        " by two ways at the same moment; merged: this incident was merged into the other one; unmerged: the other"
        " incident, with which the unit came, was taken out of this one again"
    )


class UnitTakenOver(Event):
    """A unit goes on for this incident. The incident for which it was out is merged into this one, or this one was
    merged into that one and is taken out of it again; or its agency named it once more for that one, before it knew.
    """

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    callsign: str
    other: UUID = Field(description="The incident for which the unit was out until now, or was named")
    other_number: str
    was_here: bool = Field(
        default=False,
        description="The unit was out for this incident already: its agency named it for the other one once more,"
        " before it knew",
    )
    came_with: UUID | None = Field(
        default=None, description="The merged incident with which the unit goes again if the merger ends"
    )
    assigned_at: datetime = Field(description="When its agency named it")
    named_at: datetime | None = Field(
        default=None, description="When its agency named it last; null: when it was assigned"
    )
    times_taken_over: int = Field(
        default=0, description="How often it was taken over since then: of two events about one naming, the later one"
    )
    en_route_at: datetime | None = None
    on_scene_at: datetime | None = None
