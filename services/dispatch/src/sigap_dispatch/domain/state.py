"""The state of an incident and of its forwardings, which follows from its events."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from pydantic import model_validator

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_answers import ATTENDED, standing
from sigap_common.contracts.agency_reports import NOTHING_BESIDE, PartOutcome, SaidBeside
from sigap_common.contracts.base import Contract
from sigap_common.contracts.duplicates import DuplicateReason
from sigap_common.contracts.incidents import IncidentState, ReceivedFrom, Source
from sigap_common.contracts.informing import InformationEnding
from sigap_common.contracts.notes import IncidentNote
from sigap_common.contracts.places import Place
from sigap_common.contracts.proposals import ProposalReason
from sigap_common.contracts.zones import Zone, of_owner, owner_of
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.clock import is_over
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.share import Share

NO_AGENCY_AFTER = timedelta(seconds=30)
"""If no agency has been told for so long, an alarm is raised."""
UNNAMED_ROLE = "other"
MERGED = "merged"
"""Why a forwarding ended: its incident was merged into another."""
NOTES_KEPT = 20
"""The most notes in the state, and the most that agencies are told. Rows have all notes."""


class AlarmKind(StrEnum):
    NO_AGENCY = "no_agency"
    ACKNOWLEDGEMENT_MISSED = "acknowledgement_missed"
    GLASS_BROKEN = "glass_broken"
    ROLE_UNMET = "role_unmet"
    NOBODY_LEFT = "nobody_left"
    STAND_DOWN_UNCONFIRMED = "stand_down_unconfirmed"
    TRANSFER_RETURNED = "transfer_returned"


class ForwardingState(StrEnum):
    FORWARDED = "forwarded"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    UNDER_CONTROL = "under_control"
    DONE = "done"
    DECLINED = "declined"
    STANDING_DOWN = "standing_down"
    WITHDRAWN = "withdrawn"


class Alarm(Contract):
    id: UUID
    kind: AlarmKind
    agency: str | None = None


class AgencyAnswer(SaidBeside):
    """An answer of the agency: its own, or one that an operator or dispatcher recorded."""

    response: Response
    at: datetime
    reason: str | None = None
    """Why the agency declined."""


def role_served(role: str | None, agency: str) -> str:
    """The role that an agency fills. Without a role, or with one that names nothing, the agency is a role of its own:
    another agency of kind `other` cannot stand in for it.
    """
    return agency.partition("/")[2] if role is None or role == UNNAMED_ROLE else role


def derived_from(words: Sequence[AgencyAnswer]) -> dict[str, Any]:
    """The fields of a forwarding that follow from the agency's answers."""
    stands = standing(words)
    declines = [word for word in words if word.response is Response.DECLINED] if stands is Response.DECLINED else []
    last = max(declines, key=lambda word: word.at, default=None)
    told = max((word for word in words if word.text), key=lambda word: word.at, default=None)
    ended = max((word for word in words if word.outcome), key=lambda word: word.at, default=None)
    return {
        "standing": stands,
        "declined_at": last.at if last else None,
        "decline_reason": last.reason if last else None,
        "text": told.text if told else None,
        "text_at": told.at if told else None,
        "outcome": ended.outcome if ended and stands is Response.DONE else None,
    }


class DeliveryTrouble(Contract):
    """The latest failed delivery of a forwarding, and whether the agency has got the forwarding by another way."""

    at: datetime
    revision: int
    channel: str
    reason: str
    status: int | None
    final: bool
    goes_on_by: tuple[str, ...]
    recovered_at: datetime | None = None
    recovered_by: str | None = None
    """The channel that delivered the forwarding after all."""


class UnitOnIt(Contract):
    """A unit that an agency sends for its part."""

    callsign: str
    assigned_at: datetime
    named_at: datetime | None = None
    """When its agency named it last; None: when it was assigned."""
    en_route_at: datetime | None = None
    on_scene_at: datetime | None = None
    released_at: datetime | None = None
    """When it went to another incident, or its agency declined."""
    came_with: UUID | None = None
    """The merged incident for which it was out before, and with which it goes if the merger ends."""
    times_taken_over: int = 0
    """How often it went on by a merger, or by the end of one, since its agency named it."""

    @property
    def claimed_at(self) -> datetime:
        """When its agency named it last for this incident. It works for the incident with the latest naming."""
        return self.named_at or self.assigned_at


