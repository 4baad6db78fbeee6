"""Events that dispatch publishes about who is responsible for an incident, and about handovers between dispatchers."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

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


class HandoverOffered(Event):
    """A dispatcher hands incidents over to a named person. Subject of this and the next events: the handover's id."""

    topic: ClassVar[str] = topics.INCIDENTS
    giver: str = Field(description="The subject of the giver's token")
    giver_name: Sealed | None = None
    to: str = Field(description="The subject of the token of the person who is to accept")
    incidents: tuple[UUID, ...]
    note: Sealed | None = None
    answer_by: datetime = Field(description="If nobody has accepted by then, an alarm is raised")


class HandoverAccepted(Event):
    """Somebody accepted the handover, and is responsible for the incidents from now on."""

    topic: ClassVar[str] = topics.INCIDENTS
    accepted_by: str
    name: Sealed | None = None


class HandoverDeclined(Event):
    """The named person does not accept. The incidents stay with the giver."""

    topic: ClassVar[str] = topics.INCIDENTS
    reason: Sealed | None = None


class HandoverWithdrawn(Event):
    """The handover is over without an acceptance."""

    topic: ClassVar[str] = topics.INCIDENTS
    how: Literal["taken_back", "offered_anew", "nothing_left"] = Field(
        description="Taken back, replaced by another offer of the giver, or all incidents were closed or taken"
    )


class HandoverLapsed(Event):
    """Nobody accepted in time. The incidents stay with the giver, and the handover can still be accepted."""

    topic: ClassVar[str] = topics.INCIDENTS
