"""The rules of an incident's life, against any sequence of all commands and facts, each at any moment.

A new command joins by one line in COMMANDS. If only a person gives it, PERSONS says so; if it names an agency to tell,
NAMES_AGENCY; if it brings a value of the incident, SAYS. If it makes no sense without a second incident, NEEDS_ANOTHER.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from services.dispatch.tests.dispatch_histories import (
    HARBOUR,
    INCIDENT_ID,
    MARKET,
    NOON,
    PACK,
    REGENCY,
    History,
    a_call,
    a_note,
    a_pack,
    call_id,
)

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_answers import standing
from sigap_common.contracts.agency_reports import HelpAskedFor, PartOutcome, SaidBeside
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import CallerDetails
from sigap_common.contracts.duplicates import (
    DuplicateHidden,
    DuplicateRejected,
    DuplicateSuggested,
    DuplicateWaitEnded,
    IncidentAbsorbed,
    IncidentLinked,
    IncidentMerged,
    IncidentReleased,
    IncidentUnmerged,
)
from sigap_common.contracts.incidents import (
    BY_DISPATCHER,
    AcknowledgementMissed,
    ForwardingRevised,
    ForwardingWithdrawn,
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclined,
    IncidentForwarded,
    IncidentReportAdded,
    IncidentState,
    IncidentStatusChanged,
)
from sigap_common.contracts.informing import IncidentInformed, InformationEnded
from sigap_common.contracts.needs import WithdrawalNoted, WithdrawalUnconfirmed
from sigap_common.contracts.notes import IncidentNoted
from sigap_common.contracts.proposals import ProposalEnded
from sigap_common.contracts.questions import QuestionAnswered, QuestionAsked
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.contracts.reports import ReportSeparated
from sigap_common.contracts.shares import RedactionProfile, ShareAsked, ShareEnded, ShareGiven
from sigap_common.contracts.transfers import TransferAccepted, TransferDismissed, TransferEnded, TransferOffered
from sigap_common.contracts.units import UnitReleased, UnitTakenOver
from sigap_common.contracts.zones import Elsewhere, Zone
from sigap_common.core.errors import Forbidden, Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain import Forwarding, Incident, Moment, decide
from sigap_dispatch.domain.alarm_levels import DismissAlarmLevel, SetAlarmLevel
from sigap_dispatch.domain.commands import (
    AcceptTransfer,
    AddAgency,
    AddReport,
    Amend,
    Close,
    Command,
    CompleteTransfer,
    CorrectCall,
    DescribeCaller,
    DismissTransfer,
    DoubtCall,
    FollowTransfer,
    LocateFromCall,
    NoteFromCall,
    Numbered,
    OfferTransfer,
    OpenDirectly,
    OpenFromCall,
    OpenFromTransfer,
    RecordAnswer,
    RefuseTransfer,
    Respond,
    ReturnTransfer,
    TakeBackTransfer,
    Tick,
    Withdraw,
)
from sigap_dispatch.domain.decide import KINDS
from sigap_dispatch.domain.duplicates import (
    Absorb,
    CarryOver,
    CompareAgain,
    HideDuplicate,
    Link,
    Merge,
    ReadReports,
    RejectDuplicate,
    Release,
    Unmerge,
    point_of,
)
from sigap_dispatch.domain.escalation import ROLE_ALARMS, EndWaiver, NoteStandDown, WaiveRole
from sigap_dispatch.domain.lifecycle import Cancel, Reopen
from sigap_dispatch.domain.matching import Scene
from sigap_dispatch.domain.needs import needs, unmet
from sigap_dispatch.domain.notes import WriteNote
from sigap_dispatch.domain.proposals import DismissProposal, TakeProposal
from sigap_dispatch.domain.protection import BreakGlass, LiftProtection, Protect, SeeGlass
from sigap_dispatch.domain.questions import AnswerQuestion, HearAnswer
from sigap_dispatch.domain.reports import OpenFromReport, SeparateReport
from sigap_dispatch.domain.responsibility import AcceptHandedOver, Claim
from sigap_dispatch.domain.sharing import AgreeToShare, AskForShare, EndShare, RefuseShare, ShareIncident
from sigap_dispatch.domain.state.alarms import NO_AGENCY_AFTER, AlarmKind, alarm_id
from sigap_dispatch.domain.state.forwarding import ForwardingState
from sigap_dispatch.domain.state.offers import Offer, OfferState
from sigap_dispatch.domain.taker import Taker
from sigap_dispatch.domain.turning_back import TurnBack
from sigap_dispatch.domain.units import NameAgain, ReleaseUnit, busy

ENDS = IncidentClosed | IncidentMerged
BEGINS_AGAIN = IncidentReopened | IncidentUnmerged
Draw = Callable[[st.SearchStrategy[Any]], Any]
REFUSALS = (NotAllowed, NotFound, Invalid, Forbidden)

KIND = st.sampled_from(["fire", "fire", "fire_small", "traffic_accident", "medical", "domestic_violence"])
PRIORITY = st.none() | st.integers(1, 5)
PLACE = st.sampled_from([MARKET, HARBOUR])
ZONE = st.sampled_from(
    [Zone(owner=REGENCY), Zone(owner="99.02", elsewhere=Elsewhere(regency="99.02", name="Tetangga", by="queue"))]
)
CALL = st.integers(1, 4).map(call_id)
AGENCY = st.sampled_from(["fire", "police", "ambulance", "transport"]).map(f"{REGENCY}/{{}}".format)
ASKED_FOR = st.none() | st.builds(HelpAskedFor, agency=AGENCY) | st.builds(HelpAskedFor, alarm_level=st.integers(2, 4))
BESIDE = st.builds(
    SaidBeside,
    text=st.none() | st.just(Sealed("padam")),
    question=st.none() | st.just(Sealed("ke mana?")),
    asks_for=ASKED_FOR | st.just(HelpAskedFor(capability="ambulance")),
    outcome=st.none() | st.sampled_from(PartOutcome),
    units=st.sampled_from([(), (), ("DAMKAR 1",), ("DAMKAR 1", "DAMKAR 2")]),
)
"""What an agency says beside its step."""
RESPONSE = st.sampled_from([*Response, Response.DECLINED])
AGO = st.sampled_from([0, 0, 0, 30, 90]).map(lambda seconds: timedelta(seconds=seconds))
"""How long before now something was said; it arrives now."""
OTHER = st.integers(2, 4)
"""Which of the other incidents."""
SUBJECT = st.sampled_from(["sari", "dodi"])
NEIGHBOUR = st.sampled_from(["99.02", "99.03"])
HEADS = [{"code": code, "name": code.title(), "kind": "government"} for code in ("camat", "lurah")]
PROFILE = st.sampled_from(RedactionProfile)
LENGTH = st.sampled_from([30, 3600]).map(lambda seconds: timedelta(seconds=seconds))
"""For how long an incident is shared."""
PLANS = [
    *PACK["response_plans"],
    {"incident_type": "traffic_accident", "agencies": ["ambulance", "fire"], "role": "rescue"}
    | {"at_once": 1, "next": "automatic", "acknowledge_within_s": 20},
    {"incident_type": "medical", "agencies": ["police", "transport", "fire"], "role": "rescue"}
    | {"at_once": 1, "next": "propose"},
    {"incident_type": "fire", "informs": ["camat"]},
    {"incident_type": "fire", "alarm_level": 2, "informs": ["lurah", "transport"]},
    {"incident_type": "medical", "informs": ["lurah"]},
]
"""Those of all histories, two by which a next agency is told or proposed, and three that only inform."""


def of_a_part(
    draw: Draw, history: History, made: Callable[[Forwarding], Command], *, none: Command = Tick()
) -> Command:
    """A command about one of the forwardings; `none`: if there are none."""
    parts = history.incident.forwardings
    return made(draw(st.sampled_from(parts))) if parts else none


def respond(draw: Draw, history: History) -> Command:
    response, behind = draw(RESPONSE), draw(st.integers(0, 2))
    return of_a_part(
        draw,
        history,
        lambda part: Respond(
            part.id, max(1, part.revision - behind), response, "desk", history.now, beside=draw(BESIDE)
        ),
    )


def record_answer(draw: Draw, history: History) -> Command:
    response = draw(RESPONSE)
    reason = "no_unit" if response is Response.DECLINED else None
    return of_a_part(
        draw, history, lambda part: RecordAnswer(part.id, response, "radio", "Pak Harun", reason, beside=draw(BESIDE))
    )


def located(draw: Draw, history: History) -> Command:
    at, by = history.now - draw(AGO), draw(st.sampled_from([None, "ani"]))
    return LocateFromCall(draw(PLACE), draw(ZONE), draw(st.booleans()), draw(st.integers(1, 3)), at, by)


def corrected(draw: Draw, history: History) -> Command:
    return CorrectCall(draw(CALL), draw(KIND), draw(PRIORITY), draw(st.booleans()), history.now - draw(AGO))


def reported(draw: Draw, history: History) -> Command:
    return AddReport(draw(CALL), a_call(place=draw(PLACE)), draw(KIND), draw(PRIORITY), history.now - draw(AGO))


def amended(draw: Draw, _: History) -> Command:
    place, doubted = draw(st.none() | PLACE), draw(st.none() | st.booleans())
    return Amend(draw(st.none() | KIND), draw(PRIORITY), place, draw(ZONE) if place else None, doubted)


def seldom(draw: Draw, command: Command) -> Command:
    """The command once in four times: an incident that is closed all the time has no life."""
    return command if draw(st.integers(0, 3)) == 0 else Tick()


def proposed(draw: Draw, history: History) -> str:
    """A proposed agency; any agency, if none is proposed."""
    agencies = [one.agency for one in history.incident.proposals]
    agency: str = draw(st.sampled_from(agencies) if agencies else AGENCY)
    return agency


def a_role(draw: Draw, history: History) -> str:
    """A role of the incident; one that it does not have, if it has none."""
    roles = [need.role for need in needs(history.incident)]
    role: str = draw(st.sampled_from(roles or ["fire"]))
    return role


def an_offer(draw: Draw, history: History) -> UUID:
    """The newest offer; seldom, or if there is none, one that the incident does not have."""
    offer = history.incident.offer
    return offer.id if offer and draw(st.integers(0, 7)) else uuid5(INCIDENT_ID, "no offer")


def a_share(draw: Draw, history: History) -> UUID:
    """One of the newest shares; seldom, or if there is none, one that the incident does not have."""
    shares = [share.id for share in history.incident.shares]
    which: UUID = draw(st.sampled_from([*shares, *shares, uuid5(INCIDENT_ID, "no share")]))
    return which


def a_question(draw: Draw, history: History) -> UUID:
    """One of the questions; seldom, or if there is none, one that the incident does not have."""
    asked = [question.id for question in history.incident.questions]
    which: UUID = draw(st.sampled_from([*asked, *asked, uuid5(INCIDENT_ID, "no question")]))
    return which


def other_id(n: int) -> UUID:
    return uuid5(INCIDENT_ID, f"incident {n}")


def other_number(n: int) -> str:
    return f"CTH-20240219-000{n}"


def a_scene(n: int, kind: str | None, place: Any, at: datetime) -> Scene:
    """Another incident of the same caller. The fire brigade and the police are on it."""
    on_it = frozenset({f"{REGENCY}/fire", f"{REGENCY}/police"})
    return Scene(other_id(n), other_number(n), kind, point_of(place), at, caller_hash="h1", agencies=on_it)


def another(draw: Draw, history: History) -> Incident:
    """Another incident. The commands that a person gives about it read only what tells it apart."""
    n = draw(OTHER)
    apart = {"id": other_id(n), "number": other_number(n), "merger": None, "closed_at": None}
    return history.incident.model_copy(update=apart)


def compared(draw: Draw, history: History) -> Command:
    return CompareAgain([a_scene(draw(OTHER), draw(KIND), draw(PLACE), history.now)])


def described(draw: Draw, history: History) -> Command:
    caller = CallerDetails(caller_name=Sealed("Wati"), callback_number=draw(st.none() | st.just(Sealed("+628123"))))
    return DescribeCaller(caller, draw(st.booleans()), draw(st.integers(1, 3)), history.now - draw(AGO), "ani")


def noted(draw: Draw, history: History) -> Command:
    corrects, at = draw(st.none() | st.integers(1, 3)), draw(st.none() | AGO.map(lambda ago: history.now - ago))
    return WriteNote("asap", internal=draw(st.booleans()), corrects=corrects, at=at)


def an_open_one(draw: Draw, history: History) -> Incident:
    """Another open incident with agencies of its own, which nobody has told. Perhaps one of them has answered."""
    n = draw(OTHER)
    other = History(history.pack, subject=other_id(n)).at((history.now - NOON).total_seconds())
    other.opens(draw(KIND), place=draw(PLACE), notes=(a_note("dari yang lain"),))
    for _ in range(draw(st.integers(0, 2)) if other.incident.forwardings else 0):
        other.when(respond(draw, other))
    return other.incident.model_copy(update={"number": other_number(n)})


def merged_into(history: History) -> dict[UUID, Incident]:
    """The incidents that are merged into this one, as their mergers left them."""
    came: dict[UUID, Incident] = vars(history).setdefault("came", {})
    for event in history.events:
        if isinstance(event, IncidentReleased):
            came.pop(event.other, None)
    known = {event.other for event in history.events if isinstance(event, IncidentAbsorbed)}
    return {other: incident for other, incident in came.items() if other in known}


def absorbed(draw: Draw, history: History) -> Command:
    """A merger of another one into this, which must be open; each of the others once."""
    into, other = history.incident, an_open_one(draw, history)
    once = any(isinstance(event, IncidentAbsorbed) and event.other == other.id for event in history.events)
    if into.closed_at or other.closed_at or once or draw(st.booleans()):
        return Tick()
    merged_into(history)
    vars(history)["came"][other.id] = decide(other, Merge(into), Moment(history.now, history.pack, uuid4)).incident
    began = min(into.started_at, other.started_at)
    return Absorb(other, began, into.answered_at)


def merged(draw: Draw, history: History) -> Command:
    """A merger of this one into another, which is kept as it was before."""
    other = an_open_one(draw, history)
    vars(history)["into"] = other, history.incident
    return seldom(draw, Merge(other))


def unmerged(draw: Draw, history: History) -> Command:
    """The end of the merger, if there is one. The other one has absorbed this one, and perhaps a further answer."""
    incident = history.incident
    if incident.merger is None:
        return Unmerge(an_open_one(draw, history))
    other, before = vars(history)["into"]
    absorb = Absorb(before, before.started_at, before.answered_at)
    return Unmerge(decide(other, absorb, Moment(history.now, history.pack, uuid4)).incident)


def carried_over(draw: Draw, history: History) -> Command:
    """One that is merged into this one, and what its agency answers too late; or any other one."""
    came = merged_into(history)
    if not came:
        return CarryOver(an_open_one(draw, history))
    other = came[draw(st.sampled_from(sorted(came)))]
    if not other.forwardings:
        return CarryOver(other)
    part, response = draw(st.sampled_from(other.forwardings)), draw(RESPONSE)
    units = () if response is Response.DECLINED else (draw(st.sampled_from(["DAMKAR 1", "DAMKAR 3"])),)
    late = Respond(part.id, part.revision, response, "desk", history.now, beside=SaidBeside(units=units))
    after = decide(other, late, Moment(history.now, history.pack, uuid4)).incident
    vars(history)["came"][other.id] = after
    return CarryOver(after, part.id, units, comes_after_all=part.declined and response is not Response.DECLINED)


def released(draw: Draw, history: History) -> Command:
    came = merged_into(history)
    if not came or history.incident.merger:
        return Tick()
    unmerged = came[draw(st.sampled_from(sorted(came)))]
    return Release(unmerged, history.incident.started_at, None)


def turned_back(draw: Draw, history: History) -> Command:
    """The incident that this one is merged into is over."""
    over = an_open_one(draw, history).model_copy(update={"closed_at": history.now, "disposition": "resolved"})
    merged = history.incident.merger is not None
    return of_a_part(draw, history, lambda part: TurnBack(part.id, over, history.now)) if merged else Tick()


def separated(draw: Draw, history: History) -> Command:
    """One of its further reports that are left leaves; those of a merged incident stay. If there is none, any one."""
    told = {event.report: event.call_id for event in history.events if isinstance(event, IncidentReportAdded)}
    for event in history.events:
        if isinstance(event, ReportSeparated):
            told.pop(event.report, None)
    if not told and history.incident.reports > 1:
        return Tick()
    report = draw(st.sampled_from(sorted(told))) if told else draw(st.integers(2, 4))
    return SeparateReport(told.get(report) or draw(CALL), report, another(draw, history))


COMMANDS: dict[type[Command], Callable[[Draw, History], Command]] = {
    Merge: merged,
    Absorb: absorbed,
    Release: released,
    Respond: respond,
    RecordAnswer: record_answer,
    AddAgency: lambda draw, _: AddAgency(draw(AGENCY)),
    Withdraw: lambda draw, history: of_a_part(draw, history, lambda part: Withdraw(part.id, "tidak perlu")),
    Amend: amended,
    Close: lambda draw, _: seldom(draw, Close("resolved")),
    Cancel: lambda draw, _: seldom(draw, Cancel("anak bermain")),
    Reopen: lambda draw, _: Reopen(draw(st.sampled_from(["lagi", "lagi", None])), draw(st.integers(0, 3)) > 0),
    TakeProposal: lambda draw, history: TakeProposal(proposed(draw, history)),
    DismissProposal: lambda draw, history: DismissProposal(proposed(draw, history)),
    AddReport: reported,
    NoteFromCall: lambda *_: NoteFromCall(a_note("lagi")),
    LocateFromCall: located,
    DoubtCall: lambda draw, history: DoubtCall(draw(CALL), history.now),
    CorrectCall: corrected,
    SetAlarmLevel: lambda draw, _: SetAlarmLevel(draw(st.integers(1, 3)), draw(st.integers(1, 2)), "merambat"),
    DescribeCaller: described,
    BreakGlass: lambda *_: BreakGlass("audit"),
    SeeGlass: lambda *_: SeeGlass(),
    LiftProtection: lambda *_: LiftProtection("salah jenis"),
    WaiveRole: lambda draw, history: WaiveRole(a_role(draw, history), "tidak perlu"),
    EndWaiver: lambda draw, history: EndWaiver(a_role(draw, history)),
    NoteStandDown: lambda draw, history: of_a_part(draw, history, lambda part: NoteStandDown(part.id, "lewat radio")),
    DismissTransfer: lambda draw, _: DismissTransfer(draw(NEIGHBOUR)),
    OfferTransfer: lambda draw, _: OfferTransfer(draw(st.sampled_from(["99.02", "99.02", REGENCY]))),
    AcceptTransfer: lambda draw, history: AcceptTransfer(an_offer(draw, history), other_id(9), "TTG-20240219-0001"),
    RefuseTransfer: lambda draw, history: RefuseTransfer(an_offer(draw, history), "bukan wilayah kami"),
    TakeBackTransfer: lambda draw, history: TakeBackTransfer(an_offer(draw, history)),
    CompleteTransfer: lambda *_: CompleteTransfer(),
    FollowTransfer: lambda *_: FollowTransfer(other_id(8), "TTG-20240219-0002"),
    ReturnTransfer: lambda draw, _: seldom(draw, ReturnTransfer()),
    Claim: lambda draw, _: Claim(Taker(draw(SUBJECT))),
    AcceptHandedOver: lambda draw, _: AcceptHandedOver(Taker(draw(SUBJECT)), draw(SUBJECT)),
    CompareAgain: compared,
    RejectDuplicate: lambda draw, history: RejectDuplicate(another(draw, history)),
    Link: lambda draw, history: Link(another(draw, history)),
    Unmerge: unmerged,
    CarryOver: carried_over,
    HearAnswer: lambda draw, history: HearAnswer(a_question(draw, history), "RSUD", another(draw, history)),
    ReadReports: lambda draw, _: ReadReports(draw(st.integers(1, 4))),
    Protect: lambda *_: Protect(),
    HideDuplicate: lambda draw, _: HideDuplicate(other_id(draw(OTHER))),
    ShareIncident: lambda draw, history: ShareIncident(draw(NEIGHBOUR), draw(PROFILE), history.now + draw(LENGTH)),
    AskForShare: lambda draw, history: AskForShare(draw(NEIGHBOUR), draw(PROFILE), history.now + draw(LENGTH), "asap"),
    AgreeToShare: lambda draw, history: AgreeToShare(a_share(draw, history)),
    RefuseShare: lambda draw, history: RefuseShare(a_share(draw, history), "tidak"),
    EndShare: lambda draw, history: EndShare(a_share(draw, history)),
    Tick: lambda *_: Tick(),
    WriteNote: noted,
    AnswerQuestion: lambda draw, history: AnswerQuestion(a_question(draw, history), "RSUD"),
    DismissAlarmLevel: lambda draw, _: DismissAlarmLevel(draw(st.integers(2, 3))),
    ReleaseUnit: lambda draw, history: of_a_part(
        draw, history, lambda part: ReleaseUnit(part.id, "DAMKAR 1", "moved", history.now)
    ),
    NameAgain: lambda draw, history: of_a_part(
        draw, history, lambda part: NameAgain(part.id, "DAMKAR 1", another(draw, history), history.now)
    ),
    TurnBack: turned_back,
    SeparateReport: separated,
}
"""How each command is drawn, on the incident as it is."""
OPENINGS = {OpenFromCall, OpenDirectly, OpenFromTransfer}
PERSONS = {
    Merge,
    RecordAnswer,
    AddAgency,
    Withdraw,
    Amend,
    Close,
    Cancel,
    Reopen,
    TakeProposal,
    DismissProposal,
    SetAlarmLevel,
    BreakGlass,
    SeeGlass,
    LiftProtection,
    WaiveRole,
    EndWaiver,
    NoteStandDown,
    OfferTransfer,
    DismissTransfer,
    AcceptTransfer,
    RefuseTransfer,
    TakeBackTransfer,
    Claim,
    RejectDuplicate,
    Link,
    Unmerge,
    ReadReports,
    WriteNote,
    SeparateReport,
    ShareIncident,
    AskForShare,
    AgreeToShare,
    RefuseShare,
    EndShare,
    AnswerQuestion,
    DismissAlarmLevel,
}
"""The commands that may be refused. All others are facts, and are always recorded."""
NAMES_AGENCY = {AddAgency, TakeProposal}
"""The commands by which a person tells the agency that they name, whatever was decided before."""

NEEDS_ANOTHER = {OpenFromReport}
"""It reads the life of a second incident, which this machine does not have."""


def comes_anyway(command: Command, before: Incident) -> set[str]:
    """The agencies that come, whatever was decided here: they acknowledged an incident that is merged into this one, or
    had declined it, or this one, perhaps while it was merged, and come after all.
    """
    match command:
        case Absorb(merged=other):
            return {part.agency for part in other.forwardings if part.acknowledged_at or busy(part)}
        case CarryOver(merged=other, part=UUID() as part_id, comes_after_all=True):
            return {part.agency for part in other.forwardings if part.id == part_id}
        case Respond(forwarding_id=part_id):
            return {part.agency for part in before.forwardings if part.id == part_id and part.declined}
        case Unmerge():
            return {part.agency for part in before.forwardings if part.had_declined and not part.declined}
        case _:
            return set()


def units_out(incident: Incident) -> set[tuple[str, str]]:
    """The units that are out for the incident, each with its agency."""
    return {(part.agency, unit.callsign) for part in incident.open_forwardings() for unit in busy(part)}


@dataclass
class Said:
    """The values that a person says by a command, and when."""

    at: datetime
    values: Mapping[str, Any]


def said_of_call(command: CorrectCall, before: Incident, _: datetime) -> Said:
    leads = command.leads or before.incident_type is None
    return Said(command.at, {"incident_type": command.incident_type, "priority": command.priority} if leads else {})


def said_by_report(command: AddReport, before: Incident, _: datetime) -> Said:
    kind = {"incident_type": command.incident_type, "priority": command.priority}
    place = {"place": command.call.place}
    return Said(command.at, (kind if before.incident_type is None else {}) | (place if before.place is None else {}))


def said_of_place(command: LocateFromCall, before: Incident, _: datetime) -> Said:
    leads = (command.leads or before.place is None) and command.by is not None
    return Said(command.at, {"place": command.place} if leads else {})


def said_by_dispatcher(command: Amend, _: Incident, now: datetime) -> Said:
    return Said(now, {name: getattr(command, name) for name in ("incident_type", "priority", "place", "doubted")})


SAYS: dict[type[Command], Callable[[Any, Incident, datetime], Said]] = {
    CorrectCall: said_of_call,
    AddReport: said_by_report,
    LocateFromCall: said_of_place,
    Amend: said_by_dispatcher,
}


@dataclass
class Counted:
    """What the events alone say of a forwarding, counted apart from the domain."""

    acknowledge_by: datetime | None = None
    needed: int = 0
    acknowledged: int = 0
    missed: int = 0
    revision: int = 0
    is_withdrawn: bool = False
    is_merged: bool = False
    """Whether a merger ended it: its agency goes on for the other incident."""
    stand_down: bool = False
    is_settled: bool = False
    """Whether the agency confirmed the stand-down."""
    is_noted: bool = False
    is_unconfirmed: bool = False
    confirm_within: timedelta | None = None
    stands_down_since: datetime | None = None
    words: list[Any] = field(default_factory=list)

    @property
    def stands(self) -> bool:
        return not self.is_withdrawn and standing(self.words) is not Response.DECLINED

    @property
    def is_open(self) -> bool:
        return self.stands and standing(self.words) is not Response.DONE

    @property
    def due_at(self) -> datetime | None:
        waits = self.is_open and max(self.acknowledged, self.missed) < self.needed
        return self.acknowledge_by if waits else None

    @property
    def stands_down(self) -> bool:
        settled = self.is_settled or self.is_noted or standing(self.words) is Response.DECLINED
        return self.is_withdrawn and self.stand_down and not settled

    @property
    def confirm_by(self) -> datetime | None:
        if not self.stands_down or self.is_unconfirmed or not self.confirm_within or not self.stands_down_since:
            return None
        return self.stands_down_since + self.confirm_within

    def withdrawn(self, event: ForwardingWithdrawn) -> None:
        self.is_withdrawn, self.stand_down, self.stands_down_since = True, event.stand_down, event.recorded_at
        self.is_merged = False
        self.confirm_within = timedelta(seconds=event.confirm_within_s) if event.confirm_within_s else None

    def given_back(self) -> None:
        self.is_withdrawn = self.stand_down = self.is_settled = self.is_noted = self.is_unconfirmed = False

    def answered_withdrawal(self, event: IncidentAcknowledged) -> None:
        """An older acknowledgement crossed the withdrawal: a unit may be out. One of the newest confirms it."""
        crosses = not (self.stands_down or self.is_settled or self.is_merged) and event.revision < self.revision
        if crosses:
            self.stand_down, self.stands_down_since = True, event.recorded_at
            self.is_noted = self.is_unconfirmed = False
        elif self.stand_down and event.revision >= self.revision:
            self.is_settled = True


@dataclass
class Word:
    response: Response
    at: datetime


def counted(events: list[Event]) -> dict[UUID, Counted]:
    """Each forwarding by its events."""
    parts: dict[UUID, Counted] = {}
    for event in events:
        if isinstance(event, IncidentForwarded):
            parts[event.forwarding_id] = Counted(event.acknowledge_by, needed=event.revision)
        if isinstance(event, IncidentForwarded | ForwardingRevised | ForwardingWithdrawn):
            parts[event.forwarding_id].revision = event.revision
        match event:
            case ForwardingRevised():
                part = parts[event.forwarding_id]
                part.acknowledge_by = event.acknowledge_by
                part.needed = event.revision if event.needs_acknowledgement else part.needed
                if event.reason == "reopened":
                    part.given_back()
            case ForwardingWithdrawn():
                parts[event.forwarding_id].withdrawn(event)
            case IncidentMerged():
                for part in parts.values():
                    if part.is_open or (not part.is_withdrawn and standing(part.words) is Response.DECLINED):
                        part.is_withdrawn, part.is_merged, part.stand_down = True, True, False
            case WithdrawalUnconfirmed():
                parts[event.forwarding_id].is_unconfirmed = True
            case WithdrawalNoted():
                parts[event.forwarding_id].is_noted = True
            case IncidentAcknowledged():
                part = parts[event.forwarding_id]
                if part.is_withdrawn:
                    part.answered_withdrawal(event)
                part.acknowledged = max(part.acknowledged, event.revision)
                part.words.append(Word(Response.ACKNOWLEDGED, event.at))
            case IncidentDeclined():
                parts[event.forwarding_id].words.append(Word(Response.DECLINED, event.at))
            case IncidentStatusChanged() if event.forwarding_id and event.progress:
                part = parts[event.forwarding_id]
                part.words.append(Word(Response(event.progress.value), event.at))
                done = event.progress.value == Response.DONE.value
                part.is_settled = part.is_settled or (part.is_withdrawn and part.stand_down and done)
            case AcknowledgementMissed():
                parts[event.forwarding_id].missed = event.revision
            case _:
                pass
    return parts


def waits_for_others(events: list[Event]) -> list[datetime]:
    """The deadlines of an open offer to another regency, and of agencies that wait because of a likely duplicate."""
    offer: datetime | None = None
    suggested: dict[UUID, datetime | None] = {}
    for event in events:
        match event:
            case TransferOffered():
                offer = event.due_at
            case TransferAccepted() | TransferEnded():
                offer = None
            case DuplicateSuggested():
                suggested[event.other] = event.wait_until
            case IncidentMerged():
                suggested = {}
            case DuplicateRejected() | IncidentLinked() | DuplicateHidden() | IncidentAbsorbed() | ReportSeparated():
                suggested.pop(event.other, None)
            case DuplicateWaitEnded():
                suggested = dict.fromkeys(suggested)
            case _:
                pass
    return [moment for moment in (offer, *suggested.values()) if moment]


def ends_of_shares(events: list[Event]) -> list[datetime]:
    """When the shares, and the requests for them, that go on are over."""
    until: dict[UUID, datetime] = {}
    for event in events:
        match event:
            case ShareAsked() | ShareGiven():
                until[event.share_id] = event.until
            case ShareEnded():
                del until[event.share_id]
            case _:
                pass
    return list(until.values())


def sent(kind: str | None, place: Any) -> Incident:
    """An incident of another regency, which is offered to this one."""
    there = History(a_pack(code="99.02"))
    there.opens(kind, place=place)
    times = {"offered_at": NOON, "deadline_set_at": NOON, "due_at": NOON + timedelta(minutes=5)}
    offer = Offer(id=other_id(7), to=REGENCY, **times)
    return there.incident.model_copy(update={"id": other_id(6), "offer": offer})


class Life(RuleBasedStateMachine):
    """One incident, and what people have decided about it, kept apart from the domain."""

    history: History
    seconds: float = 0.0

    @initialize(
        kind=st.none() | KIND,
        priority=PRIORITY,
        automatic=st.booleans(),
        place=st.none() | PLACE,
        beside=st.booleans(),
        received=st.booleans(),
    )
    def opens(
        self, kind: str | None, priority: int | None, automatic: bool, place: Any, beside: bool, received: bool
    ) -> None:
        """`beside`: another incident is open at the same place, so that agencies wait for a decision. `received`: it is
        taken over from another regency; then nobody here has decided anything.
        """
        closing = {"when_all_ended": "automatic", "disposition": "resolved"} if automatic else {}
        pack = a_pack(closing=closing, response_plans=PLANS, agencies=[*PACK["agencies"], *HEADS])
        self.history = History(pack)
        self.decided: dict[str, datetime] = {}
        self.called_off: set[str] = set()
        self.alarms: set[UUID] = set()
        around = (a_scene(2, kind, place, NOON),) if beside else ()
        numbered, call = Numbered("CTH-20240219-0001", NOON.date()), a_call(place=place)
        if received:
            self._follow(self.history.when(OpenFromTransfer(numbered, sent(kind, place), None)), Tick())
            return
        events = self.history.when(OpenFromCall(numbered, call_id(1), call, kind, priority, NOON, around=around))
        given = {"incident_type": kind, "priority": priority, "place": place}
        self.decided |= {name: self.history.now for name, value in given.items() if value is not None}
        self._follow(events, Tick())

    @rule(data=st.data(), callsign=st.sampled_from(["DAMKAR 1", "DAMKAR 4"]), ends=st.booleans())
    def sends_a_unit_and_merges(self, data: st.DataObject, callsign: str, ends: bool) -> None:
        """By chance alone, a merger and its end seldom meet a unit that is out."""
        history, beside = self.history, SaidBeside(units=(callsign,))
        for part in list(history.incident.open_forwardings())[:1]:
            self.do(Respond(part.id, part.revision, Response.EN_ROUTE, "desk", history.now, beside=beside), 1)
            if ends:
                self.do(merged(data.draw, history), 1)
                self.do(unmerged(data.draw, history), 1)

    def do(self, command: Command, seconds: float) -> None:
        """The command some seconds later. A fact is never refused, and a refusal changes nothing."""
        before, declined = self.history.incident, self._declined()
        self.seconds += seconds
        self.history.at(self.seconds)
        kind = type(command)
        refused: Exception | None = None
        events: list[Event] = []
        try:
            events = self.history.when(command, by="sari" if kind in PERSONS else None)
        except REFUSALS as problem:
            refused = problem
        if refused:
            assert kind in PERSONS, f"a fact was refused: {refused}"
            assert not isinstance(refused, NotAllowed) or refused.params["state"]
            assert self.history.incident == before
            return
        self._keeps_what_was_decided(before, command)
        self._loses_no_unit(before, command)
        self._changes_only_by_its_order(before, command)
        self._follow(events, command, declined, comes_anyway(command, before))

    def _declined(self) -> set[str]:
        """The agencies whose newest part they declined, and nothing later says that they come after all."""
        parts = counted(self.history.events)
        newest = {part.agency: parts[part.id] for part in self.history.incident.forwardings}
        return {agency for agency, part in newest.items() if standing(part.words) is Response.DECLINED}

    def _keeps_what_was_decided(self, before: Incident, command: Command) -> None:
        """A rule changes no value that a person decided, and an older word no younger one."""
        says = SAYS.get(type(command))
        said = says(command, before, self.history.now) if says else Said(self.history.now, {})
        now = self.history.incident
        values = {name: value for name, value in said.values.items() if value is not None}
        for name in ("incident_type", "priority", "place", "doubted"):
            holds = name not in self.decided or said.at >= self.decided[name]
            if name in values and holds:
                assert getattr(now, name) == values[name], f"{name}: a person's word was not taken"
                self.decided[name] = said.at
            elif name in self.decided:
                assert getattr(now, name) == getattr(before, name), f"{name}: undone"

    def _loses_no_unit(self, before: Incident, command: Command) -> None:
        """A merger turns no unit back, and its end gives back those that came by it."""
        now, out = self.history.incident, units_out(self.history.incident)
        match command:
            case Absorb(merged=other):
                assert out >= units_out(before) | units_out(other)
            case Merge() if now.merger and not before.merger:
                gone = {(e.agency, e.callsign) for e in self.history.events if isinstance(e, UnitReleased)}
                assert gone >= units_out(before)
                assert not out
            case Unmerge(into=into) if before.merger and into:
                came = {
                    (part.agency, unit.callsign)
                    for part in into.open_forwardings()
                    for unit in busy(part)
                    if unit.came_with == now.id
                }
                assert out >= came
            case Release(unmerged=other):
                left = [unit for part in now.open_forwardings() for unit in busy(part)]
                assert not any(unit.came_with == other.id for unit in left)
            case _:
                pass

    def _changes_only_by_its_order(self, before: Incident, command: Command) -> None:
        """Only a person who says so lifts the protection, or becomes responsible."""
        now = self.history.incident
        assert now.protected or not before.protected or isinstance(command, LiftProtection), "protection was lifted"
        taken = before.responsible != now.responsible
        assert not taken or isinstance(command, Claim | AcceptHandedOver), "somebody became responsible"

    def _follow(
        self,
        events: list[Event],
        command: Command,
        declined: Set[str] = frozenset(),
        comes: Set[str] = frozenset(),
    ) -> None:
        for event in events:
            match event:
                case IncidentForwarded():
                    named = type(command) in NAMES_AGENCY or event.agency in comes
                    assert named or event.agency not in self.called_off | declined, f"{event.agency} was called off"
                    self.called_off.discard(event.agency)
                case ForwardingRevised(reason="reopened"):
                    assert event.agency not in self.called_off
                case ForwardingWithdrawn(reason=reason) if reason == BY_DISPATCHER:
                    self.called_off.add(event.agency)
                case ProposalEnded(how="dismissed"):
                    self.called_off.add(event.agency)
                case AlarmRaised():
                    assert event.alarm_id not in self.alarms, "an alarm stands already"
                    self.alarms.add(event.alarm_id)
                case AlarmCleared():
                    self.alarms.remove(event.alarm_id)
                case _:
                    pass

    @invariant()
    def the_events_are_the_state(self) -> None:
        incident = self.history.incident
        assert self.history.replayed() == incident
        assert Incident.model_validate(incident.model_dump()) == incident

    @invariant()
    def no_state_is_impossible(self) -> None:
        incident = self.history.incident
        events = self.history.events
        ends = [event for event in events if isinstance(event, ENDS | BEGINS_AGAIN)]
        kinds = [isinstance(event, ENDS) for event in ends]
        assert kinds == [n % 2 == 0 for n in range(len(ends))], "closed, reopened, merged, unmerged, ..."
        is_over = incident.state in (IncidentState.CLOSED, IncidentState.MERGED)
        assert is_over == (len(ends) % 2 == 1) == (incident.closed_at is not None)
        assert (incident.state is IncidentState.MERGED) == (incident.merger is not None)
        if incident.closed_at:
            outlast = {AlarmKind.STAND_DOWN_UNCONFIRMED, AlarmKind.GLASS_BROKEN}
            assert {alarm.kind for alarm in incident.alarms} <= outlast
            assert not incident.proposals
            assert not incident.proposed_level
            assert not incident.proposed_transfer
            assert not incident.offer or incident.offer.state is not OfferState.OFFERED, "what is over is not offered"
            assert not any(part.is_open for part in incident.forwardings)
        at_work = [part.agency for part in incident.open_forwardings()]
        assert len(at_work) == len(set(at_work)), "an agency has one open part at most"
        assert not set(at_work) & {one.agency for one in incident.proposals}, "who is at work is not proposed"
        dismissed = [event.to for event in events if isinstance(event, TransferDismissed)][-1:]
        assert incident.proposed_transfer not in dismissed, "a person said that it stays"
        suggested = {one.other for one in incident.suggestions}
        assert not suggested & {*incident.rejected, *incident.links}, "what a person decided is not suggested"
        assert 0 <= incident.unread_reports < incident.reports
        told = [event for event in events if isinstance(event, IncidentForwarded | ForwardingRevised)]
        internal = {event.number for event in events if isinstance(event, IncidentNoted) and event.internal}
        assert not internal & {note.number for event in told for note in event.content.notes}
        for part in incident.forwardings:
            assert part.needed_revision <= part.revision
            is_out = part.acknowledged_at or part.comes or part.units
            assert part.state is not ForwardingState.STANDING_DOWN or is_out

    @invariant()
    def a_question_waits_until_a_person_answers_it_once(self) -> None:
        """One that came with a merged incident goes with it again."""
        waits: set[UUID] = set()
        for event in self.history.events:
            match event:
                case QuestionAsked():
                    assert event.question_id not in waits
                    waits.add(event.question_id)
                case QuestionAnswered():
                    waits.remove(event.question_id)
                case IncidentReleased():
                    assert waits.issuperset(event.questions)
                    waits.difference_update(event.questions)
                case _:
                    pass
        assert {one.id for one in self.history.incident.open_questions} == waits

    @invariant()
    def a_unit_is_out_only_while_its_agency_is(self) -> None:
        for part in self.history.incident.forwardings:
            callsigns = [unit.callsign for unit in part.units]
            assert len(callsigns) == len(set(callsigns))
            assert not busy(part) or part.state is ForwardingState.STANDING_DOWN or part.is_open

    @invariant()
    def a_unit_that_was_taken_over_stays_out_until_it_leaves_or_its_part_ends(self) -> None:
        taken: set[tuple[UUID, str]] = set()
        for event in self.history.events:
            if isinstance(event, UnitTakenOver):
                taken.add((event.forwarding_id, event.callsign))
            elif isinstance(event, UnitReleased):
                taken.discard((event.forwarding_id, event.callsign))
            elif isinstance(event, IncidentDeclined):
                taken = {one for one in taken if one[0] != event.forwarding_id}
        for part in self.history.incident.open_forwardings():
            assert {callsign for id_, callsign in taken if id_ == part.id} <= {unit.callsign for unit in busy(part)}

    @invariant()
    def each_is_informed_once_and_as_long_as_a_merger_wants_it(self) -> None:
        told: dict[str, int] = {}
        came: set[tuple[UUID, str]] = set()
        for event in self.history.events:
            match event:
                case IncidentInformed():
                    assert event.reason not in (None, "reopened") or event.agency not in told, "told twice"
                    told[event.agency] = event.revision
                case InformationEnded():
                    assert event.revision == told.pop(event.agency) + 1
                case IncidentAbsorbed():
                    came |= {(event.other, agency) for agency in event.informed}
                case IncidentReleased():
                    came = {one for one in came if one[0] != event.other}
                case _:
                    pass
        incident = self.history.incident
        assert told == {one.agency: one.revision for one in incident.informed if one.ended_at is None}
        helps = {part.agency for part in incident.forwardings}
        assert not told or not (incident.protected or incident.closed_at)
        assert not told.keys() & helps, "who is told as an agency is not informed too"
        if not (incident.protected or incident.closed_at):
            assert {agency for _, agency in came} - helps <= told.keys()

    @invariant()
    def a_proposed_alarm_level_is_higher_than_the_incidents(self) -> None:
        proposed = self.history.incident.proposed_level
        assert proposed is None or proposed.alarm_level > self.history.incident.alarm_level

    @invariant()
    def revisions_count_up_by_one_and_each_is_missed_once(self) -> None:
        revisions: dict[UUID, int] = {}
        for event in self.history.events:
            if isinstance(event, IncidentForwarded | ForwardingRevised | ForwardingWithdrawn):
                assert event.revision == revisions.get(event.forwarding_id, 0) + 1
                revisions[event.forwarding_id] = event.revision
        missed = [(e.forwarding_id, e.revision) for e in self.history.events if isinstance(e, AcknowledgementMissed)]
        assert len(missed) == len(set(missed))

    @invariant()
    def deadlines_are_those_of_a_recount(self) -> None:
        incident, parts = self.history.incident, counted(self.history.events)
        for part in incident.forwardings:
            mine = parts[part.id]
            assert (part.is_open, part.due_at) == (mine.is_open, mine.due_at)
            assert (part.state is ForwardingState.STANDING_DOWN) == mine.stands_down
        due = [part.due_at for part in parts.values() if part.due_at]
        alone = not any(part.stands for part in parts.values())
        assert (incident.without_agency_since is not None) == alone or incident.closed_at
        told = any(alarm.kind is AlarmKind.NO_AGENCY for alarm in incident.alarms)
        if incident.without_agency_since and not told:
            due.append(incident.without_agency_since + NO_AGENCY_AFTER)
        due += waits_for_others(self.history.events)
        confirmed_by = [part.confirm_by for part in parts.values() if part.confirm_by]
        due = confirmed_by if incident.closed_at else due + confirmed_by
        due += ends_of_shares(self.history.events)
        assert incident.due_at == min(due, default=None)

    @invariant()
    def an_alarm_stands_as_long_as_its_cause(self) -> None:
        incident, parts = self.history.incident, counted(self.history.events)
        assert self.alarms == {alarm.id for alarm in incident.alarms}
        of_kind = {kind: {alarm.id for alarm in incident.alarms if alarm.kind is kind} for kind in AlarmKind}
        if of_kind[AlarmKind.NO_AGENCY]:
            assert not any(part.stands for part in parts.values())
        back = {OfferState.REFUSED, OfferState.NOT_ACCEPTED, OfferState.ENDED_THERE}
        returned = incident.offer is not None and incident.offer.state in back
        assert bool(of_kind[AlarmKind.TRANSFER_RETURNED]) == (returned and incident.closed_at is None)
        assert bool(of_kind[AlarmKind.GLASS_BROKEN]) == any(not glass.seen for glass in incident.glasses)
        unconfirmed = [part_id for part_id, part in parts.items() if part.stands_down and part.is_unconfirmed]
        kind = AlarmKind.STAND_DOWN_UNCONFIRMED
        assert of_kind[kind] == {alarm_id(part_id, kind) for part_id in unconfirmed}

    @invariant()
    def a_share_is_of_its_own_regency_alone_and_never_of_what_became_protected(self) -> None:
        incident = self.history.incident
        regencies = [share.to for share in incident.shares]
        assert len(regencies) == len(set(regencies))
        shown = [share for share in incident.shares if share.shows(self.history.now)]
        assert not incident.protected or all(share.of_protected for share in shown)

    @invariant()
    def a_role_that_nobody_fills_has_one_alarm(self) -> None:
        """Which roles are unmet is not recounted here."""
        incident = self.history.incident
        standing_now = {alarm.id for alarm in incident.alarms if alarm.kind in ROLE_ALARMS}
        for need in unmet(incident):
            mine = {alarm_id(incident.id, kind, need.role) for kind in ROLE_ALARMS} & standing_now
            assert len(mine) == 1, need.role
            standing_now -= mine
        assert not standing_now

    @invariant()
    def a_missed_change_has_an_alarm(self) -> None:
        """If nobody fills a role, one alarm is about the role, and none about its agencies. An agency that has never
        acknowledged, and whose role another one fills, may have an alarm: that depends on which of the two came first.
        """
        incident, parts = self.history.incident, counted(self.history.events)
        kind = AlarmKind.ACKNOWLEDGEMENT_MISSED
        standing_now = {alarm.id for alarm in incident.alarms if alarm.kind is kind}
        waits = {alarm_id(part_id, kind): part for part_id, part in parts.items() if part.is_open}
        waits = {alarm: part for alarm, part in waits.items() if part.acknowledged < part.needed}
        lacking = {need.role for need in unmet(incident)}
        of_lacking = {alarm_id(part.id, kind) for part in incident.forwardings if part.serves in lacking}
        overdue = {alarm for alarm, part in waits.items() if part.missed >= part.needed and part.acknowledged}
        assert not standing_now & of_lacking
        assert overdue - of_lacking <= standing_now <= waits.keys()


def _rule_of(kind: type[Command], drawn: Callable[[Draw, History], Command]) -> Callable[..., None]:
    def does(self: Life, data: st.DataObject, seconds: int) -> None:
        self.do(drawn(data.draw, self.history), seconds)

    does.__name__ = f"does_{kind.__name__}"
    return rule(data=st.data(), seconds=st.sampled_from([0, 0, 1, 1, 20, 20, 61, 4000]))(does)


for _kind, _drawn in COMMANDS.items():
    setattr(Life, f"does_{_kind.__name__}", _rule_of(_kind, _drawn))
TestLife = pytest.mark.timeout(900)(Life.TestCase)
TestLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_every_command_takes_part() -> None:
    assert COMMANDS.keys() | OPENINGS | NEEDS_ANOTHER == KINDS
    assert COMMANDS.keys() >= PERSONS