class Forwarding(Contract):
    """One agency's part in the incident."""

    id: UUID
    agency: str
    revision: int
    needed_revision: int
    """The lowest revision whose acknowledgement suffices, because place, type and priority have not changed since."""
    acknowledge_by: datetime | None
    alarm_level: int
    automatic: bool
    forwarded_at: datetime
    deadline_set_at: datetime | None = None
    """When `acknowledge_by` was set, by our clock; None: when the incident was forwarded."""
    previous_place: Place | None = None
    """The place that the agency knew before. It is kept until the agency acknowledges the new place."""
    acknowledged_at: datetime | None = None
    acknowledged_revision: int = 0
    missed_revision: int = 0
    en_route_at: datetime | None = None
    on_scene_at: datetime | None = None
    under_control_at: datetime | None = None
    done_at: datetime | None = None
    words: tuple[AgencyAnswer, ...] = ()
    standing: Response | None = None
    """The response that counts, from all answers in `words`. This and the next five fields are computed when an answer
    is added: see `derived_from`.
    """
    declined_at: datetime | None = None
    decline_reason: str | None = None
    text: Sealed | None = None
    """The newest words of the agency."""
    text_at: datetime | None = None
    outcome: PartOutcome | None = None
    """How its part went; only if it is done."""
    on_behalf: tuple[Response, ...] = ()
    """The responses whose times, such as `acknowledged_at`, an operator or dispatcher recorded. The times of other
    responses come from the agency itself.
    """
    units: tuple[UnitOnIt, ...] = ()
    missed_change: str | None = None
    """The most important change since the agency declined. The agency is told of it if it comes after all."""
    withdrawn_at: datetime | None = None
    withdrawal_reason: str | None = None
    withdrawal_text: Sealed | None = None
    stand_down: bool = False
    stood_down_at: datetime | None = None
    trouble: DeliveryTrouble | None = None
    role: str | None = None
    """What the agency is wanted for, such as fire or ambulance."""
    instead_of: str | None = None
    """The agency that failed, and in whose place this one was told."""
    on_its_way: bool = False
    """Whether the agency had said for a merged incident, when it was told of this one, that it comes: a unit may be out
    before it answers here.
    """
    on_its_way_with: tuple[UUID, ...] = ()
    """The incidents merged into this one since, for which the agency had said so: it goes with them if they are taken
    out again.
    """
    failed_at: datetime | None = None
    """When dispatch learned that the agency declined or missed its deadline, by our clock."""
    failure_uncertain: bool = False
    """Whether the deadline was set by a clock ahead, so that nobody knows whether it was really missed."""
    confirm_within_s: int | None = None
    stand_down_since: datetime | None = None
    """From when the agency has to confirm the stand-down, by our clock."""
    unconfirmed_at: datetime | None = None
    """When the time to confirm the stand-down was over."""
    stand_down_noted_at: datetime | None = None
    """When a person noted that the agency stands down, although it did not confirm."""

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_form(cls, told: Any) -> Any:
        """Reads a document of an older version. It has only `words`, and they do not say who recorded them."""
        if not isinstance(told, dict) or not told.get("words") or "on_behalf" in told:
            return told
        return told | derived_from([AgencyAnswer.model_validate(word) for word in told["words"]])

    @property
    def state(self) -> ForwardingState:
        if self.withdrawn_at:
            settled = self.stood_down_at or self.stand_down_noted_at
            nobody_out = settled or self.declined or not self.stand_down
            return ForwardingState.WITHDRAWN if nobody_out else ForwardingState.STANDING_DOWN
        return ForwardingState(self.standing.value) if self.standing else ForwardingState.FORWARDED

    @property
    def declined(self) -> bool:
        return self.standing is Response.DECLINED

    @property
    def finished(self) -> bool:
        """Whether the agency has reported that its part is done."""
        return self.standing is Response.DONE

    @property
    def comes(self) -> bool:
        """Whether the agency has said, here or for a merged incident, that it comes, and neither is done nor has turned
        back.
        """
        ended = self.declined or self.finished or self.stood_down_at or self.stand_down_noted_at
        return not ended and (self.on_its_way or bool(self.on_its_way_with) or self.standing is not None)

    @property
    def had_declined(self) -> bool:
        """Whether the agency has ever declined, even if it comes after all."""
        return any(word.response is Response.DECLINED for word in self.words)

    @property
    def attended(self) -> bool:
        return self.standing in ATTENDED

    @property
    def goes_on_merged(self) -> bool:
        """Whether a merger ended the agency's part and it does not decline: it has the incident that goes on."""
        return self.withdrawal_reason == MERGED and not self.declined

    def left_at(self, callsign: str) -> datetime | None:
        """When the unit went from here to another incident; None: it has not. One that the agency kept back when it
        declined went nowhere.
        """
        declined = {word.at for word in self.words if word.response is Response.DECLINED}
        left = next((unit.released_at for unit in self.units if unit.callsign == callsign), None)
        return None if left in declined else left

    def has_said(self, response: Response, at: datetime) -> bool:
        return any((word.response, word.at) == (response, at) for word in self.words)

    def has_told(self, response: Response, beside: SaidBeside) -> bool:
        """Whether the agency said all this before with this response, or says nothing beside it now."""
        mine = (word for word in self.words if word.response is response)
        return beside.says_the_same(NOTHING_BESIDE) or any(beside.says_the_same(word) for word in mine)

    @property
    def needs_acknowledgement(self) -> bool:
        """Whether the agency must acknowledge the newest change, or the stand-down."""
        return self.state == ForwardingState.STANDING_DOWN or (self.is_open and not self.acknowledged)

    def is_crossed_by(self, revision: int) -> bool:
        """Whether the agency acknowledged this revision before it could know of the withdrawal. The forwarding was
        withdrawn as one for which no unit is out, and that was wrong. A merger turns no unit back: nothing was wrong.
        """
        turned_back = self.state == ForwardingState.WITHDRAWN and self.withdrawal_reason != MERGED
        return turned_back and revision < self.revision and self.stood_down_at is None

    @property
    def acknowledged(self) -> bool:
        """Whether the agency has acknowledged the present place, type and priority."""
        return self.acknowledged_revision >= self.needed_revision

    @property
    def stands(self) -> bool:
        return not self.withdrawn_at and not self.declined

    @property
    def is_open(self) -> bool:
        """Whether the agency still has something to do for this incident. If so, it is told of changes."""
        return self.stands and self.standing is not Response.DONE

    @property
    def serves(self) -> str:
        return role_served(self.role, self.agency)

    @property
    def failed(self) -> bool:
        """Whether the agency declined, or let its deadline pass and has never acknowledged. A new deadline after that,
        because of a correction, does not change it: only an answer does.
        """
        return self.declined or (self.missed_revision > 0 and self.acknowledged_at is None)

    @property
    def fills(self) -> bool:
        """Whether the agency fills its role: it stands and has not failed."""
        return self.stands and not self.failed

    @property
    def confirm_by(self) -> datetime | None:
        """When a stand-down that nobody confirms becomes an alarm; None: it cannot become one."""
        if self.state != ForwardingState.STANDING_DOWN or self.unconfirmed_at or self.stand_down_since is None:
            return None
        return self.stand_down_since + timedelta(seconds=self.confirm_within_s) if self.confirm_within_s else None

    @property
    def due_at(self) -> datetime | None:
        """When the agency's acknowledgement becomes missed; None: it cannot become missed."""
        waits = self.is_open and not self.acknowledged and self.missed_revision < self.needed_revision
        return self.acknowledge_by if waits else None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the agency's acknowledgement is missed now."""
        return self.due_at is not None and is_over(self.due_at, self.deadline_set_at or self.forwarded_at, now)


