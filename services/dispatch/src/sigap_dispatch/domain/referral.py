"""Referrals: non-emergency reports that go to one agency or to the city's complaints desk.

A referral has no deadline and raises no alarm. Its number is told to the caller, and its answer to whoever calls again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import CallSnapshot, Note
from sigap_common.contracts.decision import Decision, NoBranch
from sigap_common.contracts.places import Place
from sigap_common.contracts.referrals import (
    ReferralAnswered,
    ReferralClosed,
    ReferralNoted,
    ReferralOpened,
    ReferralPassedOn,
    ReferralProtected,
    ReferralReopened,
)
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_dispatch.domain.commands import Numbered

NOTES_KEPT = 20
ANSWERS_KEPT = 20
"""The newest; the timeline has all."""


class ReferralState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Referral(Aggregate):
    number: str
    call_id: UUID
    to: str | None
    received_at: datetime
    opened_at: datetime
    protected: bool = False
    backfilled: bool = False
    caller_hash: str | None = None
    caller_number: Sealed | None = None
    caller_name: Sealed | None = None
    place: Place | None = None
    notes: tuple[Note, ...] = ()
    answers: tuple[Note, ...] = ()
    closed_at: datetime | None = None
    closed_how: str | None = None

    @property
    def state(self) -> ReferralState:
        if self.closed_at:
            return ReferralState.CLOSED
        return ReferralState.ANSWERED if self.answers else ReferralState.OPEN


@dataclass(frozen=True, slots=True)
class Open:
    """From a call. `to`: the agency; None: the complaints desk."""

    numbered: Numbered
    call_id: UUID
    call: CallSnapshot
    to: str | None
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class Tell:
    """A fact: what else the call said."""

    note: Note | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class PassOn:
    agency: str | None
    pack: Pack


@dataclass(frozen=True, slots=True)
class Answer:
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """`reclassified`: a fact, since its call got another class."""

    how: Literal["done", "reclassified"]


@dataclass(frozen=True, slots=True)
class Reopen:
    """A fact: its call is a non-emergency report again."""


@dataclass(frozen=True, slots=True)
class Protect:
    """A fact: its call is protected now."""


Command = Open | Tell | PassOn | Answer | Close | Reopen | Protect
ReferralDecision = Decision[Referral]


def decide(referral: Aggregate, command: Command, now: datetime, by: str | None = None) -> ReferralDecision:
    """The events of a command; none for a repetition. Orders raise NotAllowed if the referral is closed, and Invalid
    for an agency that the regency does not have. For Open, `referral` is a bare Aggregate.
    """
    if isinstance(command, Open):
        return ReferralDecision(referral, evolve, [_opened(command, now)])
    assert isinstance(referral, Referral)
    stamp: dict[str, Any] = {"at": now, "recorded_at": now, "by": by}
    return ReferralDecision(referral, evolve, _DECISIONS[type(command)](referral, command, stamp))


def default_receiver(pack: Pack) -> str | None:
    """The agency to which the pack sends non-emergency reports; None: the complaints desk."""
    return f"{pack.code}/{pack.complaints.agency}" if pack.complaints.agency else None


def receiver_name(pack: Pack, to: str | None) -> str | None:
    """The name of the agency or of the complaints desk; None: the pack has none."""
    if to is None:
        return pack.complaints.name
    agency = pack.agency(to.partition("/")[2])
    return agency.name if agency else None


def evolve(before: Aggregate, event: Event) -> Referral:
    if isinstance(event, ReferralOpened):
        return _begun(before, event)
    assert isinstance(before, Referral)
    follows = _FOLLOWS.get(type(event))
    if follows is None:
        raise NoBranch(event)
    return before.model_copy(update=follows(before, event))


def _opened(command: Open, now: datetime) -> ReferralOpened:
    """Of a protected call the referral has nothing that tells of its caller."""
    call = command.call
    personal: dict[str, Any] = {
        "caller_hash": call.caller_hash,
        "caller_number": call.number,
        "caller_name": call.caller_name,
        "place": call.place,
        "notes": call.notes[-NOTES_KEPT:],
    }
    return ReferralOpened(
        at=command.at if call.backfilled else now,
        recorded_at=now,
        by=command.by,
        number=command.numbered.number,
        day=command.numbered.day,
        call_id=command.call_id,
        to=command.to,
        received_at=call.received_at,
        protected=call.protected,
        backfilled=call.backfilled,
        **({} if call.protected else personal),
    )


def _tell(referral: Referral, command: Tell, stamp: dict[str, Any]) -> list[Event]:
    if referral.closed_at or referral.protected:
        return []
    return [ReferralNoted(**stamp, note=command.note, place=command.place)]


def _pass_on(referral: Referral, command: PassOn, stamp: dict[str, Any]) -> list[Event]:
    _require_open(referral)
    regency, _, code = (command.agency or "").partition("/")
    if command.agency and (regency != referral.regency or command.pack.agency(code) is None):
        raise Invalid(errors=[Fault(("body", "agency"), "agency_unknown", {})])
    return [] if command.agency == referral.to else [ReferralPassedOn(**stamp, to=command.agency)]


def _answer(referral: Referral, command: Answer, stamp: dict[str, Any]) -> list[Event]:
    _require_open(referral)
    return [ReferralAnswered(**stamp, text=Sealed(command.text))]


def _close(referral: Referral, command: Close, stamp: dict[str, Any]) -> list[Event]:
    if command.how == "done":
        _require_open(referral)
    return [] if referral.closed_at else [ReferralClosed(**stamp, how=command.how)]


def _reopen(referral: Referral, _: Reopen, stamp: dict[str, Any]) -> list[Event]:
    return [ReferralReopened(**stamp)] if referral.closed_how == "reclassified" else []


def _protect(referral: Referral, _: Protect, stamp: dict[str, Any]) -> list[Event]:
    """Also of a closed referral: whoever finds it would learn who called."""
    return [] if referral.protected else [ReferralProtected(**stamp)]


def _require_open(referral: Referral) -> None:
    if referral.closed_at:
        raise NotAllowed("referral-closed", state=referral.state)


_DECISIONS: dict[type, Callable[[Referral, Any, dict[str, Any]], list[Event]]] = {
    Tell: _tell,
    PassOn: _pass_on,
    Answer: _answer,
    Close: _close,
    Reopen: _reopen,
    Protect: _protect,
}
_GIVEN = ReferralOpened.model_fields.keys() & Referral.model_fields.keys()
"""The fields that a referral takes from ReferralOpened unchanged."""


def _begun(before: Aggregate, event: ReferralOpened) -> Referral:
    given = {name: getattr(event, name) for name in _GIVEN}
    return Referral(id=before.id, regency=before.regency, drill=before.drill, opened_at=event.at, **given)


def _noted(referral: Referral, event: ReferralNoted) -> dict[str, Any]:
    new: dict[str, Any] = {"place": event.place} if event.place else {}
    return new | ({"notes": (*referral.notes, event.note)[-NOTES_KEPT:]} if event.note else {})


def _answered(referral: Referral, event: ReferralAnswered) -> dict[str, Any]:
    answer = Note(at=event.at, by=event.by, text=event.text)
    return {"answers": (*referral.answers, answer)[-ANSWERS_KEPT:]}


_OF_THE_CALLER: dict[str, Any] = {
    "caller_hash": None,
    "caller_number": None,
    "caller_name": None,
    "place": None,
    "notes": (),
}
"""The values that replace the caller and the notes in a protected referral."""
_FOLLOWS: dict[type[Event], Callable[[Referral, Any], dict[str, Any]]] = {
    ReferralNoted: _noted,
    ReferralPassedOn: lambda _, event: {"to": event.to},
    ReferralAnswered: _answered,
    ReferralClosed: lambda _, event: {"closed_at": event.at, "closed_how": event.how},
    ReferralReopened: lambda _, __: {"closed_at": None, "closed_how": None},
    ReferralProtected: lambda _, __: {"protected": True} | _OF_THE_CALLER,
}
