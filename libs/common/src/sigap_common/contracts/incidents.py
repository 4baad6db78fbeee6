"""Events that dispatch publishes about incidents and their forwardings. Subject: the incident's id."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.base import Contract, Event, MayBeOvertaken
from sigap_common.contracts.calls import CallerDetails, Note
from sigap_common.contracts.notes import IncidentNote, NoteMark
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.personal_data import Sealed


class IncidentState(StrEnum):
    """Derived from the forwardings; only closing and merging are decided."""

    CREATED = "created"
    FORWARDED = "forwarded"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    UNDER_CONTROL = "under_control"
    DONE = "done"
    CLOSED = "closed"
    MERGED = "merged"
    """The incident was merged into another one, which is worked on instead."""


class Source(StrEnum):
    """Who reported the incident."""

    CALL = "call"
    OBSERVER = "observer"
    OFFICER = "officer"
    AGENCY = "agency"


class Progress(StrEnum):
    """How far an agency is with its part."""

    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    UNDER_CONTROL = "under_control"
    DONE = "done"


ByHand = Literal["incident_type", "priority", "place", "doubted"]
"""A value of an incident that a person may decide. A rule never changes it afterwards."""
RevisionReason = Literal[
    "noted", "located", "retyped", "reprioritised", "reported_again", "doubted", "caller_described", "reopened"
]
"""Why an agency gets a revision. If there are several reasons, the most important one."""


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
    notes: tuple[IncidentNote, ...] = Field(default=(), description="The newest 20 that are for agencies")
    reports: int = Field(default=1, description="How many calls reported it")
    possibly_same_as: str | None = None
    doubted: bool = False
    protected: bool = False
    drill: bool = False
    backfilled: bool = False
    started_at: datetime
    callback_number: Sealed | None = Field(default=None, description="Where the caller can be called back, E.164")
    caller_language: Sealed | None = Field(default=None, description="The caller's language: its ISO 639 code")


class Change(Contract):
    """A corrected value, with the old one beside the new. The values of a place are in the contents, never here."""

    field: str
    before: str | None
    after: str | None


class ReceivedFrom(Contract):
    """The incident of another regency from which an incident was taken over."""

    offer_id: UUID
    regency: str
    incident_id: UUID
    number: str


class IncidentCreated(Event):
    """An incident exists and has its number."""

    topic: ClassVar[str] = topics.INCIDENTS
    number: str = Field(description="The number that people use, such as BKL-20240219-0042")
    day: date = Field(description="The regency's local day, which is in the number and which figures use")
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
    linked_reopen_until: datetime | None = Field(
        default=None,
        description="The call named `linked_to`, which was closed lately: until then it can be reopened in one step",
    )
    protected: bool = False
    backfilled: bool = False
    notify: bool = True
    with_agencies: bool = False
    caller_number: Sealed | None = None
    caller_name: Sealed | None = None
    caller_hash: str | None = None
    notes: tuple[Note, ...] = ()
    note_marks: tuple[NoteMark, ...] = Field(
        default=(), description="What else is known of each of `notes`, if another incident had them; none: nothing"
    )
    callback_number: Sealed | None = Field(default=None, description="Where the caller can be called back, E.164")
    caller_language: Sealed | None = Field(default=None, description="The caller's language: its ISO 639 code")
    operators: tuple[str, ...] = Field(default=(), description="The subjects of those who took its call")
    through_glass: bool = Field(
        default=False, description="Whoever opened it saw the call's incident through a broken glass alone"
    )
    received_from: ReceivedFrom | None = Field(
        default=None, description="Accepted as a transfer: it counts as received by transfer, not as a call's incident"
    )
    by_hand: tuple[ByHand, ...] = Field(default=(), description="The values that a person decided")
    decided_at: datetime | None = Field(default=None, description="When they were decided, if not at `at`")
    proposed_priority: int | None = Field(
        default=None, description="The priority of the incident type, if a person decided another one"
    )


class IncidentUpdated(Event):
    """Place, type, priority, caller or doubt of the incident changed. A field that is absent has not changed."""

    topic: ClassVar[str] = topics.INCIDENTS
    incident_type: str | None = None
    priority: int | None = None
    place: Place | None = None
    zone_owner: str | None = Field(default=None, description="The owner in `zone`: its older name")
    zone: Zone | None = Field(default=None, description="The zone of the place")
    note: Note | None = Field(default=None, description="In older events: a note, as IncidentNoted tells it now")
    doubted: bool | None = None
    changes: tuple[Change, ...] = ()
    proposed_withdrawals: tuple[str, ...] = Field(default=(), description="Agencies the plan no longer wants")
    caller: CallerDetails | None = Field(
        default=None, description="All of the caller's details, as a person entered them"
    )
    by_hand: tuple[ByHand, ...] = Field(
        default=(), description="The values that a person decided, also those that stay as they are"
    )
    decided_at: datetime | None = Field(default=None, description="When they were decided, if not at `at`")
    proposed_priority: int | None = Field(
        default=None, description="The priority of the incident type, if a person decided another one"
    )


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
    operators: tuple[str, ...] = Field(default=(), description="The subjects of those who took the call")
    incident_type: str | None = Field(default=None, description="The incident type that the call was given")
    priority: int | None = None
    caller_number: Sealed | None = None
    caller_name: Sealed | None = None


class IncidentForwarded(Event):
    """Dispatch forwards the incident to an agency. The event has all that the agency may be shown."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str = Field(description="`<regency>/<code>`")
    revision: int = 1
    acknowledge_by: datetime | None
    alarm_level: int = 1
    automatic: bool = Field(description="By the response plan; else a dispatcher added it")
    role: str | None = Field(default=None, description="What it is wanted for, such as fire or ambulance")
    content: ForwardingContent
    notify: bool = Field(
        default=True, description="False: the agency is told nothing of it, since it is recorded afterwards"
    )
    instead_of: str | None = Field(
        default=None, description="The agency that declined or did not acknowledge, and in whose place this one is told"
    )
    on_its_way: bool = Field(
        default=False,
        description="The agency has said for a merged incident that it comes: if this forwarding is withdrawn before it"
        " answers, it must confirm that it turns back",
    )


