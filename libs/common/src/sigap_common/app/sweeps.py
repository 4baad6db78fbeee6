"""The sweeps of a running service: its due jobs, the bus's old events, and the opened events that streams keep in
memory.
"""

import asyncio
import logging

from sqlalchemy import text

from sigap_common.bus import Bus
from sigap_common.core.clock import Clock
from sigap_common.database import Database
from sigap_common.http.streams import LiveStream
from sigap_common.messaging.jobs import EVERY, Jobs
from sigap_common.messaging.leases import Holding
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.retention import SHORTEST

LOOK_SECONDS = 60.0
"""Seconds between two checks for due jobs."""

log = logging.getLogger(__name__)


class Sweeps:
    """Starts due sweeps, once a minute. Only the replica that holds the lease works on the tables."""

    def __init__(
        self, jobs: Jobs, bus: Bus, database: Database, stream: LiveStream, lease: Holding, clock: Clock
    ) -> None:
        self._jobs, self._bus, self._database, self._stream = jobs, bus, database, stream
        self._lease, self._clock = lease, clock
        self._pruned_at = clock()

    async def run(self) -> None:
        """Runs until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except AWAY as away:
                await wait_out(log, "sweeps wait", away)

    async def look(self) -> None:
        """One check. Each replica forgets what its streams hold opened; the one that holds the lease also runs the due
        sweeps.

        Raises Unavailable, LockHeld, BusUnavailable.
        """
        self._stream.forget_opened(self._clock() - SHORTEST)
        if await self._lease.held():
            await self.sweep()

    async def sweep(self) -> None:
        """Runs the due sweeps. Raises Unavailable, LockHeld, BusUnavailable."""
        now = self._clock()
        if await self._jobs.run_due() and self._database.is_sqlite:
            await self._empty_wal()
        # A clock that was put back must not stop the pruning until it has caught up.
        if not self._pruned_at <= now < self._pruned_at + EVERY:
            self._pruned_at = now
            await self._bus.prune(now)

    async def _empty_wal(self) -> None:
        """Empties SQLite's write-ahead log, because it still holds pages with the erased values. If a reader prevents
        that, the next sweep that changes something does it.
        """
        async with self._database.read() as connection:
            await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
