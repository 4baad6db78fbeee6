"""Events that dispatch publishes about who is responsible for an incident, and about handovers between dispatchers."""

from typing import ClassVar, Literal

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed


class IncidentTaken(Event):
    """A dispatcher became responsible for the incident. It is no lock: anyone may go on acting. Subject: the
    incident's id.
    """

    topic: ClassVar[str] = topics.INCIDENTS
    responsible: str = Field(description="The subject of the dispatcher's token")
    name: Sealed | None = Field(default=None, description="The dispatcher's name, if the token has it")
    before: str | None = Field(default=None, description="Who was responsible until then; none: nobody")
    how: Literal["order", "claim", "handover"] = Field(
        description="By the first order of a dispatcher, by claiming it, or by accepting a handover"
    )
