"""What dispatch says of incidents and their forwardings. Subject: the incident's id."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event, MayBeOvertaken
from sigap_common.contracts.calls import Note
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.personal_data import Sealed


class IncidentState(StrEnum):
    """Derived from the forwardings; only closing is decided."""

    CREATED = "created"
    FORWARDED = "forwarded"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    DONE = "done"
    CLOSED = "closed"


class Source(StrEnum):
    """Who brought the incident."""

    CALL = "call"
    OBSERVER = "observer"
    OFFICER = "officer"
    AGENCY = "agency"


class Progress(StrEnum):
    """How far an agency is with its part."""

    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    DONE = "done"


RevisionReason = Literal["noted", "located", "retyped", "reprioritised", "reported_again", "doubted"]
"""What was said or found out, that an agency is told again; of several the weightiest."""


class ForwardingContent(Contract):
    """All that one agency may be shown of the incident, already redacted. The gateway delivers exactly this."""

    incident_number: str
    incident_type: str | None
    type_label: str
    priority: int
    place: Place | None = None
    previous_place: Place | None = Field(default=None, description="The place before, where a revision changed it")
    zone_owner: str | None = None
    caller_number: Sealed | None = None
    caller_name: Sealed | None = None
    notes: tuple[Note, ...] = ()
    reports: int = Field(default=1, description="How many calls reported it")
    possibly_same_as: str | None = None
    doubted: bool = False
    protected: bool = False
    drill: bool = False
    backfilled: bool = False
    started_at: datetime


class Change(Contract):
    """A value corrected; the old one stays beside the new. A place's values are in the contents, never here."""

    field: str
    before: str | None
    after: str | None


class IncidentCreated(Event):
    """An incident exists and has its number."""

    topic: ClassVar[str] = topics.INCIDENTS
    number: str = Field(description="The human number, such as BKL-20240219-0042")
    day: date = Field(description="The regency's local day that the number and the figures go by")
    incident_type: str | None
    priority: int
    place: Place | None
    zone_owner: str | None = Field(default=None, description="The owner in `zone`: its older name")
    zone: Zone | None = Field(default=None, description="The zone of the place")
    source: Source
    call_id: UUID | None
    started_at: datetime
    answered_at: datetime | None = Field(description="First answer of its earliest call; the promise counts from here")
    corrected_at: datetime | None = Field(default=None, description="A prank corrected to an emergency: when")
    linked_to: UUID | None = None
    protected: bool = False
    backfilled: bool = False
    notify: bool = True
    with_agencies: bool = False
    caller_number: Sealed | None = None
    caller_name: Sealed | None = None
    caller_hash: str | None = None
    notes: tuple[Note, ...] = ()


class IncidentUpdated(Event):
    """What is known of it changed: place, type, priority, notes or doubt. Absent: unchanged."""

    topic: ClassVar[str] = topics.INCIDENTS
    incident_type: str | None = None
    priority: int | None = None
    place: Place | None = None
    zone_owner: str | None = Field(default=None, description="The owner in `zone`: its older name")
    zone: Zone | None = Field(default=None, description="The zone of the place")
    note: Note | None = None
    doubted: bool | None = None
    changes: tuple[Change, ...] = ()
    proposed_withdrawals: tuple[str, ...] = Field(default=(), description="Agencies the plan no longer wants")


class IncidentReportAdded(Event):
    """A further call about the same incident."""

    topic: ClassVar[str] = topics.INCIDENTS
    call_id: UUID
    report: int = Field(ge=2, description="The n-th report")
    caller_hash: str | None = None
    place: Place | None = None
    notes: tuple[Note, ...] = ()
    received_at: datetime
    answered_at: datetime | None = None


class IncidentForwarded(Event):
    """An agency is to be told; all that it may be shown is in here."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str = Field(description="`<regency>/<code>`")
    revision: int = 1
    acknowledge_by: datetime | None
    alarm_level: int = 1
    automatic: bool = Field(description="By the response plan; else a dispatcher added it")
    content: ForwardingContent


class ForwardingRevised(Event):
    """What an agency was told has changed; the whole is said again."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    acknowledge_by: datetime | None
    needs_acknowledgement: bool = Field(description="Place, type or priority changed: acknowledge again")
    reason: RevisionReason
    content: ForwardingContent


ASKED_AGAIN = "asked_again"
"""Why the part of an agency that had declined is withdrawn: it was given a new one."""
BY_DISPATCHER = "by_dispatcher"
"""Why a part is withdrawn: a dispatcher said so, in words."""


class ForwardingWithdrawn(Event):
    """An agency need not come any more."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    reason: str = Field(
        description="asked_again, closed or by_dispatcher; before `text` there was, the words themselves"
    )
    text: Sealed | None = Field(default=None, description="The dispatcher's words")
    stand_down: bool = Field(description="It had acknowledged: it confirms that it stands down, unless it has declined")


TELEPHONE = "telephone"


class Answer(MayBeOvertaken, Event):
    """What an agency answered, itself or through one of us who spoke to it."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    channel: str = Field(description="desk, webhook, telephone, radio, ...")
    on_behalf: bool = Field(default=False, description="Recorded by an operator or dispatcher for the agency")
    spoke_to: Sealed | None = Field(default=None, description="Whom the recorder spoke to")

    @property
    def by_telephone(self) -> bool:
        """A logged telephone call, which counts as a delivery (the 30 s promise); the radio does not."""
        return self.on_behalf and self.channel == TELEPHONE


class IncidentAcknowledged(Answer):
    """An agency has it and acts."""


class IncidentDeclined(Answer):
    """An agency cannot come."""

    reason: str = Field(description="A code of the decline reasons")
    text: Sealed | None = None


class AcknowledgementMissed(Event):
    """No acknowledgement by the time that was set."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    acknowledge_by: datetime


class IncidentStatusChanged(MayBeOvertaken, Event):
    """An agency's progress, and the incident's state that follows from it."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID | None = None
    agency: str | None = None
    progress: Progress | None = None
    state: IncidentState
    channel: str | None = None
    on_behalf: bool = False
    spoke_to: Sealed | None = None


class DeliveryFailed(Event):
    """A way to tell an agency has failed: for the first time, past its time, or for good."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    endpoint: str
    channel: str
    reason: str = Field(description="Such as timeout, not-connected, status, gone or endpoint-retired")
    status: int | None = Field(default=None, description="What the receiver answered, such as 500")
    final: bool = Field(description="It was given up; else it is tried again")
    goes_on_by: tuple[str, ...] = Field(default=(), description="The channels by which the agency is told instead")


class DeliveryRecovered(Event):
    """The agency has what a way had failed to bring."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    endpoint: str
    channel: str


class IncidentClosed(Event):
    """The incident ended, with its disposition."""

    topic: ClassVar[str] = topics.INCIDENTS
    disposition: str
    automatic: bool = False
    note: Sealed | None = None
