"""Slowing down who guesses passwords. In memory, so each replica counts for itself.

Waits are measured by a clock that never goes back: else, after the wall clock was put back an hour, a wait of 30 s
would last an hour.
"""

from collections import OrderedDict
from math import ceil

from sigap_common.core.clock import Elapsed

FAILURES = 5
"""So many in a row are free."""
FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 15 * 60
REMEMBERED = 10_000

Who = tuple[str, str]
"""User name and address: one who guesses from elsewhere does not lock the owner out."""


class Throttle:
    def __init__(self, elapsed: Elapsed) -> None:
        self._elapsed = elapsed
        self._failures: OrderedDict[Who, tuple[int, float]] = OrderedDict()

    def wait_seconds(self, who: Who) -> int:
        """How long `who` must wait before the next try; 0: not at all."""
        count, last = self._failures.get(who, (0, self._elapsed()))
        if count < FAILURES:
            return 0
        wait: int = min(FIRST_WAIT_SECONDS * 2 ** min(count - FAILURES, 10), LONGEST_WAIT_SECONDS)
        return max(0, ceil(last + wait - self._elapsed()))

    def failed(self, who: Who) -> None:
        count, _ = self._failures.pop(who, (0, None))
        self._failures[who] = (count + 1, self._elapsed())
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, who: Who) -> None:
        self._failures.pop(who, None)
