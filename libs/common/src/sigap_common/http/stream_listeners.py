"""A listener: one open stream, with its token, how far it has read, and its wake-ups."""

import asyncio
from collections.abc import Mapping

from sigap_common.auth import Access
from sigap_common.core.clock import Clock
from sigap_common.http.stream_ring import Ring, is_news
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy

FEW = 20
"""The most entries that are checked for a listener before it is woken. If there are more, it is woken and checks them
itself.
"""
BATCH_ENTRIES = 50
BATCH_BYTES = 64 * 1024
"""The most that is written at once. The rest waits in the ring, which all listeners share."""
LONGEST_TIMER_SECONDS = 3600.0


class Listener:
    """A listener keeps no messages: it reads the ring at `cursor`. So a client that does not read costs no memory."""

    def __init__(self, ring: Ring, access: Access, policy: Policy, clock: Clock) -> None:
        self._ring, self.access, self.policy, self._clock = ring, access, policy, clock
        self.queued = False
        self.gone = False
        """Whether its client has left."""
        self.reading_since: Mapping[int, int] | None = None
        """The positions from which on it is shown entries; None: it has not begun to read."""
        self.cursor = 0
        self._called = self._heartbeat_due = False
        self._waiting: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._watch_expiry()

    @property
    def expired(self) -> bool:
        return self._seconds_left() <= 0

    def wake(self) -> None:
        self._called = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def beat(self) -> None:
        """Marks that a heartbeat is due. It does not wake the listener."""
        self._heartbeat_due = True

    def leave(self) -> None:
        """Marks that the client has left, and wakes the listener."""
        self.gone = True
        self.wake()

    def end(self) -> None:
        """Cancels the timer, at the end of the stream."""
        if self._timer is not None:
            self._timer.cancel()

    def takes_heartbeat(self) -> bool:
        """Whether a heartbeat is due. It is due once."""
        due, self._heartbeat_due = self._heartbeat_due, False
        return due

    async def called(self) -> None:
        """Returns as soon as it has been woken."""
        if not self._called:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        self._called = False

    def is_owed(self) -> bool:
        """Whether there is a reason to wake it. Passes over entries that it is not shown."""
        since = self.reading_since
        if since is None or self._heartbeat_due or not 0 <= self._ring.next - self.cursor <= FEW:
            return True
        while self.cursor < self._ring.next:
            entry = self._ring.entry(self.cursor) if self.cursor >= self._ring.first else None
            if entry is None:
                return True
            if is_news(entry, since) and self._ring.is_seen(entry, self.access, self.policy, self._clock()):
                return True
            self.cursor += 1
        return False

    def batch(self) -> tuple[bytes, list[ReceivedEvent]]:
        """The next frames that it is shown, and their events. Not all of them, if there are many."""
        now = self._clock()
        frames, events, size, looked = list[bytes](), list[ReceivedEvent](), 0, 0
        while self.cursor < self._ring.next and looked < BATCH_ENTRIES and size < BATCH_BYTES:
            entry = self._ring.entry(self.cursor)
            self.cursor += 1
            if not is_news(entry, self.reading_since or {}):
                continue
            looked += 1
            if (shown := self._ring.shown(entry, self.access, self.policy, now)) is not None:
                frames.append(shown[0])
                events.append(shown[1])
                size += len(shown[0])
        return b"".join(frames), events

    def _seconds_left(self) -> float:
        return (self.access.expires_at - self._clock()).total_seconds()

    def _watch_expiry(self) -> None:
        left = self._seconds_left()
        if left <= 0:
            self.wake()
        else:
            # The clock may be put forward or back while the timer runs.
            seconds = min(left, LONGEST_TIMER_SECONDS)
            self._timer = asyncio.get_running_loop().call_later(seconds, self._watch_expiry)
