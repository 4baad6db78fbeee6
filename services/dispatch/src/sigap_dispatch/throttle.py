"""Slowing down who guesses passwords. In memory, so each replica counts for itself."""

from collections import OrderedDict
from datetime import datetime, timedelta
from math import ceil

from sigap_common.core.clock import Clock

FAILURES = 5
"""So many in a row are free."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
REMEMBERED = 10_000

Who = tuple[str, str]
"""User name and address: one who guesses from elsewhere does not lock the owner out."""


class Throttle:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[Who, tuple[int, datetime]] = OrderedDict()

    def wait_seconds(self, who: Who) -> int:
        """How long `who` must wait before the next try; 0: not at all."""
        count, last = self._failures.get(who, (0, self._clock()))
        if count < FAILURES:
            return 0
        wait: timedelta = min(FIRST_WAIT * 2 ** min(count - FAILURES, 10), LONGEST_WAIT)
        return max(0, ceil((last + wait - self._clock()).total_seconds()))

    def failed(self, who: Who) -> None:
        count, _ = self._failures.pop(who, (0, None))
        self._failures[who] = (count + 1, self._clock())
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, who: Who) -> None:
        self._failures.pop(who, None)
