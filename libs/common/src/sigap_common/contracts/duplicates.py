"""Events that dispatch publishes about incidents that may be one event. Subject: the incident's id."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event
from sigap_common.contracts.notes import IncidentNote
from sigap_common.contracts.places import Place


class DuplicateReason(Contract):
    """One reason why two incidents may be one event."""

    code: str = Field(
        description="near, soon, same_kind, same_category, unknown_kind, other_category, same_caller, ..."
    )
    value: int | None = Field(default=None, description="Metres of near, seconds of soon, how many of common_words")


class DuplicateSuggested(Event):
    """The incident may be the same event as another open one. A person decides; nothing is merged by itself."""

    topic: ClassVar[str] = topics.INCIDENTS
    other: UUID
    other_number: str
    score: float = Field(ge=0, le=1, description="How likely it is, from 0 to 1")
    reasons: tuple[DuplicateReason, ...]
    waiting: tuple[str, ...] = Field(default=(), description="Agencies on the other one: they are not told yet")
    wait_until: datetime | None = Field(default=None, description="When they are told if nobody has decided")


class DuplicateRejected(Event):
    """A person said that the two are not the same event."""

    topic: ClassVar[str] = topics.INCIDENTS
    other: UUID
    other_number: str


class DuplicateWaitEnded(Event):
    """Nobody decided in time: the agencies that waited are told, with the number of the possible duplicate."""

    topic: ClassVar[str] = topics.INCIDENTS
    other_number: str


class DuplicateHidden(Event):
    """The other incident is protected now: it is suggested no longer, and its number is shown no longer."""

    topic: ClassVar[str] = topics.INCIDENTS
    other: UUID


class IncidentLinked(Event):
    """A person linked two incidents that belong together but are not the same event. Both get this event."""

    topic: ClassVar[str] = topics.INCIDENTS
    other: UUID
    other_number: str


class IncidentMerged(Event):
    """The incident is the same event as another and is no longer worked on. Its reports count as the other one's."""

    topic: ClassVar[str] = topics.INCIDENTS
    into: UUID
    into_number: str
    first_report: int = Field(description="The number that its first report has on the other incident")
    agencies: tuple[str, ...] = Field(default=(), description="The agencies that worked on it until now")
    moved: tuple[str, ...] = Field(default=(), description="Those of them to which the other one is forwarded now")


class FailedAgency(Contract):
    """An agency that declined, and whose role nobody fills."""

    agency: str
    role: str
    at: datetime = Field(description="When Sigap learned it")


class Absorbed(Event):
    """An incident has taken in another one, or has given it back. `began_at` and `answered_at` are the earliest of all
    incidents that are merged.
    """

    topic: ClassVar[str] = topics.INCIDENTS
    other: UUID
    other_number: str
    reports: int = Field(description="How many reports the other one has")
    began_at: datetime = Field(description="When the earliest of them began")
    answered_at: datetime | None = Field(default=None, description="The first answer of the earliest call")


class IncidentAbsorbed(Absorbed):
    """Another incident was merged into this one."""

    notes: tuple[IncidentNote, ...] = ()
    people: tuple[str, ...] = Field(
        default=(), description="The subjects of those who took a call of the other one or worked on it"
    )
    last_report: int | None = Field(
        default=None, description="The number of the other one's last report; none: as many as it has"
    )
    informed: tuple[str, ...] = Field(
        default=(), description="Those whom the other one only informs: this one informs them while the merger lasts"
    )
    failed: tuple[FailedAgency, ...] = Field(
        default=(), description="The agencies that declined the other one, for each role that nobody filled there"
    )
    on_their_way: tuple[str, ...] = Field(
        default=(), description="The agencies that had said for the other one that they come, and are not done"
    )


class IncidentUnmerged(Event):
    """The incident was merged by mistake: it is worked on again."""

    topic: ClassVar[str] = topics.INCIDENTS
    other: UUID = Field(description="The incident into which it was merged")
    other_number: str
    number: str
    incident_type: str | None
    priority: int
    place: Place | None
    protected: bool
    started_at: datetime
    call_id: UUID | None
    caller_hash: str | None


class IncidentReleased(Absorbed):
    """An incident that was merged into this one was taken out again."""

    unread: int = Field(description="How many of its reports nobody had read")
    notes: tuple[int, ...] = Field(
        default=(), description="The numbers, among the newest notes, of those that are its own: they go with it"
    )
    proposed_withdrawals: tuple[str, ...] = Field(default=(), description="Agencies that came by the merger")
    questions: tuple[UUID, ...] = Field(
        default=(), description="The questions of its agencies that nobody has answered: they go with it"
    )


class ReportRead(Event):
    """A person has read the incident's reports."""

    topic: ClassVar[str] = topics.INCIDENTS
    up_to: int = Field(description="The number of the last report that was read")
    unread: int = Field(description="How many reports are left that nobody has read")
