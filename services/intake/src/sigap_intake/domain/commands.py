"""The commands to a call. They come from people, from exchanges and from deadlines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sigap_common.contracts.calls import Channel, Complaint, EndedBy, Heard, RingStep, Unscreened
from sigap_common.contracts.fixes import FixSource
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.personal_data import Sealed
from sigap_common.regency import Guidance
from sigap_intake.domain.call import Classification
from sigap_intake.domain.lookup import NOTHING_KNOWN, Lookup
from sigap_intake.domain.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`by` is the subject of the token. `at` is when it happened; only steps of a backfilled call have it."""

    by: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive(Step):
    """A call arrives. `at`: when it reached our first queue, by the exchange's clock or the paper form; None: now.

    `notify`: whether a backfilled call's incident reaches agencies; none: as usual for its kind.
    `exchange_use`: how many calls had this exchange_id before.
    `by_exchange`: an exchange tells of the call, which cannot correct itself: what contradicts is left out.
    `callback_id`: the callback that proved real.
    """

    channel: Channel
    number: Sealed | None = None
    caller_hash: str | None = None
    imei: Sealed | None = None
    caller_name: Sealed | None = None
    caller_place: Place | None = None
    caller_zone: Zone | None = None
    exchange_id: str | None = None
    exchange_use: int = 0
    exchange_hash: str | None = None
    """The keyed hash by which the id is found. The id may contain a telephone number, so events and tables hold it only
    sealed.
    """
    backfilled: bool = False
    notify: bool | None = None
    drill: bool = False
    with_agencies: bool = False
    by_exchange: bool = False
    complaints: tuple[Complaint, ...] = ()
    lookup: Lookup = NOTHING_KNOWN
    callback_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Step):
    operator: Sealed | None = None
    """The name of the operator who answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locate(Step):
    place: Place
    zone: Zone
    source: FixSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteNote(Step):
    text: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Classify(Step):
    classification: Classification
    reason: Sealed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Step):
    """The call ends. `by_exchange`: as in Receive."""

    ended_by: EndedBy
    by_exchange: bool = False
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class MissClass:
    """The time in which the call must get a class may be over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """An exchange reports a step of a call. `at` is the time of the step by the exchange's clock; `heard_at` is the
    time of the report by our clock.
    """

    by: str
    told: Told
    at: datetime | None
    heard_at: datetime
    exchange_id: Sealed
    exchange_hash: str
    exchange_use: int = 0
    number: Sealed | None = None
    caller_hash: str | None = None
    imei: Sealed | None = None
    caller_name: Sealed | None = None
    extension: Sealed | None = None
    ended_by: EndedBy = "exchange"
    complaints: tuple[Complaint, ...] = ()
    lookup: Lookup = NOTHING_KNOWN

    @property
    def moment(self) -> datetime:
        """The time of the step: by the exchange's clock, or by ours if the exchange gave none."""
        return self.at or self.heard_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Guided(Step):
    """By the guidance in force. `read`: the version that the operator's screen has; none: this one."""

    guidance: Guidance
    read: str | None = None

    @property
    def version(self) -> str:
        return self.read or self.guidance.version

    @property
    def is_outdated(self) -> bool:
        """Whether the guidance has changed since the screen read it."""
        return self.version != self.guidance.version


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTriage(Guided):
    """`answers`: by question; None takes an answer back."""

    answers: dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TellWords(Guided):
    """`incident_type`: whose words, None for those for a child. `told`: False takes it back."""

    incident_type: str | None
    step: str
    told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSilentStep(Guided):
    step: str
    heard: Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkCaller(Step):
    probably_child: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Describe(Step):
    """Who calls. `said` has the fields of CallerDetails that change; None: the value is removed."""

    said: Mapping[str, Sealed | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position(Step):
    """A position of the caller. `found_at`: when the caller was there; none: now. `chosen`: a person decides for it."""

    place: Place
    zone: Zone
    source: FixSource
    found_at: datetime | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndScreening:
    """The recorded message is over for this call. `by`: None: not by a person."""

    by: str | None
    why: Unscreened


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver(Step):
    """An operator takes an answered call from `holder`, the operator who has it as the screen shows it."""

    holder: str
    operator: Sealed | None = None
    reason: Sealed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Step):
    """The person who has the call, or has claimed the callback, offers it to a colleague."""

    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOffer(Step):
    """The colleague to whom it was offered does not take it."""


@dataclass(frozen=True, slots=True)
class LoseOperator:
    """This operator is gone, and had the call. `grace`: so long after taking a call the operator may still sign on."""

    operator: str
    grace: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class FindOperator:
    """The operator who has the call is there again."""


@dataclass(frozen=True, slots=True)
class MoveUp:
    """The number of a waiting call has an open incident."""

    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The places where a waiting call can ring: operators who are signed on, duty telephones, a partner regency."""

    operators: tuple[str, ...] = ()
    telephones: tuple[str, ...] = ()
    partner: str | None = None

    @property
    def steps(self) -> frozenset[RingStep]:
        """The steps that would ring anybody."""
        whom = {
            RingStep.ALL_SIGNED_ON: self.operators,
            RingStep.DUTY_TELEPHONE: self.telephones,
            RingStep.PARTNER: self.partner,
        }
        return frozenset(step for step, rung in whom.items() if rung)


@dataclass(frozen=True, slots=True)
class RingFurther:
    """A call has waited too long."""

    steps: tuple[RingStep, ...]
    reach: Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferToRegency(Step):
    """The call is offered to another regency. `limit`: how long that one has to accept."""

    transfer_id: UUID
    to: str
    limit: timedelta
    message: Sealed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptCall(Step):
    """The other regency accepts; `call_id` is its call."""

    transfer_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseCall(Step):
    """The other regency refuses."""

    transfer_id: UUID
    reason: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCall(Step):
    """The sender keeps the call: takes an offer back, or has seen that it came back."""

    transfer_id: UUID


@dataclass(frozen=True, slots=True)
class MissTransfer:
    """The time in which the other regency must accept may be over."""


Command = (
    Answer
    | Locate
    | WriteNote
    | Classify
    | End
    | MissClass
    | Tell
    | AnswerTriage
    | TellWords
    | TakeSilentStep
    | MarkCaller
    | Describe
    | Position
    | EndScreening
    | TakeOver
    | Offer
    | DeclineOffer
    | LoseOperator
    | FindOperator
    | MoveUp
    | RingFurther
    | OfferToRegency
    | AcceptCall
    | RefuseCall
    | KeepCall
    | MissTransfer
)
