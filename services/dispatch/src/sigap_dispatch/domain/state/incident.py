"""An incident, with all that belongs to it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import model_validator

from sigap_common.contracts.agency_reports import PartOutcome
from sigap_common.contracts.base import Contract
from sigap_common.contracts.incidents import IncidentState, ReceivedFrom, Source
from sigap_common.contracts.notes import IncidentNote
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone, of_owner, owner_of
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.share import Share
from sigap_dispatch.domain.state.alarms import NO_AGENCY_AFTER, Alarm, AlarmKind, alarm_id
from sigap_dispatch.domain.state.asked import Proposal, ProposedLevel, Question, Waiver
from sigap_dispatch.domain.state.forwarding import Forwarding, ForwardingState
from sigap_dispatch.domain.state.glass import Glass
from sigap_dispatch.domain.state.informed import CarriedRecipient, Information
from sigap_dispatch.domain.state.mergers import CarriedFailure, Merger, Suggestion
from sigap_dispatch.domain.state.offers import GOES_ON, Offer, OfferState

NOTES_KEPT = 20
"""The most notes in the state, and the most that agencies are told. Rows have all notes."""


class Decided(Contract):
    """When a person last decided each value of an incident; None: nobody has, so a rule may set it."""

    incident_type: datetime | None = None
    priority: datetime | None = None
    place: datetime | None = None
    doubted: datetime | None = None


class Incident(Aggregate):
    number: str
    day: date
    incident_type: str | None
    priority: int
    place: Place | None
    zone: Zone | None = None
    source: Source
    call_id: UUID | None
    """The call from which the incident was opened."""
    started_at: datetime
    created_at: datetime
    answered_at: datetime | None
    corrected_at: datetime | None
    linked_to: UUID | None
    linked_reopen_until: datetime | None = None
    protected: bool
    backfilled: bool
    notify: bool
    with_agencies: bool
    caller_number: Sealed | None = None
    caller_name: Sealed | None = None
    caller_hash: str | None = None
    reports: int = 1
    doubted: bool = False
    doubted_calls: tuple[UUID, ...] = ()
    callback_number: Sealed | None = None
    caller_language: Sealed | None = None
    notes: tuple[IncidentNote, ...] = ()
    """The newest that are for agencies."""
    forwardings: tuple[Forwarding, ...] = ()
    proposed_withdrawals: tuple[str, ...] = ()
    without_agency_since: datetime | None = None
    alarms: tuple[Alarm, ...] = ()
    closed_at: datetime | None = None
    """When it was closed, or merged into another."""
    disposition: str | None = None
    proposals: tuple[Proposal, ...] = ()
    dismissed: tuple[str, ...] = ()
    """The agencies whose proposal a person dismissed, and that nobody has forwarded to since."""
    people: tuple[str, ...] = ()
    """The subjects of those who took a call of it or worked on it: see `with_people`."""
    glasses: tuple[Glass, ...] = ()
    """Those that are open, and those that no supervisor has seen."""
    waivers: tuple[Waiver, ...] = ()
    offer: Offer | None = None
    offered_to: tuple[str, ...] = ()
    """The regencies to which it was offered. None of them is proposed again."""
    dismissed_transfers: tuple[str, ...] = ()
    """The regencies of which a person said that it stays, although its place lies there."""
    received_from: ReceivedFrom | None = None
    responsible: str | None = None
    """The dispatcher who watches over the incident: the subject of the token. It is no lock."""
    responsible_name: Sealed | None = None
    suggestions: tuple[Suggestion, ...] = ()
    rejected: tuple[UUID, ...] = ()
    """Incidents that a person said are not the same event."""
    links: tuple[UUID, ...] = ()
    """Incidents that a person linked to this one; see also `linked_to`."""
    possibly_same_as: str | None = None
    """The number of the incident that agencies were told may be the same event."""
    merger: Merger | None = None
    reported_at: datetime | None = None
    """When the last further call about it was received; None: there was none."""
    last_report: int = 0
    """The number of the last report, if it is not `reports`: reports may have gone with an incident taken out again."""
    unread_reports: int = 0
    read_report: int = 1
    """The number of the last report that somebody has read. The first one opened the incident."""
    decided: Decided = Decided()
    proposed_priority: int | None = None
    """The priority of the incident type, if a person decided another one."""
    reopen_until: datetime | None = None
    """Until then an operator or dispatcher may reopen the closed incident."""
    done_before_reopening: tuple[UUID, ...] = ()
    """The forwardings that were done when the incident was last reopened."""
    alarm_level: int = 1
    """How much help is wanted. Only a person raises or lowers it."""
    internal_notes: tuple[IncidentNote, ...] = ()
    """The newest that only the centre sees."""
    note_count: int = 0
    """How many notes it has, of both sorts."""
    shares: tuple[Share, ...] = ()
    """The newest share with each other regency."""
    informed: tuple[Information, ...] = ()
    """Those who are only told of it, each once."""
    carried: tuple[CarriedRecipient, ...] = ()
    """Those whom incidents that are merged into this one informed. They are informed of this one, whatever its plans
    say.
    """
    carried_failures: tuple[CarriedFailure, ...] = ()
    """Those of incidents that are merged into this one."""
    questions: tuple[Question, ...] = ()
    """Those that wait for an answer, and the newest that have one."""
    proposed_level: ProposedLevel | None = None
    dismissed_level: int = 1
    """The alarm level whose proposal a person dismissed last."""

    @model_validator(mode="before")
    @classmethod
    def _of_an_owner_alone(cls, told: Any) -> Any:
        """Reads a document of an older version. It has the owner of the zone, but not the zone itself."""
        if not isinstance(told, dict) or "zone_owner" not in told or told.get("zone"):
            return told
        return told | {"zone": of_owner(told["zone_owner"])}

    @property
    def by_hand(self) -> list[str]:
        """The values that a person decided."""
        return [name for name in Decided.model_fields if getattr(self.decided, name) is not None]

    @property
    def zone_owner(self) -> str | None:
        return owner_of(self.zone)

    @property
    def state(self) -> IncidentState:
        if self.closed_at:
            return IncidentState.MERGED if self.merger else IncidentState.CLOSED
        reached = [f.state for f in self.forwardings if f.stands]
        if not reached:
            return IncidentState.CREATED
        if all(state == ForwardingState.DONE for state in reached):
            return IncidentState.DONE
        return max((_as_incident(f) for f in self.forwardings if f.stands), key=_HOW_FAR.__getitem__)

    def forwarding(self, forwarding_id: UUID) -> Forwarding | None:
        return next((f for f in self.forwardings if f.id == forwarding_id), None)

    def newest_forwarding(self, agency: str) -> Forwarding | None:
        """The newest forwarding to the agency, also one that has ended."""
        return next((f for f in reversed(self.forwardings) if f.agency == agency), None)

    def information(self, agency: str) -> Information | None:
        return next((one for one in self.informed if one.agency == agency), None)

    def proposal(self, agency: str) -> Proposal | None:
        return next((p for p in self.proposals if p.agency == agency), None)

    def open_forwardings(self) -> Iterator[Forwarding]:
        return (f for f in self.forwardings if f.is_open)

    @property
    def due_at(self) -> datetime | None:
        """The next deadline: of an acknowledgement, a stand-down, an incident without an agency, an offer to another
        regency, or a share. A closed incident has only those of stand-downs and shares.
        """
        if self.backfilled:
            return None
        moments = [f.confirm_by for f in self.forwardings if f.withdrawn_at]
        moments += [share.until for share in self.shares if share.goes_on]
        if not self.closed_at:
            moments += [f.due_at for f in self.forwardings]
            moments.append(self.no_agency_at)
            if self.offer and self.offer.state is OfferState.OFFERED:
                moments.append(self.offer.due_at)
            moments += [one.wait_until for one in self.suggestions]
        return min((moment for moment in moments if moment), default=None)

    @property
    def no_agency_at(self) -> datetime | None:
        """When it becomes an alarm that no agency has been told. A drill raises no alarm."""
        if self.without_agency_since is None or self.drill:
            return None
        raised = self.has_alarm(alarm_id(self.id, AlarmKind.NO_AGENCY))
        return None if raised else self.without_agency_since + NO_AGENCY_AFTER

    @property
    def needs_somebody(self) -> bool:
        """Whether the incident is open, or was closed while a unit may still be out."""
        return self.closed_at is None or any(f.state == ForwardingState.STANDING_DOWN for f in self.forwardings)

    @property
    def next_report(self) -> int:
        """The number of the next report."""
        return max(self.reports, self.last_report) + 1

    @property
    def open_questions(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.answered_at is None)

    @property
    def proposed_disposition(self) -> str | None:
        """How the incident ends by its agencies: all whose part is done found nothing, or all a false alarm."""
        told = {f.outcome for f in self.forwardings if f.finished and f.outcome}
        return next(iter(told)).value if len(told) == 1 and not told & {PartOutcome.HANDLED} else None

    @property
    def proposed_transfer(self) -> str | None:
        """The regency to which the incident is to be offered, because its place lies there; None: there is none, it has
        been offered, or a person said that it stays.
        """
        there = self.zone.elsewhere if self.zone else None
        if there is None or there.by != "queue" or self.closed_at or self.backfilled:
            return None
        goes_on = self.offer is not None and self.offer.state in GOES_ON
        came_from = self.received_from.regency if self.received_from else None
        decided = (*self.offered_to, *self.dismissed_transfers, came_from)
        return None if goes_on or there.regency in decided else there.regency

    @property
    def waiting(self) -> frozenset[str]:
        """The agencies that are not told yet, because a likely duplicate has them."""
        return frozenset(agency for one in self.suggestions for agency in one.waiting)

    def has_alarm(self, which: UUID) -> bool:
        return any(alarm.id == which for alarm in self.alarms)


_HOW_FAR = {state: n for n, state in enumerate(IncidentState)}
_AS_INCIDENT = {
    ForwardingState.FORWARDED: IncidentState.FORWARDED,
    ForwardingState.ACKNOWLEDGED: IncidentState.ACKNOWLEDGED,
    ForwardingState.EN_ROUTE: IncidentState.EN_ROUTE,
    ForwardingState.ON_SCENE: IncidentState.ON_SCENE,
    ForwardingState.UNDER_CONTROL: IncidentState.UNDER_CONTROL,
    ForwardingState.DONE: IncidentState.ON_SCENE,  # one part has ended, another goes on
}


def _as_incident(forwarding: Forwarding) -> IncidentState:
    """The incident's state by one agency's part. If the part was under control, it counts so also when it is done."""
    under_control = forwarding.finished and forwarding.under_control_at
    return IncidentState.UNDER_CONTROL if under_control else _AS_INCIDENT[forwarding.state]
