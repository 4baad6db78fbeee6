"""Which requests are served first when there are too many: calls, then help, then lists and figures.

A request that cannot be served in time is refused at once, with 503 and Retry-After, before its body, its token or a
database connection costs anything. Without this every request waits behind every other, and half of the calls are
never closed.

Two numbers show that there is too much to do. *Delay*: the least time that a callback waited for its turn on the event
loop within one second. It grows if this process has more to do than one core can. *In flight*: the number of requests
that the service is serving. It grows if the database or another process on the machine is slow.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from typing import TypeVar

from prometheus_client import Counter

from sigap_common.core.errors import Unavailable

F = TypeVar("F", bound=Callable[..., object])

WINDOW_SECONDS = 1.0
LEAST_PROBES = 3
"""If a window has fewer measurements, the delay counts as none."""
RETRY_AFTER_SECONDS = {0: 5, 1: 2, 2: 1}
"""Seconds by urgency. A list can wait longer than an acknowledgement."""


class Urgency(IntEnum):
    """The urgency of a request. The lowest is refused first."""

    OVERVIEW = 0
    """Lists, figures, reference data: a screen asks for them again by itself."""
    HELP = 1
    """Placing and classifying a call, forwarding, acknowledging, reading one thing."""
    CALLS = 2
    """Receiving, answering and ending calls."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A request is refused if either value is exceeded."""

    delay_seconds: float
    in_flight: int


LIMITS = {
    Urgency.OVERVIEW: Limit(0.1, 100),
    Urgency.HELP: Limit(0.5, 400),
    Urgency.CALLS: Limit(2.0, 2000),
}


def urgency(of: Urgency) -> Callable[[F], F]:
    """Gives a handler an urgency that differs from the default of its method and path."""

    def mark(handler: F) -> F:
        handler.urgency = of  # type: ignore[attr-defined]
        return handler

    return mark


def urgency_of(handler: Callable[..., object], methods: set[str], path: str) -> Urgency:
    """What a handler is marked with; else lists are OVERVIEW, and reading one thing or writing is HELP."""
    marked: Urgency | None = getattr(handler, "urgency", None)
    if marked is not None:
        return marked
    return Urgency.OVERVIEW if methods <= {"GET", "HEAD"} and not path.endswith("}") else Urgency.HELP


@dataclass(slots=True)
class RequestsInFlight:
    """How many requests all services of one process are serving; open streams are not among them."""

    count: int = 0


class Admission:
    """Lets requests of one service in, or refuses them."""

    def __init__(self, refused: Counter, of_process: RequestsInFlight | None = None) -> None:
        """`refused` counts, with the label `urgency`."""
        self._refused = refused
        self._of_process = of_process or RequestsInFlight()
        self._in_flight = 0
        self._delay = 0.0
        self._window_began, self._least, self._probes = 0.0, inf, 0
        self._probing = False

    @contextmanager
    def admitted(self, urgency: Urgency) -> Iterator[None]:
        """The block in which a request is served. Raises Unavailable (503) if it is refused."""
        limit = LIMITS[urgency]
        if self._delayed() > limit.delay_seconds or self._in_flight >= limit.in_flight:
            self._refused.labels(urgency.name.lower()).inc()
            raise Unavailable("overloaded", retry_after=RETRY_AFTER_SECONDS[urgency])
        self._in_flight += 1
        self._of_process.count += 1
        try:
            yield
        finally:
            self._in_flight -= 1
            self._of_process.count -= 1

    def _delayed(self) -> float:
        """The present delay in seconds. Starts the next measurement; only requests do so, so an idle process does
        nothing.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        if not self._probing:
            self._probing = True
            loop.call_soon(self._probed, now)
        # An old measurement does not count: otherwise the first request after a busy time would be refused.
        return self._delay if now - self._window_began < 2 * WINDOW_SECONDS else 0.0

    def _probed(self, began: float) -> None:
        now = asyncio.get_running_loop().time()
        self._probing, self._probes = False, self._probes + 1
        self._least = min(self._least, now - began)
        if now - self._window_began >= WINDOW_SECONDS:
            # The least delay of a whole window, as in CoDel (RFC 8289). One long piece of work, such as checking a
            # pack, does not count as too much; it does if every callback of a second was late.
            self._delay = self._least if self._probes >= LEAST_PROBES else 0.0
            self._window_began, self._least, self._probes = now, inf, 0
