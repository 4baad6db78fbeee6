"""The decisions about a call: which events follow from a command, or why the command is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from sigap_common.contracts import Event
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallClass,
    CallClassified,
    CallEnded,
    CallerDescribed,
    CallLocated,
    CallNoted,
    CallPositioned,
    CallReceived,
    CallReclassified,
    CallScreened,
    Complaint,
    Heard,
)
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.fixes import FixSource
from sigap_common.contracts.places import Place
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_intake.domain.call import Call, CallState, Classification, details_of, evolve, known_fixes
from sigap_intake.domain.call_alarms import cleared, raised
from sigap_intake.domain.call_transfer import is_emergency
from sigap_intake.domain.commands import (
    AcceptCall,
    Answer,
    AnswerTriage,
    Classify,
    Command,
    DeclineOffer,
    Describe,
    End,
    EndScreening,
    FindOperator,
    KeepCall,
    Locate,
    LoseOperator,
    MarkCaller,
    MissClass,
    MissTransfer,
    MoveUp,
    Offer,
    OfferToRegency,
    Position,
    Receive,
    RefuseCall,
    RingFurther,
    TakeOver,
    TakeSilentStep,
    Tell,
    TellWords,
    WriteNote,
)
from sigap_intake.domain.fixes import FixOf, best
from sigap_intake.domain.guided import sop_events
from sigap_intake.domain.moments import AHEAD, check_order, moment_of
from sigap_intake.domain.operators import answered_by_another, decline_offer, found, lose, offer, take_over
from sigap_intake.domain.queue import move_up, ring_further, wait_no_longer
from sigap_intake.domain.screening import end_screening
from sigap_intake.domain.telephone import arrival, follow
from sigap_intake.domain.transfer_decisions import (
    accept_call,
    end_transfer_of_emergency,
    keep_call,
    miss_transfer,
    offer_to_regency,
    refuse_call,
    stays,
)

OLDEST = timedelta(hours=24)
"""If a call arrived longer ago, it must be sent as a backfilled entry."""
NOT_CLASSIFIED = "not_classified"


def receive(begun: Aggregate, command: Receive, now: datetime) -> Decision[Call]:
    """A call arrives; `begun` has its id. Raises Invalid if its time is impossible or its fields contradict each other.

    If an exchange reports the call, such fields are left out instead, because nobody there could correct the request.
    """
    if faults := list(_faults(command, now)):
        if not command.by_exchange:
            raise Invalid(errors=faults)
        command = _without(command, faults)
    received = CallReceived(
        at=command.at or now,
        recorded_at=now,
        clock="paper" if command.backfilled else "exchange" if command.at else "sigap",
        by=command.by,
        channel=command.channel,
        number=command.number,
        caller_hash=command.caller_hash,
        imei=command.imei,
        caller_name=command.caller_name,
        caller_place=command.caller_place,
        caller_zone=command.caller_zone,
        exchange_id=command.exchange_hash,
        exchange_reference=Sealed(command.exchange_id) if command.exchange_id else None,
        exchange_use=command.exchange_use,
        backfilled=command.backfilled,
        notify=not command.backfilled if command.notify is None else command.notify,
        with_agencies=command.with_agencies,
        complaints=command.complaints,
        **command.lookup.named(),
        callback_id=command.callback_id,
    )
    return Decision(begun, evolve, [received])


def hear_first(begun: Aggregate, tell: Tell, now: datetime) -> Decision[Call]:
    """An exchange reports a call for the first time; `begun` has its id."""
    decision = Decision(begun, evolve, [arrival(tell, now)])
    call = decision.after
    assert isinstance(call, Call)
    for event in follow(call, tell, now):
        decision.emit(event)
    return decision


def decide(call: Call, command: Command, now: datetime) -> Decision[Call]:
    """The events that follow from a command; none if the command repeats an earlier one.

    Raises NotAllowed if the call's state forbids the command, Invalid if the command contradicts the call.
    """
    decision = Decision(call, evolve, _events(call, command, now))
    if any(is_emergency(event) for event in decision.events):
        for event in end_transfer_of_emergency(_after(decision), now):
            decision.emit(event)
    for event in _alarms_over(_after(decision), now):
        decision.emit(event)
    return decision


def _after(decision: Decision[Call]) -> Call:
    after = decision.after
    assert isinstance(after, Call)
    return after


def _alarms_over(call: Call, now: datetime) -> list[Event]:
    """Clears the alarms whose cause the command ended."""
    return [*wait_no_longer(call, now), *(found(call, now) if call.ended_at else ()), *stays(call, now)]


def _events(call: Call, command: Command, now: datetime) -> list[Event]:
    match command:
        case Answer():
            return _answer(call, command, now)
        case Locate():
            return _locate(call, command, now)
        case WriteNote():
            return _note(call, command, now)
        case Classify():
            events = _classify(call, command, now)
            _require_reason(call.classification, command)
            return events
        case End():
            return _end(call, command, now)
        case MissClass():
            return _miss_class(call, now)
        case Tell():
            return list(follow(call, command, now))
        case EndScreening():
            return end_screening(call, command, now)
        case AnswerTriage() | TellWords() | MarkCaller():
            _refuse_unless(call.in_hand, call)
            return sop_events(call.guided, command, moment_of(call, command, now))
        case TakeSilentStep():
            return _take_silent_step(call, command, now)
        case Describe():
            return _describe(call, command, now)
        case Position():
            return _position(call, command, now)
        case TakeOver():
            return take_over(call, command, now)
        case Offer():
            return offer(call, command, now)
        case DeclineOffer():
            return decline_offer(call, command, now)
        case LoseOperator():
            return lose(call, command, now)
        case FindOperator():
            return found(call, now)
        case MoveUp():
            return move_up(call, command, now)
        case RingFurther():
            return ring_further(call, command, now)
        case OfferToRegency():
            return offer_to_regency(call, command, now)
        case AcceptCall():
            return accept_call(call, command, now)
        case RefuseCall():
            return refuse_call(call, command, now)
        case KeepCall():
            return keep_call(call, command, now)
        case MissTransfer():
            return miss_transfer(call, now)
        case _:
            assert_never(command)


def place_meant(call: Call, told: Place | None) -> Place:
    """The place of the emergency: `told`, or the caller's place if `told` is None. Raises Invalid if both are None."""
    place = told or call.caller_place
    if place is None:
        raise Invalid(errors=[Fault(("body", "same_as_caller"), "caller_place_unknown", {})])
    return place


