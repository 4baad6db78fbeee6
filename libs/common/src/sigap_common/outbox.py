"""The relay: carries what services said from the outbox to the bus, at least once, in each aggregate's order.

It reads unpublished rows in a short transaction, publishes, and deletes them in another. Nothing is
remembered as "read up to here", so a row that commits late is still found. A row is deleted only when the
bus has it; a crash in between sends it again, under the same event id, and the readers' inboxes drop it.
"""

import asyncio
import logging
from typing import Any

from sqlalchemy import Select, Table, delete, select

from sigap_common.bus import Bus, BusUnavailable
from sigap_common.db import Database, LockHeld, Unavailable
from sigap_common.envelope import Envelope, Message
from sigap_common.leases import Holding
from sigap_common.metrics import Metrics

BATCH = 500
RETRY_SECONDS = 0.5

log = logging.getLogger(__name__)


class Relay:
    """One a service and process; the holder of the lease works. `poll`: seconds between looks when nobody wakes it."""

    def __init__(
        self, database: Database, outbox: Table, bus: Bus, lease: Holding, metrics: Metrics, poll: float
    ) -> None:
        self._database, self._outbox, self._bus = database, outbox, bus
        self._lease, self._metrics, self._poll = lease, metrics, poll
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was committed in this process."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled. A bus or a database that is away is waited for."""
        while True:
            try:
                moved = await self.relay_once() if await self._lease.held() else 0
            except (BusUnavailable, Unavailable, LockHeld) as away:
                log.warning("relay waits", extra={"reason": str(away)})
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if moved < BATCH:
                await self._rest()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), self._poll)
        except TimeoutError:
            return
        finally:
            self._woken.clear()

    async def relay_once(self) -> int:
        """Publishes the oldest rows and deletes them; gives their number. Raises BusUnavailable, Unavailable."""
        self._woken.clear()
        async with self._database.read() as connection:
            rows = (await connection.execute(self._oldest())).all()
        if not rows:
            return 0
        envelopes = [Envelope.from_json(row.envelope) for row in rows]
        await self._bus.publish(
            [Message(r.topic, e.partitionkey, e, r.data.encode()) for r, e in zip(rows, envelopes, strict=True)]
        )
        async with self._database.write() as connection:
            await connection.execute(delete(self._outbox).where(self._outbox.c.id.in_([row.id for row in rows])))
        self._metrics.events_published.inc(len(rows))
        return len(rows)

    def _oldest(self) -> Select[Any]:
        return select(self._outbox).order_by(self._outbox.c.id).limit(BATCH)
