"""Decides what follows from an exchange's reports about a telephone call.

Reports come late, twice and in any order. So the result must not depend on their order: the earliest time of each kind
counts, a known number or name is kept, and holds and transfers form a set. If a person has recorded a step, a later
report of the exchange does not change it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sigap_common.contracts import Event
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallCorrected,
    CallEnded,
    CallHeld,
    CallReceived,
    CallResumed,
    CallScreened,
    CallTransferred,
    Channel,
    Complaint,
)
from sigap_intake.domain.call import CORRECTED, LINE_STEPS_KEPT, Call, CallState, LineStep, LineStepKind
from sigap_intake.domain.commands import Tell
from sigap_intake.domain.exchange_ids import AFTER_ITS_END, LONGEST_CALL, MOMENTS_APART, is_another_caller
from sigap_intake.domain.told import Told


def is_told_of(call: Call, tell: Tell) -> bool:
    """Whether a report belongs to a call that has the same exchange id. Exchanges use their ids again."""
    if call.drill or call.backfilled or is_another_caller(call, tell):
        return False
    if tell.moment < call.received_at:
        earliest = MOMENTS_APART if call.arrival_known else LONGEST_CALL
        return call.received_at - tell.moment <= earliest
    if tell.told is Told.RINGING and call.arrival_known:
        return tell.moment - call.received_at <= MOMENTS_APART
    last = call.ended_at + AFTER_ITS_END if call.ended_at else call.last_at + LONGEST_CALL
    return tell.moment <= last


def arrival(tell: Tell, now: datetime) -> CallReceived:
    """The first event of a call, from the first report about it."""
    return CallReceived(
        **_moment(tell, now),
        channel=Channel.TELEPHONE,
        arrival_known=tell.told is Told.RINGING,
        number=tell.number,
        caller_hash=tell.caller_hash,
        imei=tell.imei,
        caller_name=tell.caller_name,
        exchange_id=tell.exchange_hash,
        exchange_reference=tell.exchange_id,
        exchange_use=tell.exchange_use,
        complaints=tell.complaints,
        **tell.lookup.named(),
    )


def follow(call: Call, tell: Tell, now: datetime) -> Iterator[Event]:
    """The events that follow from a report; none if it says nothing new."""
    if corrected := _corrected(call, tell, now):
        yield corrected
        call = call.model_copy(update={name: getattr(corrected, name) for name in CORRECTED})
    match tell.told:
        # An exchange may say so of the line that plays the recorded message; a telephone that answers has a number.
        case Told.ANSWERED if call.state is CallState.SCREENING and tell.extension is None:
            return
        case Told.ANSWERED if call.answered_at is None:
            yield from _answered(call, tell, now)
        case Told.ENDED if call.ended_at is None:
            yield _ended(call, tell, now)
        case Told.HELD | Told.RESUMED | Told.TRANSFERRED:
            yield from _stepped(call, tell, now)


def _answered(call: Call, tell: Tell, now: datetime) -> Iterator[Event]:
    """The answer. If the end was reported before the answer, the call was recorded as abandoned; CallEnded corrects
    that.
    """
    waited = _waited(call, tell.moment, tell)
    yield CallAnswered(
        **_moment(tell, now),
        received_at=call.received_at,
        waited_ms=waited,
        by_telephone=True,
        extension=tell.extension,
    )
    if call.ended_at is not None:
        yield CallEnded(
            **_moment(tell, now) | {"at": call.ended_at},
            ended_by=call.ended_by or "exchange",
            cut_off=True,
            by_telephone=call.ended_by_telephone,
        )


def _ended(call: Call, tell: Tell, now: datetime) -> Event:
    told = {**_moment(tell, now), "ended_by": tell.ended_by, "by_telephone": True}
    if call.state is CallState.SCREENING:
        return CallScreened(**told, received_at=call.received_at)
    if call.answered_at is None:
        return CallAbandoned(**told, received_at=call.received_at, waited_ms=_waited(call, tell.moment, tell))
    return CallEnded(**told, cut_off=call.place is None and call.classification is None)


_STEPS: dict[Told, tuple[LineStepKind, type[CallHeld] | type[CallResumed] | type[CallTransferred]]] = {
    Told.HELD: (LineStepKind.HELD, CallHeld),
    Told.RESUMED: (LineStepKind.RESUMED, CallResumed),
    Told.TRANSFERRED: (LineStepKind.TRANSFERRED, CallTransferred),
}


def _stepped(call: Call, tell: Tell, now: datetime) -> Iterator[Event]:
    kind, event = _STEPS[tell.told]
    if LineStep(kind=kind, at=tell.moment) not in call.line and len(call.line) < LINE_STEPS_KEPT:
        beside = {"extension": tell.extension} if event is CallTransferred else {}
        yield event(**_moment(tell, now), **beside)


def _corrected(call: Call, tell: Tell, now: datetime) -> CallCorrected | None:
    """The correction of the call's times and caller; None if the report gives no better values."""
    stands = {name: getattr(call, name) for name in CORRECTED}
    better = {
        **stands,
        "received_at": min(call.received_at, tell.moment),
        "arrival_known": call.arrival_known or tell.told is Told.RINGING,
        "imei": call.imei or tell.imei,
        "caller_name": call.caller_name if call.name_by_person else call.caller_name or tell.caller_name,
    }
    if call.number is None:
        by_number = {"number": tell.number, "caller_hash": tell.caller_hash}
        better |= by_number if tell.number else {"caller_hash": call.caller_hash or tell.caller_hash}
    if tell.told is Told.ANSWERED and call.answered_at and call.answered_by is None:
        better["answered_at"] = min(call.answered_at, tell.moment)
    if tell.told is Told.ENDED and call.ended_at and call.ended_by_telephone:
        first = min((call.ended_at, call.ended_by or "exchange"), (tell.moment, tell.ended_by))
        better["ended_at"], better["ended_by"] = first
    new = tuple(complaint for complaint in tell.complaints if complaint not in call.complaints)
    if better == stands and not new:
        return None
    after = call.model_copy(update=better)
    decided = better["answered_at"] or better["ended_at"]
    waited = _waited(after, decided, tell) if decided and call.answered_by is None else None
    return CallCorrected(**_moment(tell, now), **better, waited_ms=waited, complaints=new)


def _waited(call: Call, until: datetime, tell: Tell) -> int | None:
    """The waiting time in milliseconds. Both times are of one clock: the exchange's if it gave both, else ours. None if
    the arrival has not been reported.
    """
    if not call.arrival_known:
        return None
    if call.screening_ended_at is not None:  # it reached the queue when the recorded message was over
        waited = tell.heard_at - call.queued_at
    elif call.by_exchange_clock and tell.at is not None:
        waited = until - call.received_at
    else:
        waited = tell.heard_at - (call.queued_at if call.by_exchange_clock else call.received_at)
    return max(waited // timedelta(milliseconds=1), 0)


def _moment(tell: Tell, now: datetime) -> dict[str, Any]:
    clock = "exchange" if tell.at else "sigap"
    return {"at": tell.moment, "recorded_at": now, "by": tell.by, "clock": clock}


def under_a_used_id(tell: Tell, uses: int) -> Tell:
    """The report of another call whose id `uses` earlier calls had; it gets a complaint about that."""
    complaint = Complaint(pointer="#/call_id", code="exchange_id_reused", value=tell.exchange_id)
    return replace(tell, exchange_use=uses, complaints=(*tell.complaints, complaint))