def _faults(command: Receive, now: datetime) -> Iterator[Fault]:
    if command.backfilled and command.at is None:
        yield Fault(("body", "received_at"), "missing", {})
    if command.at and command.at > now + AHEAD:
        yield Fault(("body", "received_at"), "in_future", {})
    if command.at and command.at < now - OLDEST and not command.backfilled:
        yield Fault(("body", "received_at"), "older_than_a_day", {})
    if command.notify is False and not command.backfilled:
        yield Fault(("body", "notify"), "only_backfilled", {})
    if command.with_agencies and not command.drill:
        yield Fault(("body", "with_agencies"), "only_drill", {})


_LEFT_OUT: dict[str, Any] = {
    "received_at": {"at": None},
    "notify": {"notify": None},
    "with_agencies": {"with_agencies": False},
}
"""The values that the command gets if a field of the body is left out, by the field's name."""


def _without(command: Receive, faults: Sequence[Fault]) -> Receive:
    told = {"received_at": command.at, "notify": command.notify, "with_agencies": command.with_agencies}
    for fault in faults:
        name = str(fault.place[1])
        complaint = Complaint(pointer=f"#/{name}", code=fault.kind, value=_as_told(told[name]))
        command = replace(command, **_LEFT_OUT[name], complaints=(*command.complaints, complaint))
    return command


def _as_told(value: object) -> Sealed:
    return Sealed(value.isoformat() if isinstance(value, datetime) else str(value).lower())


def _answer(call: Call, command: Answer, now: datetime) -> list[Event]:
    if not call.in_hand:
        if call.state not in (CallState.WAITING, CallState.SCREENING):
            raise NotAllowed("too-late-to-answer", state=call.state)
        return [CallAnswered(**moment_of(call, command, now), **_waited(call, now), operator=command.operator)]
    if call.answered_by is None:  # the exchange reported the answer before the operator did
        known = {"received_at": call.received_at, "waited_ms": None, "operator": command.operator}
        return [CallAnswered(**moment_of(call, command, now), **known)]
    if call.answered_by != command.by:
        raise answered_by_another(call)
    return []


def _locate(call: Call, command: Locate, now: datetime) -> list[Event]:
    _refuse_unless(call.in_hand, call)
    if (command.place, command.zone) == (call.place, call.zone):
        return []
    return [CallLocated(**moment_of(call, command, now), place=command.place, zone=command.zone, source=command.source)]


def _note(call: Call, command: WriteNote, now: datetime) -> list[Event]:
    """Of an abandoned call too: whoever looks into it writes down what he found."""
    _refuse_unless(call.in_hand or call.state is CallState.ABANDONED, call)
    latest = call.notes[-1] if call.notes else None
    if latest and (latest.text, latest.by) == (command.text, command.by):
        return []
    return [CallNoted(**moment_of(call, command, now), text=command.text)]


def _classify(call: Call, command: Classify, now: datetime) -> list[Event]:
    _refuse_unless(call.in_hand, call)
    said, before = command.classification, call.classification
    if said.same_incident and said.call_class is not CallClass.EMERGENCY:
        raise Invalid(errors=[Fault(("body", "same_incident"), "only_emergency", {})])
    if said == before:
        return []
    facts = {**moment_of(call, command, now), **said.model_dump(), "call": call.snapshot()}
    if before is not None:
        known = {"before": before.call_class, "type_before": before.incident_type}
        return [CallReclassified(**facts, **known, reason=command.reason)]
    return [CallClassified(**facts), *_clear_alarm(call, now)]