class ForwardingRevised(Event):
    """The content that an agency was sent has changed. The event has the whole new content."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    acknowledge_by: datetime | None
    needs_acknowledgement: bool = Field(description="Place, type or priority changed: acknowledge again")
    reason: RevisionReason
    content: ForwardingContent


ASKED_AGAIN = "asked_again"
"""Why a declined forwarding is withdrawn: the agency was asked again and has a new one."""
BY_DISPATCHER = "by_dispatcher"
"""Why a forwarding is withdrawn: a dispatcher did it, and gives the reason in words."""
CANCELLED = "cancelled"
"""Why a forwarding is withdrawn: the incident was cancelled, because the call was false. It is the disposition too."""


class ForwardingWithdrawn(Event):
    """An agency need not come any more."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    reason: str = Field(
        description="asked_again, closed, cancelled or by_dispatcher; in older events, which have no `text`, the words"
        " themselves"
    )
    text: Sealed | None = Field(default=None, description="The dispatcher's words")
    stand_down: bool = Field(
        description="The agency had acknowledged, or was on its way for a merged incident: it must confirm, unless it"
        " has declined"
    )
    confirm_within_s: int | None = Field(
        default=None, description="Seconds within which it must confirm, if it has acknowledged; null: no deadline"
    )


TELEPHONE = "telephone"
RADIO = "radio"
ON_BEHALF_CHANNELS = frozenset({TELEPHONE, RADIO})
"""By these one of us takes down an agency's answer; an agency's own answer never comes by them."""


class Answer(MayBeOvertaken, Event):
    """An agency's answer: its own, or one that an operator or dispatcher recorded after speaking to it."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    channel: str = Field(description="desk, webhook, telephone, radio, ...")
    on_behalf: bool = Field(default=False, description="Recorded by an operator or dispatcher for the agency")
    spoke_to: Sealed | None = Field(default=None, description="Whom the recorder spoke to")

    @property
    def by_telephone(self) -> bool:
        """Whether it was recorded from a telephone call. Then it counts as a delivery (the 30 s promise); by radio it
        does not.
        """
        return self.on_behalf and self.channel == TELEPHONE


class IncidentAcknowledged(Answer):
    """An agency acknowledged: it has the incident and acts."""

    text: Sealed | None = None
    units: tuple[str, ...] = Field(default=(), description="The callsigns of the units that it sends")


class IncidentDeclined(Answer):
    """An agency cannot come."""

    reason: str = Field(description="A code of the decline reasons")
    text: Sealed | None = None


class AcknowledgementMissed(Event):
    """An agency did not acknowledge by its deadline."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    revision: int
    acknowledge_by: datetime
    uncertain: bool = Field(
        default=False,
        description="The deadline was set by a clock ahead, so nobody knows whether its time is over",
    )


class IncidentStatusChanged(SaidBeside, MayBeOvertaken, Event):
    """An agency's progress, and the incident's state that follows from it."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID | None = None
    agency: str | None = None
    progress: Progress | None = None
    state: IncidentState
    channel: str | None = None
    on_behalf: bool = False
    spoke_to: Sealed | None = None
    of_units: tuple[str, ...] = Field(
        default=(), description="The callsigns of the units whose step it is: those named, else all that have not left"
    )


class DeliveryFailed(Event):
    """A delivery to an agency failed: its first attempt, its share of the time, or for good."""

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
    """A delivery had failed, but now the agency has the revision."""

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
    reopen_until: datetime | None = Field(
        default=None, description="Until then an operator or dispatcher may reopen it; after that only a supervisor"
    )
