"""An answered call passes from one operator to another, or is left without one.

A call that is answered never waits in the queue again: its caller is on the line. If the operator's screen falls
silent, if the operator signs off, or never signs on, that is an alarm, and anybody may take the call over.
"""

from datetime import datetime, timedelta

from sigap_common.contracts import Event
from sigap_common.contracts.calls import CallOfferDeclined, CallOffered, CallTakenOver
from sigap_common.core.clock import is_over
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_intake.domain.call import OPERATOR_GONE, Call, CallState
from sigap_intake.domain.call_alarms import cleared, raised
from sigap_intake.domain.commands import DeclineOffer, LoseOperator, Offer, TakeOver
from sigap_intake.domain.moments import moment_of
from sigap_intake.domain.offers import is_new_offer, require_offer

WITHOUT_REASON = timedelta(seconds=20)
"""So long after an operator took a call, another may take it over without a reason: they reached for it together."""


def take_over(call: Call, command: TakeOver, now: datetime) -> list[Event]:
    """Raises NotAllowed if nobody has the call, or another than the command says; Invalid if a reason is missing."""
    if call.answered_by == command.by:
        return []
    if not call.in_hand:
        raise NotAllowed("never-answered", state=call.state)
    if call.answered_by is None:  # only the exchange told of the answer
        raise NotAllowed("without-operator", state=call.state)
    if call.answered_by != command.holder:
        raise answered_by_another(call)
    is_offered = call.offered_to == command.by
    if call.state is not CallState.ANSWERED and not is_offered:
        raise NotAllowed("over-already", state=call.state)
    if command.reason is None and not is_offered and not _is_fresh(call, now):
        raise Invalid(errors=[Fault(("body", "reason"), "take_over_reason", {})])
    taken = CallTakenOver(
        **moment_of(call, command, now),
        before=call.answered_by,
        operator=command.operator,
        reason=command.reason,
        handed_over=is_offered,
    )
    return [taken, *found(call, now)]


def offer(call: Call, command: Offer, now: datetime) -> list[Event]:
    """Also of a call that has ended: what is still to do about it, such as its class, passes with it.

    Raises NotAllowed if the operator does not have the call; Invalid if it is offered to the operator who has it.
    """
    if call.answered_by is None:
        raise NotAllowed("without-operator" if call.in_hand else "never-answered", state=call.state)
    if call.answered_by != command.by:
        raise answered_by_another(call)
    if not is_new_offer(call.offered_to, by=command.by, to=command.to):
        return []
    return [CallOffered(**moment_of(call, command, now), to=command.to)]


def decline_offer(call: Call, command: DeclineOffer, now: datetime) -> list[Event]:
    """Raises NotAllowed if the call is not offered to the operator, or no longer."""
    require_offer(call.offered_to, command.by, call.state)
    return [CallOfferDeclined(**moment_of(call, command, now))]


def answered_by_another(call: Call) -> NotAllowed:
    """The refusal that names the operator who has the call."""
    return NotAllowed(
        "answered-by-another",
        state=call.state,
        answered_by=call.answered_by,
        operator=call.operator.clear if call.operator else call.answered_by,
        answered_at=call.answered_at,
    )


def _is_fresh(call: Call, now: datetime) -> bool:
    taken_at = _taken_at(call)
    return taken_at is not None and now - taken_at <= WITHOUT_REASON


def _taken_at(call: Call) -> datetime | None:
    """When its operator took it. Of a call from before `claimed_at` was kept, the answer counts."""
    return call.claimed_at or call.answered_at


def lose(call: Call, command: LoseOperator, now: datetime) -> list[Event]:
    """Nothing for a call that ended or was taken over in the meantime, or that the operator took a moment ago."""
    has_it = call.state is CallState.ANSWERED and call.answered_by == command.operator
    if not has_it or call.operator_gone or call.backfilled:
        return []
    taken_at = _taken_at(call)
    if taken_at and not is_over(taken_at + command.grace, taken_at, now):
        return []
    return [raised(call, OPERATOR_GONE, now, label=call.answered_by)]


def found(call: Call, now: datetime) -> list[Event]:
    """The call has an operator again, or needs none."""
    return [cleared(call, OPERATOR_GONE, now)] if call.operator_gone else []
