"""Answers that many clients may request at once, such as metrics: they are made once for all who wait."""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import Generic, TypeVar

from sigap_common.core.errors import Unavailable

T = TypeVar("T")

TURNS_A_SECOND = 20
AT_ONCE = 20
"""How many callers need not wait after a pause, because a page requests all its files at once."""
LONGEST_WAIT_SECONDS = 5.0


class Shared(Generic[T]):
    """A value that is made at most once in `pause_seconds`, however many callers ask.

    Callers that ask during the pause wait for the next value, and all of them get the same one. So no caller gets a
    value that was made before it asked, and a caller that asks without pause is slowed down to this pace.
    """

    def __init__(self, make: Callable[[], Awaitable[T]], pause_seconds: float) -> None:
        self._make, self._pause = make, pause_seconds
        self._made_at = -inf
        self._making: asyncio.Task[T] | None = None

    async def get(self) -> T:
        if self._making is None:
            self._making = asyncio.create_task(self._after_pause())
        # Shielded: a caller that is cancelled must not cancel the value for the others.
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
    """Lets at most TURNS_A_SECOND callers through, so that they do not hold up other requests."""

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
