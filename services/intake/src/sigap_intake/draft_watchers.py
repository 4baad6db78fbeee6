"""The screens of this process that look at a call's drafts, so that each gets a new draft at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID


class Watcher:
    """One open stream of drafts."""

    def __init__(self) -> None:
        self.gone = False
        """Whether its client has left."""
        self._called = asyncio.Event()

    def wake(self) -> None:
        self._called.set()

    def leave(self) -> None:
        self.gone = True
        self.wake()

    async def called(self, seconds: float) -> None:
        """Returns when it is woken, or after this time."""
        try:
            async with asyncio.timeout(seconds):
                await self._called.wait()
        except TimeoutError:
            pass
        self._called.clear()


class DraftWatchers:
    """The watchers of one process, by call."""

    def __init__(self) -> None:
        self._of: dict[UUID, set[Watcher]] = {}

    @contextmanager
    def watching(self, call_id: UUID) -> Iterator[Watcher]:
        """A watcher of the call's drafts, for as long as its stream is open."""
        watcher = Watcher()
        self._of.setdefault(call_id, set()).add(watcher)
        try:
            yield watcher
        finally:
            self._of[call_id].discard(watcher)
            if not self._of[call_id]:
                del self._of[call_id]

    def wake(self) -> None:
        """Wakes all of them: the process is about to stop."""
        for watchers in self._of.values():
            for watcher in watchers:
                watcher.wake()

    async def tell(self, call_id: UUID) -> None:
        """Wakes those who look at the call."""
        for watcher in self._of.get(call_id, ()):
            watcher.wake()
