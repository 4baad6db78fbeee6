"""Decides whether a known id of an exchange names the same call again.

Exchanges use ids again: a counter starts from 1 after a restart, or a second exchange counts like the first. If a new
caller got the call that exists, nobody would answer the new caller. If a call that is reported twice became two calls,
operators would see it twice.
"""

from datetime import datetime, timedelta

from sigap_intake.domain.call import Call
from sigap_intake.domain.commands import Receive, Tell

AFTER_ITS_END = timedelta(hours=1)
"""So long after its end a call may be reported again without a time."""
LONGEST_CALL = timedelta(hours=24)
"""If nobody reported the end of a call, it counts as over so long after its last step: the message may be lost."""
MOMENTS_APART = timedelta(minutes=5)
"""Two reports of one arrival are at most so far apart. An exchange's clock may be so far ahead as well."""


def is_told_again(call: Call, command: Receive, *, drill: bool, now: datetime) -> bool:
    """Whether the command, which has the call's exchange_id, reports that same call."""
    if call.drill != drill or is_another_caller(call, command):
        return False
    if command.at is not None:
        return abs(command.at - call.received_at) <= MOMENTS_APART
    return not call.backfilled and now <= _last_moment(call)


def is_another_caller(call: Call, told: Receive | Tell) -> bool:
    """Whether the two have different numbers, or both have none and different IMEIs. If one has no number, they do not
    contradict.
    """
    if (call.number is None) != (told.number is None):
        return False
    if call.caller_hash and told.caller_hash:
        return call.caller_hash != told.caller_hash
    return call.number != told.number


def _last_moment(call: Call) -> datetime:
    return call.ended_at + AFTER_ITS_END if call.ended_at else call.last_at + LONGEST_CALL
