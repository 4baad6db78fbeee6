"""Events that intake publishes: a call from its arrival to its end. Subject: the call's id."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event
from sigap_common.contracts.call_transfers import TransferredFrom
from sigap_common.contracts.fixes import FixSource
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.personal_data import Sealed


class Channel(StrEnum):
    """The channel by which a call came."""

    TELEPHONE = "telephone"
    APP = "app"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    WALK_IN = "walk_in"
    RADIO = "radio"


class CallClass(StrEnum):
    """The classes of the standard operating procedure (SOP). Abandoned, screened and cut off are endings."""

    EMERGENCY = "emergency"
    NON_EMERGENCY = "non_emergency"
    INFORMATION = "information"
    PRANK = "prank"
    WRONG_NUMBER = "wrong_number"
    SILENT = "silent"
    OUT_OF_ZONE = "out_of_zone"
    LINE_TEST = "line_test"


class Note(Contract):
    """What an operator wrote down."""

    at: datetime
    by: str | None
    text: Sealed


class Complaint(Contract):
    """An optional field of a request that was odd. The request was carried out without it, or with what could be read
    of it.
    """

    pointer: str = Field(description="Which field, as a JSON pointer: `#/caller_name`")
    code: str = Field(description="What was wrong with it, as in the errors of a refusal")
    value: Sealed | None = Field(default=None, description="The value of the field, as JSON, cut to 500 characters")


class CallSnapshot(Contract):
    """The state of the call when it was classified: all that dispatch needs of it."""

    channel: Channel
    number: Sealed | None = None
    caller_hash: str | None = None
    caller_name: Sealed | None = None
    caller_place: Place | None = Field(default=None, description="The caller's place: a hint, never the emergency's")
    place: Place | None = Field(default=None, description="The emergency's place")
    zone: Zone | None = Field(default=None, description="The zone of the emergency's place")
    notes: tuple[Note, ...] = ()
    received_at: datetime
    answered_at: datetime | None = None
    backfilled: bool = False
    notify: bool = Field(default=True, description="A backfilled call's incident reaches agencies only if this is set")
    with_agencies: bool = Field(default=False, description="A drill that the real agencies are told of")
    protected: bool = Field(
        default=False, description="Protected whatever its type, since a silent caller asked for help"
    )
    callback_number: Sealed | None = Field(default=None, description="Where the caller can be called back, E.164")
    language: Sealed | None = Field(default=None, description="The language that the caller speaks: its ISO 639 code")
    callback_id: UUID | None = Field(default=None, description="The callback that proved real and became this call")
    transferred_from: TransferredFrom | None = Field(
        default=None, description="The other regency's call that this one goes on with"
    )
    answered_by: str | None = Field(default=None, description="The subject of the operator who has the call")


class Unscreened(StrEnum):
    """The reason why a blocked caller does not hear the recorded message, or hears it no longer."""

    KEY_PRESSED = "key_pressed"
    THIRD_TRY = "third_try"
    OPEN_INCIDENT = "open_incident"
    NO_MESSAGE = "no_message"
    BLOCK_OVER = "block_over"
    NOTHING_HEARD = "nothing_heard"


EndedBy = Literal["caller", "operator", "exchange"]


class CallReceived(Event):
    """A call reached our first queue."""

    topic: ClassVar[str] = topics.CALLS
    channel: Channel
    arrival_known: bool = Field(
        default=True,
        description="False: the exchange told of a later step first, and `at` is the moment of that one",
    )
    number: Sealed | None = None
    caller_hash: str | None = Field(default=None, description="Keyed hash of the E.164 number; if none, of the IMEI")
    imei: Sealed | None = Field(default=None, description="The caller's telephone, if the exchange told it")
    caller_name: Sealed | None = None
    caller_place: Place | None = None
    caller_zone: Zone | None = Field(default=None, description="The zone of the caller's place: a hint")
    exchange_id: str | None = Field(
        default=None, description="Keyed hash of the exchange's id of the call; of older versions, the id itself"
    )
    exchange_reference: Sealed | None = Field(default=None, description="The exchange's own id of the call")
    exchange_use: int = Field(default=0, description="How many calls of the regency had this exchange_id before")
    backfilled: bool = False
    notify: bool = True
    with_agencies: bool = False
    complaints: tuple[Complaint, ...] = Field(default=(), description="Optional fields that were odd")
    block_id: UUID | None = Field(default=None, description="The active block of the caller's number")
    block_rule: str | None = Field(default=None, description="The rule of that block, such as `3-in-7d-24h-supervisor`")
    unscreened: Unscreened | None = Field(
        default=None, description="Why the recorded message is not played to a blocked number; none: it is"
    )
    lowered_by_seconds: int = Field(default=0, description="So much later it counts in the queue, by score or block")
    callback_id: UUID | None = Field(
        default=None,
        description="The callback that proved real and became this call: it never waited, and has no answer time",
    )
    of_protected: bool = Field(default=False, description="Its number had reported a protected incident")
    transferred_from: TransferredFrom | None = Field(
        default=None,
        description="The call of another regency that this one goes on with. It does not wait: an operator has it",
    )


class CallAnswered(Event):
    """An operator answered the call. If several tried, this one has it. If the exchange reported it, the line is
    answered, and a second event names the operator who then takes the call.
    """

    topic: ClassVar[str] = topics.CALLS
    received_at: datetime
    waited_ms: int | None = Field(description="From our queue to the answer; none: not measured (a backfilled entry)")
    operator: Sealed | None = Field(default=None, description="The name of the operator, if the token has it")
    by_telephone: bool = Field(default=False, description="The exchange told of it, who answered is not known")
    extension: Sealed | None = Field(default=None, description="The telephone that answered, if the exchange told it")


class CallLocated(Event):
    """The operator named the place of the emergency. A later CallLocated replaces it."""

    topic: ClassVar[str] = topics.CALLS
    place: Place
    zone: Zone
    source: FixSource | None = Field(default=None, description="What the place was found by; none: unknown")


class CallNoted(Event):
    """An operator wrote down what the caller said."""

    topic: ClassVar[str] = topics.CALLS
    text: Sealed


class CallClassified(Event):
    """The call got its class; an emergency opens an incident."""

    topic: ClassVar[str] = topics.CALLS
    call_class: CallClass
    incident_type: str | None = None
    priority: int | None = Field(default=None, ge=1, le=5, description="1 is the most urgent; none: the type's own")
    same_incident: UUID | None = Field(default=None, description="The open incident that this call reports again")
    call: CallSnapshot


class CallReclassified(Event):
    """The class of a call, or the type of an emergency, was corrected. `before` is the class until then."""

    topic: ClassVar[str] = topics.CALLS
    before: CallClass
    type_before: str | None = Field(default=None, description="The type until then; none: it had none, or nobody said")
    call_class: CallClass
    incident_type: str | None = None
    priority: int | None = Field(default=None, ge=1, le=5)
    same_incident: UUID | None = None
    reason: Sealed | None = None
    call: CallSnapshot


class CallAbandoned(Event):
    """The caller ended the call before an answer."""

    topic: ClassVar[str] = topics.CALLS
    received_at: datetime
    waited_ms: int | None
    ended_by: EndedBy | None = Field(default=None, description="Who hung up, if the exchange told it")
    by_telephone: bool = Field(default=False, description="The exchange told of it")
    complaints: tuple[Complaint, ...] = Field(default=(), description="Optional fields that were odd")


class CallEnded(Event):
    """An answered call ended."""

    topic: ClassVar[str] = topics.CALLS
    ended_by: EndedBy
    by_telephone: bool = Field(default=False, description="The exchange told of it")
    cut_off: bool = Field(description="Ended after the answer, before place or class")
    complaints: tuple[Complaint, ...] = Field(default=(), description="Optional fields that were odd")


class CallHeld(Event):
    """The line was put on hold."""

    topic: ClassVar[str] = topics.CALLS


class CallResumed(Event):
    """The line was taken off hold."""

    topic: ClassVar[str] = topics.CALLS


class CallTransferred(Event):
    """The exchange connected the line to another telephone of the regency; the call is the same."""

    topic: ClassVar[str] = topics.CALLS
    extension: Sealed | None = Field(default=None, description="The telephone it went to, if the exchange told it")


class CallCorrected(Event):
    """The exchange told late what comes before or beside what is known: times, number and complaints as they stand now.

    `at`: the moment of what it told.
    """

    topic: ClassVar[str] = topics.CALLS
    received_at: datetime
    arrival_known: bool = Field(default=True, description="Whether `received_at` is when the call arrived")
    number: Sealed | None = None
    caller_hash: str | None = Field(default=None, description="Keyed hash of the E.164 number; if none, of the IMEI")
    imei: Sealed | None = Field(default=None, description="The caller's telephone, if the exchange told it")
    caller_name: Sealed | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    waited_ms: int | None = Field(default=None, description="From our queue to the answer or to the end; none: unknown")
    complaints: tuple[Complaint, ...] = Field(default=(), description="Those that are new")


class CallScreeningEnded(Event):
    """The recorded message that a blocked caller heard is over, and the call waits in the queue from now on."""

    topic: ClassVar[str] = topics.CALLS
    why: Unscreened


class CallScreened(Event):
    """A blocked caller's call ended with the recorded message: the caller hung up, or the exchange ended it."""

    topic: ClassVar[str] = topics.CALLS
    received_at: datetime
    ended_by: EndedBy
    by_telephone: bool = Field(default=False, description="The exchange told of it")
    complaints: tuple[Complaint, ...] = Field(default=(), description="Optional fields that were odd")


