"""Handovers: a dispatcher hands incidents over to a named person, who accepts or declines.

What nobody accepts stays with the giver, and raises an alarm after the pack's `service_levels.handover_within_s`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID, uuid5

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.base import Event
from sigap_common.contracts.decision import Decision, NoBranch
from sigap_common.contracts.handovers import (
    HandoverAccepted,
    HandoverDeclined,
    HandoverLapsed,
    HandoverOffered,
    HandoverWithdrawn,
)
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.clock import is_over
from sigap_common.core.errors import NotAllowed
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.taker import Taker

ALARM = "handover_waiting"
MOST_INCIDENTS = 500


class HandoverState(StrEnum):
    OFFERED = "offered"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({HandoverState.OFFERED, HandoverState.DECLINED})
"""The incidents are still the giver's. A declined one can still be accepted, by a supervisor or after all."""


class Handover(Aggregate):
    giver: str
    giver_name: Sealed | None = None
    to: str
    incidents: tuple[UUID, ...]
    note: Sealed | None = None
    offered_at: datetime
    offer_recorded_at: datetime
    answer_by: datetime
    state: HandoverState = HandoverState.OFFERED
    accepted_by: str | None = None
    accepted_name: Sealed | None = None
    decline_reason: Sealed | None = None
    withdrawn_how: str | None = None
    lapsed_at: datetime | None = None
    ended_at: datetime | None = None
    alarmed: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def due_at(self) -> datetime | None:
        return self.answer_by if self.is_open and self.lapsed_at is None else None

    @property
    def alarm_id(self) -> UUID:
        return uuid5(self.id, ALARM)


@dataclass(frozen=True, slots=True)
class Offer:
    giver: Taker
    to: str
    incidents: tuple[UUID, ...]
    within: timedelta
    """If nobody has accepted after it, an alarm tells the supervisor."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Accept:
    taker: Taker


@dataclass(frozen=True, slots=True)
class Decline:
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    by: str | None
    how: Literal["taken_back", "offered_anew", "nothing_left"]


@dataclass(frozen=True, slots=True)
class Lapse:
    """The time to answer may be over."""


Command = Offer | Accept | Decline | Withdraw | Lapse
HandoverDecision = Decision[Handover]


def evolve(before: Aggregate, event: Event) -> Handover:
    if isinstance(event, HandoverOffered):
        return _offered(before, event)
    assert isinstance(before, Handover)
    follows = _FOLLOWS.get(type(event))
    if follows is None:
        raise NoBranch(event)
    return before.model_copy(update=follows(event))


def decide(handover: Aggregate, command: Command, now: datetime) -> HandoverDecision:
    """The events of a command. A repetition gives none. Raises NotAllowed, which names the state, if the handover is
    over. For Offer, `handover` is a bare Aggregate.
    """
    decision = HandoverDecision(handover, evolve)
    if isinstance(command, Offer):
        decision.emit(_offer(command, now))
        return decision
    assert isinstance(handover, Handover)
    for event in _of(handover, command, now):
        decision.emit(event)
    if handover.alarmed and not decision.after.is_open:  # type: ignore[attr-defined]
        about = f"handovers/{handover.id}"
        decision.emit(AlarmCleared(at=now, recorded_at=now, alarm_id=handover.alarm_id, kind=ALARM, about=about))
    return decision


def _of(handover: Handover, command: Command, now: datetime) -> list[Event]:
    match command:
        case Accept():
            return _accept(handover, command, now)
        case Decline():
            return _decline(handover, command, now)
        case Withdraw():
            return _withdraw(handover, command, now)
        case _:
            return _lapse(handover, now)


def _offer(command: Offer, now: datetime) -> HandoverOffered:
    giver = command.giver
    return HandoverOffered(
        at=now,
        recorded_at=now,
        by=giver.subject,
        giver=giver.subject,
        giver_name=Sealed(giver.name) if giver.name else None,
        to=command.to,
        incidents=command.incidents,
        note=Sealed(command.note) if command.note else None,
        answer_by=now + command.within,
    )


def _accept(handover: Handover, command: Accept, now: datetime) -> list[Event]:
    taker = command.taker
    if handover.accepted_by == taker.subject:
        return []
    _require_open(handover)
    name = Sealed(taker.name) if taker.name else None
    return [HandoverAccepted(at=now, recorded_at=now, by=taker.subject, accepted_by=taker.subject, name=name)]


def _decline(handover: Handover, command: Decline, now: datetime) -> list[Event]:
    if handover.state is HandoverState.DECLINED:
        return []
    _require_open(handover)
    reason = Sealed(command.reason) if command.reason else None
    return [HandoverDeclined(at=now, recorded_at=now, by=command.by, reason=reason)]


def _withdraw(handover: Handover, command: Withdraw, now: datetime) -> list[Event]:
    if handover.state is HandoverState.WITHDRAWN:
        return []
    _require_open(handover)
    return [HandoverWithdrawn(at=now, recorded_at=now, by=command.by, how=command.how)]


def _lapse(handover: Handover, now: datetime) -> list[Event]:
    if handover.due_at is None or not is_over(handover.due_at, handover.offer_recorded_at, now):
        return []
    about = f"handovers/{handover.id}"
    alarm = AlarmRaised(
        at=now, recorded_at=now, alarm_id=handover.alarm_id, kind=ALARM, about=about, label=handover.giver
    )
    return [HandoverLapsed(at=now, recorded_at=now), alarm]


def _require_open(handover: Handover) -> None:
    if not handover.is_open:
        raise NotAllowed("handover-over", state=handover.state, accepted_by=handover.accepted_by)


def _offered(before: Aggregate, event: HandoverOffered) -> Handover:
    same = ("giver", "giver_name", "to", "incidents", "note", "answer_by")
    return Handover(
        id=before.id,
        regency=before.regency,
        drill=before.drill,
        offered_at=event.at,
        offer_recorded_at=event.recorded_at,
        **{name: getattr(event, name) for name in same},
    )


def _accepted(event: HandoverAccepted) -> dict[str, Any]:
    who = {"accepted_by": event.accepted_by, "accepted_name": event.name}
    return {"state": HandoverState.ACCEPTED, "ended_at": event.at} | who


def _withdrawn(event: HandoverWithdrawn) -> dict[str, Any]:
    return {"state": HandoverState.WITHDRAWN, "ended_at": event.at, "withdrawn_how": event.how}


_FOLLOWS: dict[type[Event], Callable[[Any], dict[str, Any]]] = {
    HandoverAccepted: _accepted,
    HandoverDeclined: lambda event: {"state": HandoverState.DECLINED, "decline_reason": event.reason},
    HandoverWithdrawn: _withdrawn,
    HandoverLapsed: lambda event: {"lapsed_at": event.at},
    AlarmRaised: lambda _: {"alarmed": True},
    AlarmCleared: lambda _: {"alarmed": False},
}
