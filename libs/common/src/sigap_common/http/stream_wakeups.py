"""Wakes the listeners of live streams, a few at a time, so that a crowd of them does not hold up requests.

Writing to one listener takes tens of microseconds, so writing to 2,000 takes as long as many requests. Between two
groups the event loop does its other work. While a request is being served, a pause follows each group, so streams get
at most a sixth of the processor. Events that come in the meantime are written together with those that wait.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from time import perf_counter
from typing import Protocol

from sigap_common.http.admission import RequestsInFlight

WOKEN_AT_ONCE = 25
LOOKED_AT_ONCE = 200
"""How many listeners are checked in one group. Most are not woken, because they may not see the event."""
PAUSE = 5
"""The pause is this many times as long as the group took."""
BEGIN_AFTER_SECONDS = 0.005
"""So the answer to the request that made the event leaves first, and events that follow at once are written together
with it.
"""


class Sleeper(Protocol):
    """What Wakeups needs of a listener. Only Wakeups uses `queued`."""

    queued: bool

    def is_owed(self) -> bool: ...
    def wake(self) -> None: ...


class Wakeups:
    """The listeners of one process that may have to be woken, in the order in which they were added."""

    def __init__(self, requests: RequestsInFlight) -> None:
        self._requests = requests
        self._queue: deque[Sleeper] = deque()
        self._running = False
        self._began = 0.0

    def add(self, sleepers: Iterable[Sleeper]) -> None:
        """Soon checks each of them, and wakes those that have something to send."""
        for sleeper in sleepers:
            if not sleeper.queued:
                sleeper.queued = True
                self._queue.append(sleeper)
        if self._queue and not self._running:
            self._running = True
            asyncio.get_running_loop().call_later(BEGIN_AFTER_SECONDS, self._next_group)

    def _next_group(self) -> None:
        loop, woken, looked, began = asyncio.get_running_loop(), 0, 0, perf_counter()
        # `call_soon` keeps its order: these two callbacks run right before and right after the woken listeners.
        loop.call_soon(self._group_begins)
        while self._queue and woken < WOKEN_AT_ONCE and looked < LOOKED_AT_ONCE:
            sleeper = self._queue.popleft()
            sleeper.queued = False
            looked += 1
            if sleeper.is_owed():
                sleeper.wake()
                woken += 1
        loop.call_soon(self._group_ended, perf_counter() - began)

    def _group_begins(self) -> None:
        self._began = perf_counter()

    def _group_ended(self, looking: float) -> None:
        loop, took = asyncio.get_running_loop(), looking + perf_counter() - self._began
        if not self._queue:
            self._running = False
        elif self._requests.count:
            loop.call_later(PAUSE * took, self._next_group)
        else:
            loop.call_soon(self._next_group)
