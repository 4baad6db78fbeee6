"""The commands to a call. They come from people, from exchanges and from deadlines."""

from dataclasses import dataclass
from datetime import datetime

from sigap_common.contracts.calls import Channel, Complaint, EndedBy
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.personal_data import Sealed
from sigap_intake.domain.call import Classification
from sigap_intake.domain.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`by` is the subject of the token. `at` is when it happened; only steps of a backfilled call have it."""

    by: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive(Step):
    """A call arrives. `at`: when it reached our first queue, by the exchange's clock or the paper form; None: now.

    `notify`: whether the incident of the call is sent to agencies; None: yes, but no if the call is backfilled.
    `exchange_use`: how many earlier calls had this exchange_id.
    `by_exchange`: an exchange reports the call. It cannot correct a request, so contradicting fields are left out.
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
    """The keyed hash by which the id is found. The id may contain a telephone number, so events and tables hold it only
    sealed.
    """
    backfilled: bool = False
    notify: bool | None = None
    drill: bool = False
    with_agencies: bool = False
    by_exchange: bool = False
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Step):
    operator: Sealed | None = None
    """The name of the operator who answers."""


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
    caller_name: Sealed | None = None
    extension: Sealed | None = None
    ended_by: EndedBy = "exchange"
    complaints: tuple[Complaint, ...] = ()

    @property
    def moment(self) -> datetime:
        """The time of the step: by the exchange's clock, or by ours if the exchange gave none."""
        return self.at or self.heard_at


Command = Answer | Locate | WriteNote | Classify | End | MissClass | Tell
