"""What happens when something is wanted of a callback, or why it cannot.

What a person decided stands: no rule ends a callback that somebody has claimed, except that the number was answered.
A real emergency is never refused, whatever the callback came to before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, assert_never
from uuid import UUID

from sigap_common.contracts import Event
from sigap_common.contracts.callbacks import (
    CallbackAttempted,
    CallbackCallAdded,
    CallbackContactChanged,
    CallbackExpired,
    CallbackNoted,
    CallbackOpened,
    CallbackOutcome,
    CallbackRanked,
    CallbackReleased,
    CallbackResolved,
    Drop,
    DroppedCall,
)
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.places import Place
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.clock import is_over
from sigap_common.personal_data import Sealed
from sigap_common.regency import CallbackPolicy
from sigap_intake.domain.callback import Callback, CallbackState, evolve
from sigap_intake.domain.callback_claims import (
    GiveBack,
    TakeOn,
    decline_offer,
    give_back,
    offer,
    refuse_claimed,
    refuse_over,
    require_claim,
    stamp,
    take_on,
)
from sigap_intake.domain.callback_rank import Signs, ranked, ranked_again
from sigap_intake.domain.caller_contact import CallerContact
from sigap_intake.domain.commands import DeclineOffer, Offer

NEEDS_A_CLAIM = frozenset({CallbackOutcome.RECOVERED, CallbackOutcome.NO_ANSWER})
"""Outcomes of a call that was made: whoever claims is told whether the number may be called at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DropCall:
    """A call was dropped. `operator`: who had answered it. `place`: where the caller was, if that is known."""

    call: DroppedCall
    policy: CallbackPolicy
    signs: Signs
    number: Sealed | None = None
    caller_hash: str | None = None
    place: Place | None = None
    operator: str | None = None
    contact: CallerContact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankAgain:
    """`others`: callbacks of other numbers in the same place; None: as many as before. `incident_near`: an incident
    opened near it, or for its number.
    """

    policy: CallbackPolicy
    others: int | None = None
    incident_near: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAttempt:
    """`opened_call`: of a real emergency, the call that it becomes."""

    by: str
    outcome: CallbackOutcome
    policy: CallbackPolicy
    text: Sealed | None = None
    opened_call: UUID | None = None
    leads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCallbackNote:
    by: str
    text: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    how: Literal["contact", "classified", "joined", "handed_on"]
    call_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetDue:
    """A claim may have lapsed, or the time to call be over. `drawn`: chance has it in the sample."""

    policy: CallbackPolicy
    drawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TellContact:
    contact: CallerContact


CallbackCommand = (
    DropCall
    | RankAgain
    | TakeOn
    | GiveBack
    | Offer
    | DeclineOffer
    | RecordAttempt
    | WriteCallbackNote
    | Resolve
    | MeetDue
    | TellContact
)


def open_callback(begun: Aggregate, command: DropCall, now: datetime) -> Decision[Callback]:
    """The first dropped call of a number, or of a place without a number; `begun` has its id."""
    contact = command.contact
    told = _dropped(command, now, calls=1, tried=0, place=command.place)
    opened = CallbackOpened(
        **told,
        number=command.number,
        caller_hash=command.caller_hash,
        guarded=contact.guarded if contact else False,
        declined=contact.declined if contact else False,
        contact_note=contact.contact_note if contact else None,
        withheld=contact.withheld if contact else False,
    )
    return Decision(begun, evolve, [opened])


def decide(callback: Callback, command: CallbackCommand, now: datetime) -> Decision[Callback]:
    """What follows from a command; nothing where it was said before. Raises NotAllowed."""
    decision = Decision(callback, evolve)
    for event in _events(callback, command, now):
        decision.emit(event)
    return decision


def _events(callback: Callback, command: CallbackCommand, now: datetime) -> Iterator[Event]:
    match command:
        case DropCall():
            return _drop(callback, command, now)
        case RankAgain():
            return _rank_again(callback, command, now)
        case TakeOn():
            return take_on(callback, command, now)
        case GiveBack():
            return give_back(callback, command, now)
        case Offer():
            return offer(callback, command, now)
        case DeclineOffer():
            return decline_offer(callback, command, now)
        case RecordAttempt():
            return _record_attempt(callback, command, now)
        case WriteCallbackNote():
            return _note(callback, command, now)
        case Resolve():
            return _resolve(callback, command, now)
        case MeetDue():
            return _meet_due(callback, command, now)
        case TellContact():
            return _tell_contact(callback, command, now)
        case _:
            assert_never(command)