class Decided(Contract):
    """When a person last decided each value of an incident; None: nobody has, so a rule may set it."""

    incident_type: datetime | None = None
    priority: datetime | None = None
    place: datetime | None = None
    doubted: datetime | None = None


class Proposal(Contract):
    """An agency that a rule would tell but may not tell by itself. A person takes or dismisses it."""

    agency: str
    role: str | None
    alarm_level: int
    reason: ProposalReason
    since: datetime
    instead_of: str | None = None
    """The agency that failed, for the reason next_agency."""
    asked_by: str | None = None
    """The agency that asks for it, for the reason asked_for."""
    text: Sealed | None = None
    """The words of the agency that asks."""


class ProposedLevel(Contract):
    """A higher alarm level that an agency on the incident asks for."""

    alarm_level: int
    agency: str
    since: datetime
    text: Sealed | None = None
    """The agency's words."""


class Question(Contract):
    """A question of an agency to the dispatcher."""

    id: UUID
    forwarding_id: UUID
    agency: str
    at: datetime
    text: Sealed
    answered_at: datetime | None = None
    answered_by: str | None = None
    note: int | None = None
    """The number of the note that has the answer."""


class Information(Contract):
    """A recipient who is only told of the incident: nothing is asked of it."""

    id: UUID
    agency: str
    revision: int
    since: datetime
    ended_at: datetime | None = None
    reason: InformationEnding | None = None
    """Why it ended."""


