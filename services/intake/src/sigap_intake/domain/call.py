"""The state of a call, and how it follows from its events."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from sigap_common.contracts import Contract, Event
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClass,
    CallClassified,
    CallEnded,
    CallLocated,
    CallNoted,
    CallReceived,
    CallReclassified,
    CallSnapshot,
    Channel,
    Complaint,
    Note,
)
from sigap_common.contracts.decision import NoBranch
from sigap_common.contracts.places import Place
from sigap_common.contracts.zones import Zone
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.clock import is_over
from sigap_common.personal_data import Sealed

EndedBy = Literal["caller", "operator", "exchange"]

CLASSIFY_WITHIN = timedelta(hours=24)
"""From the answer; after it a call without a class is an alarm."""
NOTES_KEPT = 50
"""The newest; the timeline has all. A snapshot with more could outgrow a message of the bus (1 MiB)."""


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
    queued_at: datetime
    """When our own clock saw it; the waiting is measured from here."""
    backfilled: bool = False
    notify: bool = True
    with_agencies: bool = False
    answered_at: datetime | None = None
    answered_by: str | None = None
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
    cut_off: bool = False
    alarmed: bool = False
    """The missing class has been an alarm, and is one until a class is given."""
    last_at: datetime
    """When the latest step happened, by the call's own times."""

    @property
    def due_at(self) -> datetime | None:
        """When the missing class becomes an alarm."""
        settled = self.classification is not None or self.alarmed
        if self.answered_at is None or settled or self.drill or self.backfilled:
            return None
        return self.answered_at + CLASSIFY_WITHIN

    def is_overdue(self, now: datetime) -> bool:
        """Whether the missing class is an alarm now."""
        return self.due_at is not None and is_over(self.due_at, self.answered_at or now, now)

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
        queued_at=event.recorded_at,
        last_at=event.at,
        **told,
    )


_TOLD = CallReceived.model_fields.keys() & Call.model_fields.keys()
"""What a call has as it was told."""


def _changed(call: Call, event: Event) -> dict[str, Any]:
    match event:
        case CallAnswered():
            taken = {"answered_at": event.at, "answered_by": event.by, "operator": event.operator}
            return {"state": CallState.ANSWERED, **taken}
        case CallLocated():
            return {"place": event.place, "zone": event.zone}
        case CallNoted():
            note = Note(at=event.at, by=event.by, text=event.text)
            return {"notes": (*call.notes, note)[-NOTES_KEPT:]}
        case CallClassified() | CallReclassified():
            said = {name: getattr(event, name) for name in Classification.model_fields}
            return {"classification": Classification(**said), "alarmed": False}
        case CallAbandoned():
            return {"state": CallState.ABANDONED, "ended_at": event.at, **_complained(call, event)}
        case CallEnded():
            ending = {"ended_at": event.at, "ended_by": event.ended_by, "cut_off": event.cut_off}
            return {"state": CallState.ENDED, **ending, **_complained(call, event)}
        case AlarmRaised():
            return {"alarmed": True}
        case AlarmCleared():
            return {}  # the class that clears it has said so
    raise NoBranch(event)


def _complained(call: Call, event: CallAbandoned | CallEnded) -> dict[str, Any]:
    return {"complaints": (*call.complaints, *event.complaints)}