def _drop(callback: Callback, command: DropCall, now: datetime) -> Iterator[Event]:
    if command.call in callback.calls:
        return
    known = callback.has_call(command.call.call_id)
    place = command.place or callback.place
    told = _dropped(command, now, calls=callback.call_count + (not known), tried=callback.tried, place=place)
    yield CallbackCallAdded(**told, withheld=callback.withheld)


def _dropped(command: DropCall, now: datetime, *, calls: int, tried: int, place: Place | None) -> dict[str, Any]:
    call, policy = command.call, command.policy
    first = command.operator if call.drop is Drop.CUT_OFF and policy.same_operator_s else None
    return {
        **stamp(now),
        "call": call,
        "place": command.place,
        "ranked": ranked(policy.weights, command.signs, calls=calls, tried=tried, place_known=place is not None),
        "expires_at": now + timedelta(minutes=policy.expire_minutes),
        "first_for": first,
        "first_until": now + timedelta(seconds=policy.same_operator_s) if first else None,
    }


def _rank_again(callback: Callback, command: RankAgain, now: datetime) -> Iterator[Event]:
    again = ranked_again(callback, command.policy.weights, others=command.others, incident_near=command.incident_near)
    if callback.is_work and again != callback.ranked:
        yield CallbackRanked(**stamp(now), ranked=again)


def _record_attempt(callback: Callback, command: RecordAttempt, now: datetime) -> Iterator[Event]:
    if command.outcome is CallbackOutcome.REAL:
        if callback.outcome is not CallbackOutcome.REAL:
            yield _attempt(callback, command, now, ends=True)
        return
    has_claim = callback.claim is not None and callback.claim.by == command.by
    # It may have ended by itself while this person was calling: what the call came to is recorded all the same.
    if not has_claim or callback.state is CallbackState.CALLED_BACK:
        refuse_over(callback)
    if not has_claim and not command.leads:
        refuse_claimed(callback)
    if command.outcome in NEEDS_A_CLAIM:
        require_claim(callback, command.by)
    tried_enough = callback.tried + 1 >= command.policy.attempts and callback.is_work
    yield _attempt(callback, command, now, ends=command.outcome is not CallbackOutcome.NO_ANSWER or tried_enough)


def _attempt(callback: Callback, command: RecordAttempt, now: datetime, *, ends: bool) -> CallbackAttempted:
    tried = int(command.outcome is CallbackOutcome.NO_ANSWER)
    return CallbackAttempted(
        **stamp(now, command.by),
        outcome=command.outcome,
        ends=ends,
        ranked=ranked_again(callback, command.policy.weights, tried=tried),
        text=command.text,
        opened_call=command.opened_call,
    )


def _note(callback: Callback, command: WriteCallbackNote, now: datetime) -> Iterator[Event]:
    latest = callback.notes[-1] if callback.notes else None
    if latest is None or (latest.text, latest.by) != (command.text, command.by):
        yield CallbackNoted(**stamp(now, command.by), text=command.text)


def _resolve(callback: Callback, command: Resolve, now: datetime) -> Iterator[Event]:
    if callback.is_work:
        yield CallbackResolved(**stamp(now), how=command.how, call_id=command.call_id)


def _meet_due(callback: Callback, command: MeetDue, now: datetime) -> Iterator[Event]:
    if not callback.is_work:
        return
    if (claim := callback.claim) is not None:
        if is_over(claim.until, claim.at, now):
            yield CallbackReleased(**stamp(now), reason="lapsed")
        return
    if callback.due_at is None or not is_over(callback.due_at, callback.expiry_set_at, now):
        return
    is_drawn = command.drawn and callback.state is CallbackState.OPEN and may_be_drawn(callback)
    call_by = now + timedelta(minutes=command.policy.sample_minutes) if is_drawn else None
    yield CallbackExpired(**stamp(now), call_by=call_by)


def may_be_drawn(callback: Callback) -> bool:
    """Whether the sample may have it: there is a number, and it may be called."""
    return callback.number is not None and not callback.withheld


def _tell_contact(callback: Callback, command: TellContact, now: datetime) -> Iterator[Event]:
    contact = command.contact
    said = {name: getattr(contact, name) for name in ("guarded", "declined", "contact_note")}
    if all(getattr(callback, name) == value for name, value in said.items()):
        return
    yield CallbackContactChanged(**stamp(now), **said)
    if callback.is_work and callback.claim is not None and contact.withheld and not callback.withheld:
        yield CallbackReleased(**stamp(now), reason="unsafe")
