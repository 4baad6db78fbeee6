"""The HTTP schemas of protected incidents."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.incidents import IncidentState
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import PersonalText
from sigap_dispatch import examples
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.attention import attention


class HiddenIncidentOut(BaseModel):
    """A protected incident for those whom it does not concern: that it is there, and whether it is over."""

    model_config = like(examples.HIDDEN_INCIDENT)

    id: UUID
    regency: str
    version: int
    state: IncidentState
    created_at: datetime
    drill: bool
    order: str | None = Field(description="Sort the board by this text, then by `id`; null: it is not on the board")
    protected: Literal[True] = True
    hidden: Literal[True] = Field(default=True, description="Break the glass to see it: `POST .../break-glass`")

    @classmethod
    def of(cls, incident: Incident) -> Self:
        place = attention(incident)
        return cls.at(place.order if place else None, incident)

    @classmethod
    def at(cls, order: str | None, shown: Any) -> Self:
        """At this place of the board. `shown`: an incident or its row."""
        names = ("id", "regency", "version", "state", "created_at", "drill")
        return cls(**{name: getattr(shown, name) for name in names}, order=order)


class GlassOut(BaseModel):
    """The glass of a protected incident that somebody broke. The timeline has the reason."""

    model_config = like(examples.GLASS)

    id: UUID
    by: str = Field(description="The subject of the token")
    at: datetime
    until: datetime = Field(description="From then on the incident is hidden from this person again")
    seen: bool = Field(description="A supervisor has seen it")


Why = Annotated[PersonalText, Field(description="The supervisor reads it, and the timeline keeps it")]


class BreakGlassBody(Body):
    model_config = like(examples.BREAK_GLASS)

    reason: Why


class LiftProtectionBody(Body):
    model_config = like(examples.LIFT_PROTECTION)

    reason: Why
