"""What no longer serves is thrown away: old inbox rows, old idempotent answers, spent stream tickets, events past
their retention.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sigap_common.bus import Bus
from sigap_common.core.clock import Clock
from sigap_common.database import Connection, Database
from sigap_common.messaging.leases import Holding
from sigap_common.messaging.outages import AWAY, wait_out

EVERY_SECONDS = 600.0

log = logging.getLogger(__name__)

Forget = Callable[[Connection, datetime], Awaitable[None]]
"""Deletes what is too old at the given moment."""


class Sweeps:
    """Calls each `forget` every ten minutes, in the replica that holds the lease."""

    def __init__(self, forgets: Sequence[Forget], bus: Bus, database: Database, lease: Holding, clock: Clock) -> None:
        self._forgets, self._bus, self._database = tuple(forgets), bus, database
        self._lease, self._clock = lease, clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                if await self._lease.held():
                    await self.sweep()
            except AWAY as away:
                await wait_out(log, "sweeps wait", away)

    async def sweep(self) -> None:
        """Once, now. Raises Unavailable, LockHeld, BusUnavailable."""
        now = self._clock()
        async with self._database.write() as connection:
            for forget in self._forgets:
                await forget(connection, now)
        await self._bus.prune(now)
