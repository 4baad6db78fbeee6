"""The call in which the receiver of a transfer goes on with the caller."""

from datetime import datetime

from sigap_common.contracts.call_transfers import TransferredFrom
from sigap_common.contracts.calls import (
    CallerDescribed,
    CallerMarked,
    CallLocated,
    CallNoted,
    CallReceived,
    CallSilentStepTaken,
)
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.zones import Zone
from sigap_common.core.aggregate import Aggregate
from sigap_intake.domain.call import Call, details_of, evolve


def go_on(
    begun: Aggregate,
    sent: Call,
    by: str,
    caller_zone: Zone | None,
    zone: Zone | None,
    now: datetime,
    *,
    of_protected: bool,
    procedure: str,
) -> Decision[Call]:
    """The receiver's call; `begun` has its id, `by` is the operator who accepts. It has the caller's number, name,
    places, notes, the steps for a silent caller and the mark of a child of this one call, and never the number's
    earlier calls.

    Its arrival is that of the sender's call: the caller has waited since then. `of_protected`: whether the sender's
    call is protected, or the number has reported a protected incident to the receiver. `procedure`: the version of the
    sender's procedure for silent calls.
    """
    decision = Decision(begun, evolve, [_received(sent, by, caller_zone, now, of_protected)])
    stamp = {"recorded_at": now, "by": by}
    before, after = details_of(_call(decision)), details_of(sent)
    if before != after:
        decision.emit(CallerDescribed(**stamp, at=now, before=before, after=after))
    if sent.place is not None and zone is not None:
        decision.emit(CallLocated(**stamp, at=now, place=sent.place, zone=zone))
    for note in sent.notes:
        decision.emit(CallNoted(at=note.at, recorded_at=now, by=note.by, text=note.text))
    for one in sent.guided.silent_steps:
        taken = {"step": one.step, "heard": one.heard, "guidance": procedure}
        decision.emit(CallSilentStepTaken(at=one.at, recorded_at=now, by=one.by, **taken))
    if sent.guided.probably_child:
        decision.emit(CallerMarked(**stamp, at=now, probably_child=True))
    return decision


def _received(sent: Call, by: str, caller_zone: Zone | None, now: datetime, of_protected: bool) -> CallReceived:
    assert sent.transfer is not None
    return CallReceived(
        at=sent.received_at,
        recorded_at=now,
        clock="exchange" if sent.by_exchange_clock else "sigap",
        by=by,
        channel=sent.channel,
        number=sent.number,
        caller_hash=sent.caller_hash,
        imei=sent.imei,
        caller_name=sent.caller_name,
        caller_place=sent.caller_place,
        caller_zone=caller_zone,
        with_agencies=sent.with_agencies,
        of_protected=of_protected,
        transferred_from=TransferredFrom(
            transfer_id=sent.transfer.id, regency=sent.regency, call_id=sent.id, answered_at=sent.answered_at
        ),
    )


def _call(decision: Decision[Call]) -> Call:
    call = decision.after
    assert isinstance(call, Call)
    return call
