"""Threads for work that takes the processor for long, so that the event loop goes on meanwhile.

A thread that runs Python gives the loop its turn every 5 ms (`sys.getswitchinterval`). One call into C gives none
before it returns: what is handed to a worker does its work in Python, in many short calls, or in C code that releases
the interpreter (hashing, cutting shapes).
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
    """Does one kind of work, in threads of its own. One a process, whichever service asks."""

    def __init__(self, name: str, at_once: int, waiting: int) -> None:
        """At most `at_once` pieces of work are done at a time, and at most `waiting` requests queue for that."""
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self._places = BoundedSemaphore(at_once + waiting)

    async def run(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """What the work gives, for a request. Raises what the work raises, Unavailable (503) if the queue is full."""
        if not self._places.acquire(blocking=False):
            raise Unavailable("overloaded", retry_after=RETRY_AFTER_SECONDS)
        try:
            return await self.run_always(work, *args, **options)
        finally:
            self._places.release()

    async def run_always(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """The same for an event or a job, which nobody can send again later: it queues however many others do."""
        return await asyncio.wrap_future(self._threads.submit(copy_context().run, partial(work, *args, **options)))


# How much at once, in each process. More at a time would not be done sooner: Python runs in one thread at a time, and
# hashing a password takes 64 MiB and four threads.
BODIES = Worker("bodies", at_once=1, waiting=30)
"""Reads large JSON bodies and tables of those whom a route's guards let in."""
PACKS = Worker("packs", at_once=1, waiting=30)
"""Checks, writes and shows packs; cuts zones."""
EVENTS = Worker("events", at_once=1, waiting=30)
"""Reads large events, and takes packs in. Apart from PACKS, because a transaction waits for it."""
PASSWORDS = Worker("passwords", at_once=2, waiting=60)
"""Hashes them: some 0.1 s each."""
SUMS = Worker("figures", at_once=1, waiting=100)
"""Sums facts."""
PLANS = Worker("plans", at_once=1, waiting=30)
"""Checks duty plans by their rules; a transaction waits for it."""