class GivenAnswer(Contract):
    """The caller's answer to a question of the triage."""

    question: str
    answer: str


class TriageReason(Contract):
    """An answer that counts for the proposal."""

    question: str
    answer: str
    points: int = Field(default=0, description="For the proposed type")
    priority: int | None = Field(default=None, ge=1, le=5, description="The priority that the answer proposes")


class TriageProposal(Contract):
    """The type and priority that the answers propose. The operator decides; the call's class has the decision."""

    incident_type: str | None
    priority: int | None = Field(default=None, ge=1, le=5)
    reasons: tuple[TriageReason, ...] = ()


class CallTriaged(Event):
    """Answers to the questions of the triage were given, changed or taken back."""

    topic: ClassVar[str] = topics.CALLS
    answers: tuple[GivenAnswer, ...] = Field(description="All that stand now, in the order in which they were given")
    proposal: TriageProposal | None = Field(description="By the questions of that version; none: nothing is proposed")
    guidance: str = Field(description="The version of the questions: that of the pack, and of the standard ones")
    read: str | None = Field(default=None, description="The version that the operator read, if it was another")


class CallerTold(Event):
    """The operator told the caller words of the guidance, or took back that they were told."""

    topic: ClassVar[str] = topics.CALLS
    incident_type: str | None = Field(description="Whose words they are; none: those for a child")
    step: str
    words: str | None = Field(default=None, description="The words in Indonesian, if that version has them")
    guidance: str = Field(description="The version of the words")
    taken_back: bool = False


