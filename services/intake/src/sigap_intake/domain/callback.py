"""The state of a callback, which is the dropped calls of one number as work to do, and how it follows from its events.

Dropped calls without a number are one caller's only if the IMEI says so. Without number and IMEI they are joined by the
cell of their place, or stand alone: several of them are never one caller.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sigap_common.contracts import Contract, Event
from sigap_common.contracts.callbacks import (
    CallbackAttempted,
    CallbackCallAdded,
    CallbackClaimed,
    CallbackContactChanged,
    CallbackExpired,
    CallbackNoted,
    CallbackOfferDeclined,
    CallbackOffered,
    CallbackOpened,
    CallbackOutcome,
    CallbackRanked,
    CallbackReleased,
    CallbackResolved,
    Drop,
    DroppedCall,
    Ranked,
)
from sigap_common.contracts.calls import Note
from sigap_common.contracts.decision import NoBranch
from sigap_common.contracts.places import Place
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed

CALLS_KEPT = 50
NOTES_KEPT = 50
ATTEMPTS_KEPT = 50
"""The newest; the timeline has all."""
SHORTEST_DEADLINE = timedelta(minutes=1)
"""No pack has claims lapse sooner."""


class CallbackState(StrEnum):
    """The state of a callback. `sampled`: it expired, and chance drew it to be called all the same."""

    OPEN = "open"
    SAMPLED = "sampled"
    CALLED_BACK = "called_back"
    RESOLVED = "resolved"
    EXPIRED = "expired"


WORK = frozenset({CallbackState.OPEN, CallbackState.SAMPLED})
"""What is still to be called."""


class Attempt(Contract):
    """One attempt, as a person recorded it."""

    at: datetime
    by: str | None
    outcome: CallbackOutcome
    text: Sealed | None = None


class Claim(Contract):
    by: str | None
    operator: Sealed | None = None
    at: datetime
    until: datetime
    offered_to: str | None = None
    """The colleague who is asked to take it. An offer ends with its claim."""


class Callback(Aggregate):
    state: CallbackState = CallbackState.OPEN
    number: Sealed | None = None
    caller_hash: str | None = None
    place: Place | None = None
    calls: tuple[DroppedCall, ...]
    """In the order in which they were told."""
    call_count: int = 1
    opened_at: datetime
    cut_off: bool = False
    """Whether one of its calls was cut off after the answer."""
    ranked: Ranked
    expires_at: datetime
    expiry_set_at: datetime
    first_for: str | None = None
    first_until: datetime | None = None
    guarded: bool = False
    declined: bool = False
    contact_note: Sealed | None = None
    claim: Claim | None = None
    attempts: tuple[Attempt, ...] = ()
    tried: int = 0
    """The number of calls that nobody answered."""
    notes: tuple[Note, ...] = ()
    outcome: CallbackOutcome | None = None
    opened_call: UUID | None = None
    resolved_how: str | None = None
    resolved_by_call: UUID | None = None
    sampled: bool = False
    call_by: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_work(self) -> bool:
        return self.state in WORK

    @property
    def first_call(self) -> UUID:
        return self.calls[0].call_id

    @property
    def last_dropped_at(self) -> datetime:
        return max(call.ended_at for call in self.calls)

    @property
    def withheld(self) -> bool:
        """Whether the number may not be called as it is: a supervisor, or a safe-contact note, is needed first."""
        return self.declined or (self.guarded and self.contact_note is None)

    @property
    def offered_to(self) -> str | None:
        """The colleague whom the person who has claimed it asks to take it."""
        return self.claim.offered_to if self.claim and self.is_work else None

    @property
    def due_at(self) -> datetime | None:
        """When a claim lapses, or the time to call is over."""
        if not self.is_work:
            return None
        if self.claim is not None:
            return self.claim.until
        return self.call_by if self.state is CallbackState.SAMPLED else self.expires_at

    def has_call(self, call_id: UUID) -> bool:
        return any(call.call_id == call_id for call in self.calls)


def evolve(callback: Aggregate, event: Event) -> Callback:
    """The callback after the event; a CallbackOpened begins one."""
    if isinstance(event, CallbackOpened):
        return _opened(callback, event)
    if not isinstance(callback, Callback):
        raise TypeError("a callback begins with CallbackOpened")
    return callback.model_copy(update=_changed(callback, event))


def _opened(begun: Aggregate, event: CallbackOpened) -> Callback:
    told = {name: getattr(event, name) for name in CallbackOpened.model_fields.keys() & Callback.model_fields.keys()}
    return Callback(
        id=begun.id,
        regency=begun.regency,
        drill=begun.drill,
        calls=(event.call,),
        opened_at=event.at,
        cut_off=event.call.drop is Drop.CUT_OFF,
        expiry_set_at=event.recorded_at,
        **told,
    )


def _changed(callback: Callback, event: Event) -> dict[str, Any]:
    match event:
        case CallbackCallAdded():
            return _with_call(callback, event)
        case CallbackRanked():
            return {"ranked": event.ranked}
        case CallbackClaimed():
            claim = Claim(by=event.by, operator=event.operator, at=event.at, until=event.until)
            return {"claim": claim}
        case CallbackReleased():
            return {"claim": None}
        case CallbackOffered():
            return _offered(callback, event.to)
        case CallbackOfferDeclined():
            return _offered(callback, None)
        case CallbackAttempted():
            return _attempted(callback, event)
        case CallbackNoted():
            return {"notes": (*callback.notes, Note(at=event.at, by=event.by, text=event.text))[-NOTES_KEPT:]}
        case CallbackResolved():
            how = {"resolved_how": event.how, "resolved_by_call": event.call_id}
            return {"state": CallbackState.RESOLVED, "ended_at": event.at, **how}
        case CallbackExpired(call_by=None):
            return {"state": CallbackState.EXPIRED, "ended_at": event.at, "call_by": None}
        case CallbackExpired():
            sample = {"sampled": True, "call_by": event.call_by, "expiry_set_at": event.recorded_at}
            return {"state": CallbackState.SAMPLED, **sample}
        case CallbackContactChanged():
            return {name: getattr(event, name) for name in ("guarded", "declined", "contact_note")}
    raise NoBranch(event)


def _offered(callback: Callback, to: str | None) -> dict[str, Any]:
    return {"claim": callback.claim and callback.claim.model_copy(update={"offered_to": to})}


def _with_call(callback: Callback, event: CallbackCallAdded) -> dict[str, Any]:
    """A call that was told before as abandoned, and now as cut off, stands once."""
    others = tuple(call for call in callback.calls if call.call_id != event.call.call_id)
    calls = (*others, event.call)[-CALLS_KEPT:]
    count = callback.call_count + (len(others) == len(callback.calls))
    told = {name: getattr(event, name) for name in ("ranked", "expires_at")}
    first = {"first_for": event.first_for, "first_until": event.first_until} if event.first_for else {}
    return {
        **told,
        **first,
        "calls": calls,
        "call_count": count,
        "place": event.place or callback.place,
        "cut_off": callback.cut_off or event.call.drop is Drop.CUT_OFF,
        "expiry_set_at": event.recorded_at,
    }


def _attempted(callback: Callback, event: CallbackAttempted) -> dict[str, Any]:
    """The person who called has recorded it, so the claim is over."""
    attempt = Attempt(at=event.at, by=event.by, outcome=event.outcome, text=event.text)
    changed: dict[str, Any] = {
        "attempts": (*callback.attempts, attempt)[-ATTEMPTS_KEPT:],
        "tried": callback.tried + (event.outcome is CallbackOutcome.NO_ANSWER),
        "ranked": event.ranked,
        "claim": None,
    }
    if not event.ends:
        return changed
    ended = {"state": CallbackState.CALLED_BACK, "outcome": event.outcome, "ended_at": event.at, "call_by": None}
    return {**changed, **ended, "opened_call": event.opened_call or callback.opened_call}
