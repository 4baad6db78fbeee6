"""The times that an order or an agency's answer may be given afterwards: one rule for dispatch and the gateway."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sigap_common.core.errors import Fault

OLDEST = timedelta(hours=24)
AHEAD = timedelta(minutes=5)
"""Unless the incident is backfilled, a time more than OLDEST ago is refused; a time more than AHEAD of ours always."""


def time_faults(at: datetime, earliest: datetime, now: datetime, *, backfilled: bool) -> Iterator[Fault]:
    """What is wrong with the time in the field `at`. `earliest`: when that happened which is answered."""
    if at > now + AHEAD:
        yield Fault(("body", "at"), "in_future", {})
    if at < now - OLDEST and not backfilled:
        yield Fault(("body", "at"), "older_than_a_day", {})
    if at < earliest:
        yield Fault(("body", "at"), "before_what_it_answers", {"earliest": earliest})


def counted(at: datetime, now: datetime) -> datetime:
    """The given time, or now if that is earlier: then the giver's clock is ahead, and no later answer follows it."""
    return min(at, now)
