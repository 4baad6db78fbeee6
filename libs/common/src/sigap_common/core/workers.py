"""Threads for work that needs the processor for long, so that the event loop can go on.

A thread that runs Python lets the loop run after 0.5 ms (`TURN_SECONDS` in host.py). A call into C does not, until it
returns. So give a worker only code that works in Python, in many short calls, or C code that releases the interpreter
(hashing, cutting shapes).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from sigap_common.core.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

RETRY_AFTER_SECONDS = 2


class Worker:
    """The threads for one kind of work. All services of a process share them."""

    def __init__(self, name: str, at_once: int, waiting: int) -> None:
        """At most `at_once` pieces of work are done at a time, and at most `waiting` requests queue for that."""
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self._places = BoundedSemaphore(at_once + waiting)

    async def run(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Does the work for a request, and returns its result. Raises what the work raises, and Unavailable (503) if
        the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise Unavailable("overloaded", retry_after=RETRY_AFTER_SECONDS)
        try:
            return await self.run_always(work, *args, **options)
        finally:
            self._places.release()

    async def run_always(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """The same for an event or a job. It always queues, however long the queue is, since nobody would send it
        again.
        """
        return await asyncio.wrap_future(self._threads.submit(copy_context().run, partial(work, *args, **options)))


# The workers of each process. More threads would not be faster: Python runs in one thread at a time, and hashing a
# password takes 64 MiB and four threads.
BODIES = Worker("bodies", at_once=1, waiting=30)
"""Reads large JSON bodies and tables, after the route's guards have let the request in."""
PACKS = Worker("packs", at_once=1, waiting=30)
"""Checks, writes and renders packs, and computes overlaps of zones."""
EVENTS = Worker("events", at_once=1, waiting=30)
"""Reads large events, and applies packs that come by events. It is not PACKS, because a transaction waits for it."""
PASSWORDS = Worker("passwords", at_once=2, waiting=60)
"""Hashes passwords, about 0.1 s each."""
SUMS = Worker("figures", at_once=1, waiting=100)
"""Sums facts."""
PLANS = Worker("plans", at_once=1, waiting=30)
"""Checks duty plans by their rules; a transaction waits for it."""
