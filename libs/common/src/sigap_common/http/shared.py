"""What many may ask for at once, and what would cost as many times as much if each of them had it made anew."""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import Generic, TypeVar

from sigap_common.core.errors import Unavailable

T = TypeVar("T")

TURNS_A_SECOND = 20
AT_ONCE = 20
"""So many need not wait, if nobody asked before: a page asks for its files at once."""
LONGEST_WAIT_SECONDS = 5.0


class Shared(Generic[T]):
    """Something that is made at most once in `pause_seconds`, however many ask.

    Who asks in the pause waits for the next making, and all of them get the same. So nobody gets what was made
    before they asked, and who asks without pause is slowed down to the pace of the makings.
    """

    def __init__(self, make: Callable[[], Awaitable[T]], pause_seconds: float) -> None:
        self._make, self._pause = make, pause_seconds
        self._made_at = -inf
        self._making: asyncio.Task[T] | None = None

    async def get(self) -> T:
        if self._making is None:
            self._making = asyncio.create_task(self._after_pause())
        # Shielded: who goes away ends its own waiting, and not what the others wait for.
        return await asyncio.shield(self._making)

    async def _after_pause(self) -> T:
        now = asyncio.get_running_loop().time
        try:
            await asyncio.sleep(max(0.0, self._made_at + self._pause - now()))
            return await self._make()
        finally:
            self._made_at = now()
            self._making = None


class Turns:
    """Lets through so many in a second that they hold up nobody who asks for something else."""

    def __init__(self) -> None:
        self._next = -inf

    async def take(self) -> None:
        """Waits for a turn. Raises Unavailable if that would take too long."""
        now = asyncio.get_running_loop().time()
        turn = max(self._next, now - AT_ONCE / TURNS_A_SECOND) + 1 / TURNS_A_SECOND
        if turn > now + LONGEST_WAIT_SECONDS:
            raise Unavailable(retry_after=int(LONGEST_WAIT_SECONDS))
        self._next = turn
        if turn > now:
            await asyncio.sleep(turn - now)
