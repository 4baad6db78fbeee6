"""The call that a callback becomes, once it has proved real."""

from datetime import datetime

from sigap_common.contracts.calls import CallClass
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.zones import Zone
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_intake.domain.call import Call, Classification
from sigap_intake.domain.callback import Callback
from sigap_intake.domain.commands import Classify, Command, Receive, WriteNote
from sigap_intake.domain.decisions import decide, receive


def as_call(
    begun: Aggregate,
    callback: Callback,
    by: str,
    emergency: Classification,
    text: Sealed | None,
    caller_zone: Zone | None,
    now: datetime,
) -> Decision[Call]:
    """The call with what was said and its class, `emergency`, by which its incident opens. It has the dropped call's
    channel, and no answer time; the dropped call stays as it was. `begun` has its id.
    """
    assert emergency.call_class is CallClass.EMERGENCY
    decision = receive(begun, _received(callback, by, caller_zone), now)
    notes = [WriteNote(by=by, text=text)] if text else []
    steps: list[Command] = [*notes, Classify(by=by, classification=emergency)]
    for step in steps:
        call = decision.after
        assert isinstance(call, Call)
        for event in decide(call, step, now).events:
            decision.emit(event)
    return decision


def _received(callback: Callback, by: str, caller_zone: Zone | None) -> Receive:
    return Receive(
        by=by,
        channel=callback.calls[-1].channel,
        number=callback.number,
        caller_hash=callback.caller_hash,
        caller_place=callback.place,
        caller_zone=caller_zone,
        drill=callback.drill,
        callback_id=callback.id,
    )