class Heard(StrEnum):
    """The sound that the operator hears after a step of the procedure for silent calls."""

    NOTHING = "nothing"
    BACKGROUND = "background"
    SIGN = "sign"
    KEY_PRESS = "key_press"
    VOICE = "voice"
    HUNG_UP = "hung_up"


class CallSilentStepTaken(Event):
    """A step of the procedure for silent calls was taken. A key press is a cry for help: it protects the call."""

    topic: ClassVar[str] = topics.CALLS
    step: str
    heard: Heard
    guidance: str = Field(description="The version of the procedure")


class CallerMarked(Event):
    """The operator marked the caller as probably a child, or took the mark away."""

    topic: ClassVar[str] = topics.CALLS
    probably_child: bool


class CallerDetails(Contract):
    """The caller's name, call-back number and language, as a person entered them."""

    caller_name: Sealed | None = None
    callback_number: Sealed | None = Field(default=None, description="Where the caller can be called back, E.164")
    language: Sealed | None = Field(default=None, description="The language that the caller speaks: its ISO 639 code")


class CallerDescribed(Event):
    """Somebody entered or corrected who calls: all of it as it was, and as it is now."""

    topic: ClassVar[str] = topics.CALLS
    before: CallerDetails
    after: CallerDetails


class CallPositioned(Event):
    """A position of the caller was found. It is kept beside the others; the best of them is the caller's place."""

    topic: ClassVar[str] = topics.CALLS
    place: Place
    zone: Zone
    source: FixSource
    found_at: datetime = Field(description="When the caller was there")
    chosen: bool = Field(default=False, description="A person says that this is the caller's place")


class CallTakenOver(Event):
    """Another operator took over an answered call. `before`: the subject of the operator who had it until then."""

    topic: ClassVar[str] = topics.CALLS
    before: str
    operator: Sealed | None = Field(default=None, description="The name of the operator, if the token has it")
    reason: Sealed | None = None
    handed_over: bool = Field(default=False, description="The operator before had offered it")


class CallOffered(Event):
    """The operator who has the call offers it to another, and stays responsible until the other accepts."""

    topic: ClassVar[str] = topics.CALLS
    to: str = Field(description="The subject of the other operator, who accepts by CallTakenOver")


class CallOfferDeclined(Event):
    """The operator to whom the call was offered does not take it."""

    topic: ClassVar[str] = topics.CALLS


class CallMovedUp(Event):
    """A waiting call goes before others: its number has an open incident."""

    topic: ClassVar[str] = topics.CALLS
    seconds: int = Field(description="As if it had arrived so much earlier")


class RingStep(StrEnum):
    """The people who are rung beside the free operators."""

    ALL_SIGNED_ON = "all_signed_on"
    DUTY_TELEPHONE = "duty_telephone"
    PARTNER = "partner"


class CallRangFurther(Event):
    """A call has waited so long that it is to ring at further telephones. What they do with it is the exchange's."""

    topic: ClassVar[str] = topics.CALLS
    step: RingStep
    operators: tuple[str, ...] = Field(
        default=(), description="Of `all_signed_on`: the subjects of the operators who are signed on"
    )
    telephones: tuple[str, ...] = Field(default=(), description="Of `duty_telephone`: the numbers, first choice first")
    partner: str | None = Field(default=None, description="Of `partner`: the code of the regency")