def _require_reason(before: Classification | None, command: Classify) -> None:
    """If two people classify a call, the second learns of the first here, too."""
    if before and before.call_class is not command.classification.call_class and command.reason is None:
        raise Invalid(errors=[Fault(("body", "reason"), "reason_for_correction", {"before": before.call_class})])


def _describe(call: Call, command: Describe, now: datetime) -> list[Event]:
    before = details_of(call)
    after = before.model_copy(update=dict(command.said))
    if after == before:
        return []
    return [CallerDescribed(**moment_of(call, command, now), before=before, after=after)]


def _position(call: Call, command: Position, now: datetime) -> list[Event]:
    moment = moment_of(call, command, now)
    said = {"place": command.place, "source": command.source, "chosen": command.chosen}
    latest = [fix for fix in known_fixes(call) if fix.of is FixOf.CALLER][-1:]
    if [{name: getattr(fix, name) for name in said} for fix in latest] == [said]:
        return []
    found_at = command.found_at or moment["at"]
    if found_at > now + AHEAD:
        raise Invalid(errors=[Fault(("body", "found_at"), "in_future", {})])
    if found_at < now - OLDEST and not call.backfilled:
        raise Invalid(errors=[Fault(("body", "found_at"), "older_than_a_day", {})])
    return [CallPositioned(**moment, **said, zone=command.zone, found_at=found_at)]


def _end(call: Call, command: End, now: datetime) -> list[Event]:
    if call.ended_at is not None:
        return []
    command = _end_in_order(call, command, now)
    told = {**moment_of(call, command, now), "complaints": command.complaints}
    if not call.in_hand:
        _refuse_unless(command.ended_by != "operator", call)
        if call.state is CallState.SCREENING:
            return [CallScreened(**told, received_at=call.received_at, ended_by=command.ended_by)]
        return [CallAbandoned(**told, **_waited(call, now))]
    cut_off = call.place is None and call.classification is None and not call.handed_on
    return [CallEnded(**told, ended_by=command.ended_by, cut_off=cut_off)]


def _end_in_order(call: Call, command: End, now: datetime) -> End:
    """The command, without its time if an exchange reports the end and the time is impossible."""
    if command.at is None or not command.by_exchange:
        return command
    try:
        check_order(call, command.at, now)
    except Invalid as refused:
        complaint = Complaint(pointer="#/at", code=_kind(refused), value=_as_told(command.at))
        return replace(command, at=None, complaints=(*command.complaints, complaint))
    return command


def _kind(refused: Invalid) -> str:
    fault = refused.errors[0]
    return fault.kind if isinstance(fault, Fault) else refused.slug


def _miss_class(call: Call, now: datetime) -> list[Event]:
    if not call.is_overdue(now):
        return []
    return [raised(call, NOT_CLASSIFIED, now)]


def _clear_alarm(call: Call, now: datetime) -> list[Event]:
    return [cleared(call, NOT_CLASSIFIED, now)] if call.alarmed else []


def _refuse_unless(possible: bool, call: Call) -> None:
    """Raises NotAllowed unless `possible`: an operator cannot work on a call before it is answered."""
    if not possible:
        raise NotAllowed("never-answered", state=call.state)


def _waited(call: Call, now: datetime) -> dict[str, Any]:
    """The waiting time in our queue, by our own clock: the exchange's clock gave only one of the two times."""
    waited = (now - call.queued_at) // timedelta(milliseconds=1)
    return {"received_at": call.received_at, "waited_ms": None if call.backfilled else waited}


def _take_silent_step(call: Call, command: TakeSilentStep, now: datetime) -> list[Event]:
    """A key press is a cry for help: it makes the call an emergency at once, unless it is one."""
    _refuse_unless(call.in_hand, call)
    events = sop_events(call.guided, command, moment_of(call, command, now))
    said = call.classification
    if not events or command.heard is not Heard.KEY_PRESS or (said and said.call_class is CallClass.EMERGENCY):
        return events
    after = Decision(call, evolve, events).after
    assert isinstance(after, Call)
    emergency = Classification(call_class=CallClass.EMERGENCY, incident_type=command.guidance.silent_type)
    return [*events, *_classify(after, Classify(by=command.by, at=command.at, classification=emergency), now)]


def source_meant(call: Call, told: Place | None) -> FixSource | None:
    """What the emergency's place was found by, if nobody says it: words were typed; the caller's place was found by
    what its best fix was.
    """
    if told is not None:
        return None if told.coordinates else FixSource.TYPED
    found = best([fix for fix in known_fixes(call) if fix.of is FixOf.CALLER])
    return found.source if found else None
