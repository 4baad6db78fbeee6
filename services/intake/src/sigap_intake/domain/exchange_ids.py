"""Whether an exchange's id that was seen before names the same call again.

Exchanges use ids again: a counter starts from 1 after a restart, a second exchange counts like the first. If another
caller were given the call that exists, nobody would answer him; if a call told twice became two, it would ring twice.
"""

from datetime import datetime, timedelta

from sigap_intake.domain.call import Call
from sigap_intake.domain.commands import Receive

AFTER_ITS_END = timedelta(hours=1)
"""So long an ended call may be told of again without a time."""
LONGEST_CALL = timedelta(hours=24)
"""So long after its last step a call goes on, if nobody said that it ended: the exchange's message may be lost."""
MOMENTS_APART = timedelta(minutes=5)
"""Of one call told twice; an exchange's clock may be that far ahead, too."""


def is_told_again(call: Call, command: Receive, *, drill: bool, now: datetime) -> bool:
    """Whether the command, which has the call's exchange_id, tells of that call."""
    if call.drill != drill or _contradict(call, command):
        return False
    if command.at is not None:
        return abs(command.at - call.received_at) <= MOMENTS_APART
    return not call.backfilled and now <= _last_moment(call)


def _contradict(call: Call, command: Receive) -> bool:
    """Whether the two have different numbers. One without a number may be either."""
    if call.number is None or command.number is None:
        return False
    if call.caller_hash and command.caller_hash:
        return call.caller_hash != command.caller_hash
    return call.number != command.number


def _last_moment(call: Call) -> datetime:
    return call.ended_at + AFTER_ITS_END if call.ended_at else call.last_at + LONGEST_CALL
