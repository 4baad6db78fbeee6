"""What dispatch is told to do (orders: they may be refused) and what it learns (facts: they may not)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.base import ClockName
from sigap_common.contracts.calls import CallSnapshot, Note
from sigap_common.contracts.incidents import Source
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.state import Incident


@dataclass(frozen=True, slots=True)
class Numbered:
    """The human number that the incident gets, and the regency's local day that it counts in."""

    number: str
    day: date


@dataclass(frozen=True, slots=True)
class OpenFromCall:
    """`corrected_at`: the call was something else before, and was corrected to an emergency then."""

    numbered: Numbered
    call_id: UUID
    call: CallSnapshot
    incident_type: str | None
    priority: int | None
    at: datetime
    corrected_at: datetime | None = None
    linked_to: UUID | None = None


@dataclass(frozen=True, slots=True)
class OpenDirectly:
    """Without a call (an observer, an officer, an agency), or a further one from a call, linked to the call's first."""

    numbered: Numbered
    source: Source
    incident_type: str | None
    priority: int | None
    place: Place | None = None
    zone: Zone | None = None
    note: str | None = None
    call_id: UUID | None = None
    first: Incident | None = None


@dataclass(frozen=True, slots=True)
class AddReport:
    call_id: UUID
    call: CallSnapshot
    incident_type: str | None
    priority: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteFromCall:
    note: Note


@dataclass(frozen=True, slots=True)
class LocateFromCall:
    """`leads`: the incident is this call's own, so the place is the incident's; else its n-th `report`'s alone."""

    place: Place
    zone: Zone | None
    leads: bool
    report: int
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class DoubtCall:
    """The call was corrected to something that is no emergency."""

    call_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class CorrectCall:
    """The call is an emergency (still, or again), of this type."""

    call_id: UUID
    incident_type: str | None
    priority: int | None
    leads: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Respond:
    """What an agency answered: a fact from the gateway."""

    forwarding_id: UUID
    revision: int
    response: Response
    channel: str
    at: datetime
    clock: ClockName = "sigap"
    reason: str | None = None
    text: Sealed | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """An agency's answer by telephone or radio, taken down by one of us who spoke to it."""

    forwarding_id: UUID
    response: Response
    channel: str
    spoke_to: str
    reason: str | None = None
    text: str | None = None
    revision: int | None = None
    """The newest that they were told of; none: the newest there is, or of progress the one that they acknowledged."""


@dataclass(frozen=True, slots=True)
class AddAgency:
    agency: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    forwarding_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Amend:
    """A dispatcher corrects what is known; absent: unchanged. `zone` goes with the place."""

    incident_type: str | None = None
    priority: int | None = None
    place: Place | None = None
    zone: Zone | None = None


@dataclass(frozen=True, slots=True)
class Close:
    disposition: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """The time has come to look at the deadlines."""


Command = (
    OpenFromCall
    | OpenDirectly
    | AddReport
    | NoteFromCall
    | LocateFromCall
    | DoubtCall
    | CorrectCall
    | Respond
    | RecordAnswer
    | AddAgency
    | Withdraw
    | Amend
    | Close
    | Tick
)
