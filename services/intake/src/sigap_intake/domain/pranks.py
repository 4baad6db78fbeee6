"""The prank score of a number, and its consequences: a place in the queue, a proposal to block. Pure.

The score of a number is the sum over its classified calls of `weight * 0.5 ** (age / half-life)`, at least 0. A prank
weighs +1, an emergency -2, a non-emergency report and a request for information -1, every other class 0: a line that
breaks or a child that says nothing is no prank. The pack names the half-life. All calls lose weight alike, so a score
that was computed once is halved with time and needs no call to be looked at again.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sigap_common.contracts.blocks import BlockRule, PrankCall
from sigap_common.contracts.calls import CallClass
from sigap_common.regency import BlockingPolicy
from sigap_common.regency.parts.blocking import LONGEST_BLOCK_HOURS, SHORTEST_BLOCK_HOURS

WEIGHTS = {
    CallClass.PRANK: 1.0,
    CallClass.EMERGENCY: -2.0,
    CallClass.NON_EMERGENCY: -1.0,
    CallClass.INFORMATION: -1.0,
}
GENUINE = frozenset({CallClass.EMERGENCY, CallClass.NON_EMERGENCY, CallClass.INFORMATION})
"""The classes of calls by which somebody needed 112."""
FAINT = 0.25
"""A score below it is forgotten. One prank is so faint after two half-lives."""


@dataclass(frozen=True, slots=True)
class ClassifiedCall:
    """`at` is when the call arrived."""

    id: UUID
    at: datetime
    call_class: CallClass


@dataclass(frozen=True, slots=True)
class Considered:
    """Earlier decisions about a number: pranks that led to a block, and the last time at which a person said no."""

    facts: frozenset[UUID] = frozenset()
    refused_at: datetime | None = None


def score(history: Iterable[ClassifiedCall], policy: BlockingPolicy, now: datetime) -> float:
    """The number's score at `now`."""
    weighed = (WEIGHTS.get(call.call_class, 0.0) * _faded(now - call.at, policy) for call in history)
    return max(0.0, math.fsum(weighed))


def decayed(known: float, since: datetime, policy: BlockingPolicy, now: datetime) -> float:
    """The score now, if it was `known` at `since` and no call was classified in between."""
    return known * _faded(now - since, policy)


def lowered_by(current: float, policy: BlockingPolicy) -> int:
    """Seconds by which a call of a number with this score is lowered in the queue: none below half of the pranks that
    propose a block, and from there in proportion up to the pack's most.
    """
    if current < _threshold(policy):
        return 0
    return int(policy.lowered_by_s * min(1.0, current / policy.pranks))


def lowers_until(current: float, policy: BlockingPolicy, now: datetime) -> datetime | None:
    """Until when a score lowers calls in the queue; None: it does not."""
    if current < _threshold(policy) or not policy.lowered_by_s:
        return None
    return _when(current, _threshold(policy), policy, now)


def faint_at(current: float, policy: BlockingPolicy, now: datetime) -> datetime:
    """When the score is forgotten."""
    return _when(current, FAINT, policy, now) if current > FAINT else now


def facts(
    history: Sequence[ClassifiedCall], policy: BlockingPolicy, known: Considered, now: datetime
) -> tuple[PrankCall, ...]:
    """The pranks for which the rule proposes a block, the oldest first; none if it does not.

    A prank counts once: not if it led to a block before, and not if it came before a person refused or lifted one.
    """
    since = now - timedelta(days=policy.within_days)
    counted = [call for call in history if call.call_class is CallClass.PRANK and call.at >= since]
    new = [call for call in counted if call.id not in known.facts and not _said_no(known, call)]
    if len(new) < policy.pranks or score(history, policy, now) < _threshold(policy):
        return ()
    return tuple(PrankCall(call_id=call.id, at=call.at) for call in sorted(new, key=lambda call: (call.at, call.id)))


def rule_of(policy: BlockingPolicy) -> BlockRule:
    """The policy as a block keeps it. A pack of an older version may have other hours than a block may last."""
    hours = min(max(policy.hours, SHORTEST_BLOCK_HOURS), LONGEST_BLOCK_HOURS)
    return BlockRule(pranks=policy.pranks, within_days=policy.within_days, hours=hours, approval=policy.approval)


def _said_no(known: Considered, call: ClassifiedCall) -> bool:
    return known.refused_at is not None and call.at <= known.refused_at


def _threshold(policy: BlockingPolicy) -> float:
    return policy.pranks / 2


def _faded(age: timedelta, policy: BlockingPolicy) -> float:
    """Not more than 1: a call that is ahead of our clock weighs as one of this moment."""
    return math.pow(0.5, max(age, timedelta()) / timedelta(days=policy.half_life_days))


def _when(current: float, falls_to: float, policy: BlockingPolicy, now: datetime) -> datetime:
    return now + timedelta(days=policy.half_life_days) * math.log2(current / falls_to)