class CarriedRecipient(Contract):
    """A recipient whom a merged incident informed, and who is informed of this one instead."""

    other: UUID
    """The merged incident."""
    agency: str


class CarriedFailure(Contract):
    """An agency that declined a merged incident, where nobody filled its role: this incident needs the role now."""

    other: UUID
    """The merged incident."""
    agency: str
    role: str
    at: datetime


class Waiver(Contract):
    """A role that a person said is not needed. The reason is in the timeline."""

    role: str
    at: datetime
    by: str | None


class Glass(Contract):
    """The glass of a protected incident, broken by a person who had no need to see it."""

    id: UUID
    by: str
    at: datetime
    until: datetime
    reason: Sealed | None = None
    """Why it was broken."""
    seen: bool = False
    """Whether a supervisor has seen it."""

    def is_open(self, by: str | None, now: datetime) -> bool:
        """Whether this person sees the incident through it now."""
        return self.by == by and now < self.until


class OfferState(StrEnum):
    """The state of an offer to another regency. Only `offered` and `accepted` go on."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    NOT_ACCEPTED = "not_accepted"
    CLOSED = "closed"
    ENDED_THERE = "ended_there"


GOES_ON = frozenset({OfferState.OFFERED, OfferState.ACCEPTED, OfferState.COMPLETED})
"""The states of an offer in which no other one is made."""


class Offer(Contract):
    """The newest offer of the incident to another regency."""

    id: UUID
    to: str
    state: OfferState = OfferState.OFFERED
    offered_at: datetime
    deadline_set_at: datetime
    due_at: datetime
    message: Sealed | None = None
    reason: Sealed | None = None
    """Why the other regency refused."""
    incident_id: UUID | None = None
    """The incident of the other regency, if it accepted: the one that it opened, or that this was merged into."""
    number: str | None = None


class Suggestion(Contract):
    """Another open incident that may be the same event. Nobody has decided yet."""

    other: UUID
    number: str
    score: float
    reasons: tuple[DuplicateReason, ...]
    waiting: tuple[str, ...]
    """The agencies on the other one to which this incident is not forwarded until somebody decides, or `wait_until`."""
    wait_until: datetime | None
    since: datetime


class Merger(Contract):
    """Into which incident this one was merged."""

    into: UUID
    number: str
    first_report: int
    """The number that its first report has on the other incident."""
    agencies: tuple[str, ...]
    """The agencies that worked on it until then."""
    moved: tuple[str, ...]
    """Those of them to which the other one was forwarded by the merger."""
    asked_for: tuple[Proposal, ...] = ()
    """The proposals that agencies had asked for and nobody had decided on."""
    proposed_level: ProposedLevel | None = None
    """The alarm level that an agency had asked for and nobody had decided on."""


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


def alarm_id(subject: UUID, kind: AlarmKind, role: str | None = None) -> UUID:
    """The id of an alarm. It is always the same for one kind of alarm of one incident, role or forwarding."""
    return uuid5(subject, f"{kind.value} {role}" if role else kind.value)
