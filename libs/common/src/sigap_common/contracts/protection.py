"""Events of protected incidents: the glass that hides them is broken or seen to be, and protection is lifted."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed


class GlassBroken(Event):
    """Somebody who had no need opened a protected incident for a limited time, with a reason. `by`: who."""

    topic: ClassVar[str] = topics.INCIDENTS
    glass_id: UUID
    reason: Sealed
    until: datetime = Field(description="From then on the incident is hidden from this person again")


class GlassSeen(Event):
    """A supervisor has seen who broke the glass. `by`: the supervisor."""

    topic: ClassVar[str] = topics.INCIDENTS
    glasses: tuple[UUID, ...] = Field(description="The `glass_id` of each")


class ProtectionLifted(Event):
    """A supervisor decided that the incident need not be protected. Its calls are no longer hidden either."""

    topic: ClassVar[str] = topics.INCIDENTS
    reason: Sealed
