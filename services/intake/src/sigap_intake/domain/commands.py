"""What people, exchanges and the clock want of a call."""

from dataclasses import dataclass
from datetime import datetime

from sigap_common.contracts.calls import Channel, Complaint, EndedBy, RingStep
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.personal_data import Sealed
from sigap_intake.domain.call import Classification
from sigap_intake.domain.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`by` is the subject of the token; `at` is when it happened, told of a backfilled call only."""

    by: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive(Step):
    """`at`: when the call reached our first queue, by the exchange's clock or the paper form's; none: now.

    `notify`: whether a backfilled call's incident reaches agencies; none: as usual for its kind.
    `exchange_use`: how many calls had this exchange_id before.
    `by_exchange`: an exchange tells of the call, which cannot correct itself: what contradicts is left out.
    """

    channel: Channel
    number: Sealed | None = None
    caller_hash: str | None = None
    caller_name: Sealed | None = None
    caller_place: Place | None = None
    caller_zone: Zone | None = None
    exchange_id: str | None = None
    exchange_use: int = 0
    exchange_hash: str | None = None
    """Finds the id again; events and tables hold the id itself sealed only, since it may contain a number."""
    backfilled: bool = False
    notify: bool | None = None
    drill: bool = False
    with_agencies: bool = False
    by_exchange: bool = False
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Step):
    operator: Sealed | None = None
    """The name of who answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locate(Step):
    place: Place
    zone: Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteNote(Step):
    text: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Classify(Step):
    classification: Classification
    reason: Sealed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Step):
    """`by_exchange`: as in Receive."""

    ended_by: EndedBy
    by_exchange: bool = False
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class MissClass:
    """The time to classify may be over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """An exchange tells of a call. `at` is by its clock; `heard_at` is when we were told, by ours."""

    by: str
    told: Told
    at: datetime | None
    heard_at: datetime
    exchange_id: Sealed
    exchange_hash: str
    exchange_use: int = 0
    number: Sealed | None = None
    caller_hash: str | None = None
    caller_name: Sealed | None = None
    extension: Sealed | None = None
    ended_by: EndedBy = "exchange"
    complaints: tuple[Complaint, ...] = ()

    @property
    def moment(self) -> datetime:
        """When it happened."""
        return self.at or self.heard_at


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver(Step):
    """An operator takes an answered call from `holder`, the operator who has it as the screen shows it."""

    holder: str
    operator: Sealed | None = None
    reason: Sealed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Step):
    """The operator who has the call offers it to another."""

    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOffer(Step):
    """The operator to whom the call was offered does not take it."""


@dataclass(frozen=True, slots=True)
class LoseOperator:
    """This operator is gone, and had the call."""

    operator: str


@dataclass(frozen=True, slots=True)
class FindOperator:
    """The operator who has the call is there again."""


@dataclass(frozen=True, slots=True)
class MoveUp:
    """The number of a waiting call has an open incident."""

    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom a waiting call of a regency could ring: who is signed on, the duty telephones, a partner regency."""

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


Command = (
    Answer
    | Locate
    | WriteNote
    | Classify
    | End
    | MissClass
    | Tell
    | TakeOver
    | Offer
    | DeclineOffer
    | LoseOperator
    | FindOperator
    | MoveUp
    | RingFurther
)
