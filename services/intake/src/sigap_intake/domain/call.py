"""The state of a call, and how it follows from its events."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sigap_common.contracts import Contract, Event
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClass,
    CallClassified,
    CallCorrected,
    CallEnded,
    CallHeld,
    CallLocated,
    CallMovedUp,
    CallNoted,
    CallOfferDeclined,
    CallOffered,
    CallRangFurther,
    CallReceived,
    CallReclassified,
    CallResumed,
    CallSnapshot,
    CallTakenOver,
    CallTransferred,
    Channel,
    Complaint,
    EndedBy,
    Note,
    RingStep,
)
from sigap_common.contracts.decision import NoBranch
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.clock import is_over
from sigap_common.personal_data import Sealed

CLASSIFY_WITHIN = timedelta(hours=24)
"""From the answer; after it a call without a class is an alarm."""
NOTES_KEPT = 50
"""The newest; the timeline has all. A snapshot with more could outgrow a message of the bus (1 MiB)."""


LINE_STEPS_KEPT = 100
"""Of holds and transfers; a call with more of them is no call, and its document would grow without end."""
OPERATOR_GONE = "operator_gone"
WAITING_LONG = "waiting_long"


class LineStepKind(StrEnum):
    """What happens to a line while the call goes on."""

    HELD = "held"
    RESUMED = "resumed"
    TRANSFERRED = "transferred"


class LineStep(Contract):
    kind: LineStepKind
    at: datetime


class CallState(StrEnum):
    """How far the call is. Its class is another matter: it may come before or after the end."""

    WAITING = "waiting"
    ANSWERED = "answered"
    ENDED = "ended"
    ABANDONED = "abandoned"


class Classification(Contract):
    """What the operator made of the call. Equal ones say the same."""

    call_class: CallClass
    incident_type: str | None = None
    priority: int | None = None
    same_incident: UUID | None = None


class Call(Aggregate):
    state: CallState
    channel: Channel
    number: Sealed | None = None
    caller_hash: str | None = None
    caller_name: Sealed | None = None
    caller_place: Place | None = None
    caller_zone: Zone | None = None
    """Of the caller's place when it was told; none in calls of older versions."""
    exchange_id: str | None = None
    """Keyed hash of the exchange's own id; of calls before `exchange_reference` there was, the id itself."""
    exchange_reference: Sealed | None = None
    exchange_use: int = 0
    """How many calls of the regency had this exchange_id before: an exchange that starts again counts from 1."""
    received_at: datetime
    arrival_known: bool = True
    """False: the exchange has not told of the arrival yet, and received_at is the earliest that it told."""
    by_exchange_clock: bool = False
    """Whether received_at is a time of the exchange."""
    queued_at: datetime
    """When our own clock saw it; the waiting is measured from here."""
    backfilled: bool = False
    notify: bool = True
    with_agencies: bool = False
    answered_at: datetime | None = None
    answered_by: str | None = None
    """None of an answered call: the exchange told of the answer, and no operator has taken the call yet."""
    operator: Sealed | None = None
    """The name of who answered, if the token had it."""
    place: Place | None = None
    zone: Zone | None = None
    notes: tuple[Note, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    """Optional fields of the exchange's or app's requests that were odd."""
    classification: Classification | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    ended_by_telephone: bool = False
    cut_off: bool = False
    line: tuple[LineStep, ...] = ()
    """Holds and transfers in the order of their times."""
    alarmed: bool = False
    """The missing class has been an alarm, and is one until a class is given."""
    last_at: datetime
    """When the latest step happened, by the call's own times."""
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

    @property
    def due_at(self) -> datetime | None:
        """When the missing class becomes an alarm."""
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
        return self.due_at is not None and is_over(self.due_at, self.answered_at or now, now)

    @property
    def on_hold(self) -> bool:
        """Whether the caller waits on hold now."""
        holds = [step.kind for step in self.line if step.kind is not LineStepKind.TRANSFERRED]
        return self.ended_at is None and holds[-1:] == [LineStepKind.HELD]

    def snapshot(self) -> CallSnapshot:
        """The call as it stands, for those who act on its class."""
        return CallSnapshot(**{name: getattr(self, name) for name in CallSnapshot.model_fields})


def evolve(call: Aggregate, event: Event) -> Call:
    """The call after the event; a CallReceived begins one."""
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
        state=CallState.WAITING,
        received_at=event.at,
        by_exchange_clock=event.clock == "exchange",
        queued_at=event.recorded_at,
        last_at=event.at,
        **told,
    )


_TOLD = CallReceived.model_fields.keys() & Call.model_fields.keys()
"""What a call has as it was told."""


def _changed(call: Call, event: Event) -> dict[str, Any]:
    match event:
        case CallAnswered():
            if call.answered_at is not None:  # an operator takes a call whose line is answered
                return _claimed(event)
            claimed = {} if event.by_telephone else _claimed(event)
            return {"state": CallState.ANSWERED, "answered_at": event.at, **claimed}
        case CallLocated():
            return {"place": event.place, "zone": event.zone}
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
        case AlarmRaised():
            return {_ALARM_FIELDS.get(event.kind, "alarmed"): True}
        case AlarmCleared():
            return {_ALARM_FIELDS.get(event.kind, "alarmed"): False}
        case CallTakenOver():
            return _claimed(event)
        case CallOffered():
            return {"offered_to": event.to}
        case CallOfferDeclined():
            return {"offered_to": None}
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
    "caller_name",
    "answered_at",
    "ended_at",
    "ended_by",
)
"""What a CallCorrected says anew, in the names of both."""


_ALARM_FIELDS = {OPERATOR_GONE: "operator_gone", WAITING_LONG: "waits_long"}
"""The fields that say of each kind of alarm whether it is raised; any other kind is that of a missing class."""


def _claimed(event: CallAnswered | CallTakenOver) -> dict[str, Any]:
    claimed = {"answered_by": event.by, "operator": event.operator, "claimed_at": event.recorded_at}
    return {**claimed, "offered_to": None}


def _ending(event: CallAbandoned | CallEnded) -> dict[str, Any]:
    return {"ended_at": event.at, "ended_by": event.ended_by, "ended_by_telephone": event.by_telephone}


def _line(call: Call, kind: LineStepKind, event: Event) -> dict[str, Any]:
    return {
        "line": tuple(sorted((*call.line, LineStep(kind=kind, at=event.at)), key=lambda step: (step.at, step.kind)))
    }


def _complained(call: Call, event: CallAbandoned | CallEnded | CallCorrected) -> dict[str, Any]:
    return {"complaints": (*call.complaints, *event.complaints)}
