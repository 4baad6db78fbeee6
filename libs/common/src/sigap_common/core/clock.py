"""The clock, which is passed as a value so that a test can set it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present moment, aware, in UTC."""
Elapsed = Callable[[], float]
"""Gives seconds from an arbitrary start. It never goes back, so it measures every wait inside one process."""

CLOCKS_AGREE_WITHIN = timedelta(seconds=5)
"""Two clocks that differ by less count as equal. A stored moment that is further ahead than this counts as wrong."""


def system_clock() -> datetime:
    return datetime.now(UTC)


elapsed_seconds: Elapsed = time.monotonic


def after(known: datetime | None, now: datetime) -> datetime:
    """`now`, or the instant after `known` if that is later. An answer to something known must have a later time, even
    if two hosts' clocks differ.
    """
    return now if known is None else max(now, known + timedelta(microseconds=1))


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Whether `moment`, which was the present when it was stored, lies ahead of `now`.

    Then the clock was put back since, or the moment was stored by a host whose clock is ahead.
    """
    return moment > now + CLOCKS_AGREE_WITHIN


def is_over(deadline: datetime, set_at: datetime, now: datetime) -> bool:
    """Whether the time until `deadline` is over. `set_at`: when the deadline was set.

    If `set_at` is ahead of `now`, nobody can know how much of the time has passed. The deadline is over then: an
    alarm too early costs a look, an alarm an hour too late may cost a life.
    """
    return deadline <= now or is_ahead(set_at, now)


class PutBack:
    """Watches for a clock that was put back, so that a worker can repair the moments that it has stored.

    It also asks for a repair at the start: the clock may have been put back while the process did not run.
    """

    def __init__(self) -> None:
        self._latest: datetime | None = None

    def needs_repair(self, now: datetime) -> bool:
        """True until `repaired` is called, so that a repair that failed is tried again."""
        if self._latest is None or is_ahead(self._latest, now):
            return True
        self._latest = max(self._latest, now)
        return False

    def repaired(self, now: datetime) -> None:
        self._latest = now
