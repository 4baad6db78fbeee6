"""The state of a call, and how it follows from its events."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sigap_common.contracts import Contract, Event
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.call_transfers import (
    CallTransferAccepted,
    CallTransferEnded,
    CallTransferOffered,
    TransferredFrom,
)
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClass,
    CallClassified,
    CallCorrected,
    CallEnded,
    CallerDescribed,
    CallerDetails,
    CallerMarked,
    CallerTold,
    CallHeld,
    CallLocated,
    CallMovedUp,
    CallNoted,
    CallOfferDeclined,
    CallOffered,
    CallPositioned,
    CallRangFurther,
    CallReceived,
    CallReclassified,
    CallResumed,
    CallScreened,
    CallScreeningEnded,
    CallSilentStepTaken,
    CallSnapshot,
    CallTakenOver,
    CallTransferred,
    CallTriaged,
    Channel,
    Complaint,
    EndedBy,
    Note,
    RingStep,
    Unscreened,
)
from sigap_common.contracts.decision import NoBranch
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.clock import is_over
from sigap_common.personal_data import Sealed
from sigap_intake.domain.call_transfer import CallTransfer, CallTransferState, transfer_after
from sigap_intake.domain.fixes import Fix, FixOf, best, kept, source_of_arrival
from sigap_intake.domain.sop import Sop, sop_after

CLASSIFY_WITHIN = timedelta(hours=24)
"""If a call has no class so long after the answer, an alarm is raised."""
NOTES_KEPT = 50
"""The call keeps its newest notes; the timeline has all. A snapshot with more could be larger than a message of the bus
may be (1 MiB).
"""


LINE_STEPS_KEPT = 100
"""So many holds and transfers are kept. No real call has more, and the document must not grow without end."""
SCREENED_AT_MOST = timedelta(minutes=2)
"""A recorded message is shorter. If the exchange says nothing for so long, the call waits in the queue after all."""
OPERATOR_GONE = "operator_gone"
WAITING_LONG = "waiting_long"
CALL_RETURNED = "call_returned"


class LineStepKind(StrEnum):
    """What happens to a line while the call goes on."""

    HELD = "held"
    RESUMED = "resumed"
    TRANSFERRED = "transferred"


class LineStep(Contract):
    kind: LineStepKind
    at: datetime


class CallState(StrEnum):
    """The state of a call. The class is not part of it: a call may get its class before or after its end."""

    WAITING = "waiting"
    ANSWERED = "answered"
    ENDED = "ended"
    ABANDONED = "abandoned"
    SCREENING = "screening"
    """A recorded message is played to the caller, whose number is blocked."""
    SCREENED = "screened"
    """The call ended with the recorded message."""


class Classification(Contract):
    """The class that the operator chose, with its details."""

    call_class: CallClass
    incident_type: str | None = None
    priority: int | None = None
    same_incident: UUID | None = None


class Call(Aggregate):
    state: CallState
    channel: Channel
    number: Sealed | None = None
    caller_hash: str | None = None
    """The keyed hash of the number; of a call without one, of the IMEI. None: nobody knows which calls are the same
    caller's.
    """
    imei: Sealed | None = None
    caller_name: Sealed | None = None
    caller_place: Place | None = None
    caller_zone: Zone | None = None
    """The zone of `caller_place`, as it was when the call arrived; None in calls of older versions."""
    exchange_id: str | None = None
    """The keyed hash of the exchange's own id. In calls of versions without `exchange_reference`, the id itself."""
    exchange_reference: Sealed | None = None
    exchange_use: int = 0
    """How many earlier calls of the regency had this exchange_id. An exchange may count from 1 after a restart."""
    received_at: datetime
    arrival_known: bool = True
    """False: the exchange has not reported the arrival yet, and received_at is the earliest time that it reported."""
    by_exchange_clock: bool = False
    """Whether received_at is a time of the exchange."""
    queued_at: datetime
    """The arrival by our own clock. The waiting time is measured from here."""
    backfilled: bool = False
    notify: bool = True
    with_agencies: bool = False
    answered_at: datetime | None = None
    answered_by: str | None = None
    """None in an answered call if the exchange reported the answer, and no operator has taken the call yet."""
    operator: Sealed | None = None
    """The name of the operator who answered, if the token had it."""
    place: Place | None = None
    zone: Zone | None = None
    notes: tuple[Note, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    """Complaints about optional fields in requests of the exchange or the app."""
    classification: Classification | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    ended_by_telephone: bool = False
    cut_off: bool = False
    line: tuple[LineStep, ...] = ()
    """Holds and transfers in the order of their times."""
    alarmed: bool = False
    """The missing class has been an alarm, and is one until a class is given."""
    callback_number: Sealed | None = None
    """Where the caller can be called back, if not at the number of the call."""
    language: Sealed | None = None
    name_by_person: bool = False
    """Whether a person entered or removed the caller's name: then the exchange's is not taken."""
    fixes: tuple[Fix, ...] = ()
    """All that were told after the call arrived, and the one that came with it."""
    last_at: datetime
    """When the latest step happened, by the call's own times."""
    block_id: UUID | None = None
    """The block that was active for its number when it arrived."""
    block_rule: str | None = None
    unscreened: Unscreened | None = None
    """The reason why the call of a blocked number went past the recorded message."""
    screening_ended_at: datetime | None = None
    """By our own clock; None: it went past the message at once, or hears it, or was never blocked."""
    sop: Sop | None = None
    """None: nothing was done of it yet."""
    callback_id: UUID | None = None
    """The callback that proved real and became this call: somebody speaks with the caller, and nobody waited."""

    @property
    def in_hand(self) -> bool:
        """Whether somebody has spoken with the caller: it was answered here or in the regency that handed it over, or
        the caller was called back.
        """
        taken_on = self.callback_id is not None or self.transferred_from is not None
        return self.answered_at is not None or taken_on

    claimed_at: datetime | None = None
    """When the operator who has the call took it, by our clock."""
    operator_gone: bool = False
    """That the operator is gone is an alarm now."""
    raised_by_seconds: int = 0
    """The queue takes the call as if it had arrived so much earlier."""
    lowered_by_seconds: int = 0
    """The queue takes the call as if it had arrived so much later."""
    rung: int = 0
    """How many steps of ringing further are behind it, with those that were not possible."""
    partner: str | None = None
    """The regency whose telephones it rang, too."""
    offered_to: str | None = None
    """The operator to whom the one who has the call offers it."""
    waits_long: bool = False
    """That nobody answers is an alarm now."""
    of_protected: bool = False
    """Whether its number had reported a protected incident when it arrived."""
    transfer: CallTransfer | None = None
    """The newest offer of the call to another regency."""
    transferred_from: TransferredFrom | None = None
    """The other regency's call that this one goes on with."""
    came_back: bool = False
    """That nobody accepted the offer is an alarm now."""

    @property
    def due_at(self) -> datetime | None:
        """When the next deadline of the call is over: that of its class, or that of an offer to another regency."""
        of_transfer = self.transfer.due_at if self.transfer and self.transfer.is_open else None
        return min((due for due in (self.class_due_at, of_transfer) if due), default=None)

    @property
    def class_due_at(self) -> datetime | None:
        """When the missing class is an alarm; of a call that hears the recorded message, when it waits after all."""
        if self.state is CallState.SCREENING:
            return self.queued_at + SCREENED_AT_MOST
        settled = self.classification is not None or self.alarmed
        if self.answered_at is None or settled or self.drill or self.backfilled:
            return None
        return self.answered_at + CLASSIFY_WITHIN

    @property
    def queue_at(self) -> datetime:
        """By this the queue is ordered: the arrival, shifted by what raises and lowers the call."""
        return self.received_at + timedelta(seconds=self.lowered_by_seconds - self.raised_by_seconds)

    def is_overdue(self, now: datetime) -> bool:
        """Whether the missing class is an alarm now."""
        due_at = self.class_due_at
        return self.answered_at is not None and due_at is not None and is_over(due_at, self.answered_at, now)

    @property
    def handed_on(self) -> bool:
        """Whether another regency has accepted it."""
        return self.transfer is not None and self.transfer.state is CallTransferState.ACCEPTED

    @property
    def on_hold(self) -> bool:
        """Whether the caller waits on hold now."""
        holds = [step.kind for step in self.line if step.kind is not LineStepKind.TRANSFERRED]
        return self.ended_at is None and holds[-1:] == [LineStepKind.HELD]

    @property
    def guided(self) -> Sop:
        """The steps of the SOP that were taken in this call."""
        return self.sop or Sop()

    @property
    def protected(self) -> bool:
        """Protected whatever its type."""
        return self.guided.protected

    def snapshot(self) -> CallSnapshot:
        """The call as it is now, for the services that act on its class."""
        return CallSnapshot(**{name: getattr(self, name) for name in CallSnapshot.model_fields})


def evolve(call: Aggregate, event: Event) -> Call:
    """The call after the event. CallReceived begins a call."""
    if isinstance(event, CallReceived):
        return _received(call, event)
    if not isinstance(call, Call):
        raise TypeError("a call begins with CallReceived")
    changed = {**_changed(call, event), "last_at": max(call.last_at, event.at)}
    return call.model_copy(update=changed)


def _received(begun: Aggregate, event: CallReceived) -> Call:
    told = {name: getattr(event, name) for name in _TOLD}
    return Call(
        id=begun.id,
        regency=begun.regency,
        drill=begun.drill,
        state=_first_state(event),
        **_taken_on(event),
        received_at=event.at,
        by_exchange_clock=event.clock == "exchange",
        queued_at=event.recorded_at,
        last_at=event.at,
        **told,
    )


def _taken_on(event: CallReceived) -> dict[str, Any]:
    """Of a call that an operator has from the beginning: who has it. The answer counts that the caller got first."""
    if not (event.callback_id or event.transferred_from):
        return {}
    answered_at = event.transferred_from.answered_at if event.transferred_from else None
    return {"answered_by": event.by, "claimed_at": event.recorded_at, "answered_at": answered_at}


def _first_state(event: CallReceived) -> CallState:
    if event.callback_id or event.transferred_from:
        return CallState.ANSWERED
    return CallState.SCREENING if event.block_id and not event.unscreened else CallState.WAITING


_TOLD = CallReceived.model_fields.keys() & Call.model_fields.keys()
"""The fields that a call takes from CallReceived unchanged."""


def _changed(call: Call, event: Event) -> dict[str, Any]:
    match event:
        case CallAnswered():
            if call.answered_at is not None:  # an operator takes a call whose line is answered
                return _claimed(event)
            claimed = {} if event.by_telephone else _claimed(event)
            return {"state": CallState.ANSWERED, "answered_at": event.at, **claimed}
        case CallLocated():
            return {"place": event.place, "zone": event.zone, "fixes": kept((*known_fixes(call), _located(event)))}
        case CallNoted():
            note = Note(at=event.at, by=event.by, text=event.text)
            return {"notes": (*call.notes, note)[-NOTES_KEPT:]}
        case CallClassified() | CallReclassified():
            said = {name: getattr(event, name) for name in Classification.model_fields}
            return {"classification": Classification(**said), "alarmed": False}
        case CallAbandoned():
            return {"state": CallState.ABANDONED, **_ending(event), **_complained(call, event)}
        case CallEnded():
            return {"state": CallState.ENDED, **_ending(event), "cut_off": event.cut_off, **_complained(call, event)}
        case CallHeld():
            return _line(call, LineStepKind.HELD, event)
        case CallResumed():
            return _line(call, LineStepKind.RESUMED, event)
        case CallTransferred():
            return _line(call, LineStepKind.TRANSFERRED, event)
        case CallCorrected():
            stands = {name: getattr(event, name) for name in CORRECTED}
            by_exchange = call.by_exchange_clock or event.received_at != call.received_at
            return {**stands, "by_exchange_clock": by_exchange, **_complained(call, event)}
        case CallScreeningEnded():
            from_now = {"queued_at": event.recorded_at, "screening_ended_at": event.at}
            return {"state": CallState.WAITING, "unscreened": event.why, **from_now}
        case CallScreened():
            return {"state": CallState.SCREENED, **_ending(event), **_complained(call, event)}
        case CallerDescribed():
            said = {name: getattr(event.after, name) for name in CallerDetails.model_fields}
            by_person = call.name_by_person or event.after.caller_name != event.before.caller_name
            return {**said, "name_by_person": by_person}
        case CallPositioned():
            return _positioned(call, event)
        case AlarmRaised():
            return {_ALARM_FIELDS.get(event.kind, "alarmed"): True}
        case AlarmCleared():
            return {_ALARM_FIELDS.get(event.kind, "alarmed"): False}
        case CallTriaged() | CallerTold() | CallSilentStepTaken() | CallerMarked():
            return {"sop": sop_after(call.guided, event)}
        case CallTakenOver():
            return _claimed(event)
        case CallOffered():
            return {"offered_to": event.to}
        case CallOfferDeclined():
            return {"offered_to": None}
        case CallTransferOffered() | CallTransferAccepted() | CallTransferEnded():
            return {"transfer": transfer_after(call.transfer, event)}
        case CallMovedUp():
            return {"raised_by_seconds": event.seconds}
        case CallRangFurther():
            return {"rung": list(RingStep).index(event.step) + 1, "partner": event.partner or call.partner}
    raise NoBranch(event)


CORRECTED = (
    "received_at",
    "arrival_known",
    "number",
    "caller_hash",
    "imei",
    "caller_name",
    "answered_at",
    "ended_at",
    "ended_by",
)
"""The fields that CallCorrected replaces. The event and the call use the same names."""


_ALARM_FIELDS = {OPERATOR_GONE: "operator_gone", WAITING_LONG: "waits_long", CALL_RETURNED: "came_back"}
"""The fields that say of each kind of alarm whether it is raised; any other kind is that of a missing class."""


def _claimed(event: CallAnswered | CallTakenOver) -> dict[str, Any]:
    claimed = {"answered_by": event.by, "operator": event.operator, "claimed_at": event.recorded_at}
    return {**claimed, "offered_to": None}


def _ending(event: CallAbandoned | CallEnded | CallScreened) -> dict[str, Any]:
    return {"ended_at": event.at, "ended_by": event.ended_by, "ended_by_telephone": event.by_telephone}


def _line(call: Call, kind: LineStepKind, event: Event) -> dict[str, Any]:
    return {
        "line": tuple(sorted((*call.line, LineStep(kind=kind, at=event.at)), key=lambda step: (step.at, step.kind)))
    }


def _complained(call: Call, event: CallAbandoned | CallEnded | CallCorrected | CallScreened) -> dict[str, Any]:
    return {"complaints": (*call.complaints, *event.complaints)}


def details_of(call: Call) -> CallerDetails:
    """Who calls, as it stands."""
    return CallerDetails(**{name: getattr(call, name) for name in CallerDetails.model_fields})


def known_fixes(call: Call) -> tuple[Fix, ...]:
    """The fixes of a call, with the one that came with it. Calls of older versions have the places alone."""
    if call.fixes:
        return call.fixes
    found = []
    if call.caller_place is not None:
        found.append(_fix(call, FixOf.CALLER, call.caller_place, call.caller_zone))
    if call.place is not None:
        found.append(_fix(call, FixOf.EMERGENCY, call.place, call.zone))
    return tuple(found)


def _fix(call: Call, of: FixOf, place: Place, zone: Zone | None) -> Fix:
    is_callers = of is FixOf.CALLER
    source = source_of_arrival(call.channel) if is_callers else None
    return Fix(of=of, at=call.received_at, by=None, source=source, place=place, zone=zone, chosen=not is_callers)


def _located(event: CallLocated) -> Fix:
    said = {"place": event.place, "zone": event.zone, "source": event.source}
    return Fix(of=FixOf.EMERGENCY, at=event.at, by=event.by, chosen=True, **said)


def _positioned(call: Call, event: CallPositioned) -> dict[str, Any]:
    """The caller's place is the best of the fixes."""
    said = {"place": event.place, "zone": event.zone, "source": event.source, "chosen": event.chosen}
    fixes = kept((*known_fixes(call), Fix(of=FixOf.CALLER, at=event.found_at, by=event.by, **said)))
    found = best([fix for fix in fixes if fix.of is FixOf.CALLER])
    assert found is not None
    return {"fixes": fixes, "caller_place": found.place, "caller_zone": found.zone}
