"""The commands of an incident: orders, which may be refused, and facts, which are always recorded."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_reports import NOTHING_BESIDE, SaidBeside
from sigap_common.contracts.base import ClockName
from sigap_common.contracts.calls import CallerDetails, CallSnapshot, Note
from sigap_common.contracts.incidents import Source
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.regency import Pack
from sigap_dispatch.domain.matching import Scene
from sigap_dispatch.domain.state.incident import Incident


class Command:
    """The base of all commands of an incident. The commands of one feature are beside its decisions."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number of a new incident, and the regency's local day to which the number belongs."""

    number: str
    day: date


@dataclass(frozen=True, slots=True)
class OpenFromCall(Command):
    """Opens an incident from a call. `corrected_at`: when the call was corrected to an emergency, if it had another
    class before.
    """

    numbered: Numbered
    call_id: UUID
    call: CallSnapshot
    incident_type: str | None
    priority: int | None
    at: datetime
    corrected_at: datetime | None = None
    linked_to: UUID | None = None
    linked_reopen_until: datetime | None = None
    """Until when the incident `linked_to` can be reopened in one step, if the call named it as its own."""
    by: str | None = None
    """Who classified the call."""
    around: tuple[Scene, ...] = ()
    """The open incidents around it, which may be the same event."""


@dataclass(frozen=True, slots=True)
class OpenDirectly(Command):
    """Opens an incident without a call (reported by an observer, an officer or an agency), or a further one from a
    call, linked to the call's first incident.
    """

    numbered: Numbered
    source: Source
    incident_type: str | None
    priority: int | None
    place: Place | None = None
    zone: Zone | None = None
    note: str | None = None
    call_id: UUID | None = None
    first: Incident | None = None
    around: tuple[Scene, ...] = ()
    """The open incidents around it, which may be the same event."""


@dataclass(frozen=True, slots=True)
class AddReport(Command):
    call_id: UUID
    call: CallSnapshot
    incident_type: str | None
    priority: int | None
    at: datetime
    by: str | None = None
    """Who classified the call."""


@dataclass(frozen=True, slots=True)
class NoteFromCall(Command):
    """An operator wrote down what the caller of the n-th `report` said."""

    note: Note
    report: int = 1


@dataclass(frozen=True, slots=True)
class LocateFromCall(Command):
    """A call was located. `leads`: the incident was opened from this call, so its place changes too. Otherwise the
    place belongs only to this call's report, the n-th `report`.
    """

    place: Place
    zone: Zone | None
    leads: bool
    report: int
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class DescribeCaller(Command):
    """Somebody entered or corrected who calls. `leads`: the incident was opened from this call, so its caller changes.
    Otherwise the caller is that of the n-th `report`.
    """

    caller: CallerDetails
    leads: bool
    report: int
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class DoubtCall(Command):
    """A call of the incident was corrected to a class that is not an emergency."""

    call_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class CorrectCall(Command):
    """A call of the incident was corrected: it is an emergency of this type (still, or again)."""

    call_id: UUID
    incident_type: str | None
    priority: int | None
    leads: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Respond(Command):
    """An agency's own answer, from an event of the gateway: a fact."""

    forwarding_id: UUID
    revision: int
    response: Response
    channel: str
    at: datetime
    clock: ClockName = "sigap"
    reason: str | None = None
    by: str | None = None
    beside: SaidBeside = NOTHING_BESIDE
    """What the agency says beside its answer, such as words and a question."""


@dataclass(frozen=True, slots=True)
class RecordAnswer(Command):
    """An agency's answer by telephone or radio, recorded by an operator or dispatcher."""

    forwarding_id: UUID
    response: Response
    channel: str
    spoke_to: str
    reason: str | None = None
    revision: int | None = None
    """The revision that was read to the agency; None: the newest, or for progress the acknowledged one."""
    at: datetime | None = None
    """When the agency said it; None: now."""
    beside: SaidBeside = NOTHING_BESIDE


@dataclass(frozen=True, slots=True)
class AddAgency(Command):
    """A dispatcher tells an agency. `role`: what for; None: by the proposal, otherwise the agency's kind.
    `acknowledge_by`: None: by the plan.
    """

    agency: str
    at: datetime | None = None
    """When the agency was asked; None: now."""
    notify: bool | None = None
    """Whether the agency is told. None: it is, unless the incident is backfilled."""
    role: str | None = None
    acknowledge_by: datetime | None = None
    lender: Pack | None = None
    """The pack of the agency's regency, if that is not the incident's."""


@dataclass(frozen=True, slots=True)
class Withdraw(Command):
    forwarding_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Amend(Command):
    """A dispatcher corrects an incident. None: the field stays unchanged. `zone` belongs to `place`."""

    incident_type: str | None = None
    priority: int | None = None
    place: Place | None = None
    zone: Zone | None = None
    doubted: bool | None = None


@dataclass(frozen=True, slots=True)
class Close(Command):
    disposition: str
    note: str | None = None
    at: datetime | None = None
    """When it ended; None: now."""


@dataclass(frozen=True, slots=True)
class Tick(Command):
    """A deadline may be over: check all deadlines."""


@dataclass(frozen=True, slots=True)
class OfferTransfer(Command):
    """Offers the incident to another regency."""

    to: str
    message: str | None = None


@dataclass(frozen=True, slots=True)
class DismissTransfer(Command):
    """The incident stays, although its place lies in this other regency."""

    to: str


@dataclass(frozen=True, slots=True)
class AcceptTransfer(Command):
    """The other regency accepts, and has opened an incident of its own."""

    offer_id: UUID
    incident_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class RefuseTransfer(Command):
    offer_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class TakeBackTransfer(Command):
    """The sender keeps the incident: it takes an open offer back, or has seen that the offer came back."""

    offer_id: UUID


@dataclass(frozen=True, slots=True)
class CompleteTransfer(Command):
    """An agency of the other regency has the linked incident: a fact."""


@dataclass(frozen=True, slots=True)
class FollowTransfer(Command):
    """The other regency works on this incident of its own from now on, instead of the one that it opened: a fact."""

    incident_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class ReturnTransfer(Command):
    """The other regency's incident ended before an agency had it: a fact."""


@dataclass(frozen=True, slots=True)
class OpenFromTransfer(Command):
    """Opens the incident of the regency that accepts `sent`, an incident that another regency offered."""

    numbered: Numbered
    sent: Incident
    zone: Zone | None
