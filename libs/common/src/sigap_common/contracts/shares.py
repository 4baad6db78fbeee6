"""Events that dispatch publishes about shares: what another regency may see of an incident, and until when.

Subject: the incident, unless an event names another.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed

ShareOutcome = Literal["refused", "withdrawn", "expired", "protected"]
"""How a share ended. `expired`: its time was over. `protected`: the incident became protected after it was shared."""


class RedactionProfile(StrEnum):
    """How much of an incident another regency sees, from all to least."""

    NONE = "none"
    """All: the caller, the notes and the exact place."""
    CONTACT_HIDDEN = "contact_hidden"
    """The exact place; neither the caller nor the notes, which may name anybody."""
    BLOCK_LEVEL = "block_level"
    """Of the place only the block."""
    CITY_ONLY = "city_only"
    """Nothing of the place but its regency."""


class ShareAsked(Event):
    """Another regency asked to see the incident. Nothing is shown until the incident's own regency agrees."""

    topic: ClassVar[str] = topics.INCIDENTS
    share_id: UUID
    to: str = Field(description="Code of the regency that asks")
    profile: RedactionProfile
    until: datetime = Field(description="Until then it wants to see the incident; then the request lapses too")
    reason: Sealed = Field(description="Why it asks, in words")


class ShareGiven(Event):
    """The incident is shared with another regency, whether or not that regency had asked."""

    topic: ClassVar[str] = topics.INCIDENTS
    share_id: UUID
    to: str = Field(description="Code of the regency that sees the incident from now on")
    profile: RedactionProfile
    until: datetime
    message: Sealed | None = Field(default=None, description="What its dispatcher says to the other regency")
    came_with: UUID | None = Field(
        default=None, description="A shared incident that was merged into this one: nobody was asked anew"
    )


class ShareEnded(Event):
    """The other regency sees the incident no more, or will not see it."""

    topic: ClassVar[str] = topics.INCIDENTS
    share_id: UUID
    to: str
    outcome: ShareOutcome
    reason: Sealed | None = Field(default=None, description="Why, in words")


class ShareChanged(Event):
    """A share, or the incident that it shows, has changed. Subject: the share; its regency is the one that sees the
    incident. It has no content, so that a share that has ended leaves nothing on a stream: read the share again.
    """

    topic: ClassVar[str] = topics.INCIDENTS
    ended: bool = Field(description="Whether nothing is shown any more")
