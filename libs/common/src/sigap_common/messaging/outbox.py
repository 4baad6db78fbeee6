"""The relay: takes events from the outbox to the bus, at least once, in the order of each aggregate.

It reads unpublished rows in a short transaction, publishes, and deletes them in another. It stores no position, so a
row that commits late is still found. A row is deleted only when the bus has it. After a crash in between the event is
sent again under the same id, and the readers' inboxes drop it.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, Text, delete, insert, literal_column, select

from sigap_common.bus import Bus
from sigap_common.bus.envelope import Message, headers_of
from sigap_common.database import CompiledStatement, Database, Write, among, execute_batch, named, padded
from sigap_common.database.types import SERIAL
from sigap_common.messaging.audit import AuditTrail
from sigap_common.messaging.leases import Holding
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.observability.metrics import Metrics

SIZES = (1, 4, 16, 64, 500)
BATCH = SIZES[-1]
GATHER_SECONDS, GATHER_BUSY_SECONDS = 0.04, 0.1
"""The shortest time from one round to the next, and the same at a busy time: events that come sooner wait."""
BUSY = 75.0
"""Events a second from which on a service is busy: about 8 emergency calls a second for dispatch, 12 for intake."""
RATE_SECONDS = 2.0
"""The time over which the rate is averaged, so that the ten events of one call make no busy time."""

log = logging.getLogger(__name__)


def outbox_table(metadata: MetaData) -> Table:
    """The events of a service that the bus does not have yet, in the order of their commits."""
    return Table(
        "outbox",
        metadata,
        Column("id", SERIAL, primary_key=True, autoincrement=True),
        Column("topic", String, nullable=False),
        Column("envelope", Text, nullable=False),
        Column("data", Text, nullable=False),
    )


def insertion(outbox: Table) -> CompiledStatement:
    """The statement by which a transaction appends one event."""
    return CompiledStatement(insert(outbox), ["topic", "envelope", "data"])


class Pace:
    """How long the relay waits between two rounds. A round costs the same for ten events as for one, here, at the bus
    and at every reader. So at a busy time more events are sent together; at a quiet time an event waits hardly at all,
    because processor time is left over and somebody looks at a screen.
    """

    def __init__(self) -> None:
        self.rate = 0.0
        """Events a second, as an average in which older ones weigh less."""
        self._round_at = 0.0

    def note(self, began: float, moved: int) -> None:
        """Notes a round: when it began, in seconds of a clock that is never put back, and the events that it moved."""
        seconds = began - self._round_at
        if seconds > 0:
            self.rate += (moved / seconds - self.rate) * min(1.0, seconds / RATE_SECONDS)
        self._round_at = began

    def left(self, now: float) -> float:
        """The seconds until the next round may begin; not positive: it may."""
        gather = GATHER_BUSY_SECONDS if self.rate >= BUSY else GATHER_SECONDS
        return self._round_at + gather - now


class Relay:
    """The relay of one service in one process. Only the holder of the lease works.

    A commit of this process wakes it. It has to look for what other replicas commit: every `poll` seconds if there are
    other replicas, else every `rest` seconds, in case a wake-up was forgotten.
    """

    def __init__(
        self,
        database: Database,
        outbox: Table,
        bus: Bus,
        lease: Holding,
        metrics: Metrics,
        poll: float,
        rest: float,
        audit: AuditTrail | None = None,
    ) -> None:
        """`audit`: seals the entries of timelines whose events it published; None: they are not audited."""
        self._database, self._bus, self._lease, self._metrics = database, bus, lease, metrics
        self._poll, self._rest_seconds, self._audit = poll, rest, audit
        self._oldest = CompiledStatement(select(outbox).order_by(outbox.c.id).limit(literal_column(str(BATCH))))
        self._gone = {size: CompiledStatement(delete(outbox).where(among(outbox.c.id, size))) for size in SIZES}
        self._woken = asyncio.Event()
        self._pace = Pace()

    def wake(self) -> None:
        """Call this after a commit in this process that added events."""
        self._woken.set()

    async def run(self) -> None:
        """Runs until cancelled. If the bus or the database is away, it waits."""
        while True:
            try:
                moved = await self.relay_once() if await self._lease.held() else 0
            except AWAY as away:
                await wait_out(log, "relay waits", away)
                continue
            if moved < BATCH:
                await self._rest()
                await self._gather()

    async def _gather(self) -> None:
        if (left := self._pace.left(asyncio.get_running_loop().time())) > 0:
            await asyncio.sleep(left)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._poll if self._lease.contested else self._rest_seconds):
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            self._woken.clear()

    async def relay_once(self) -> int:
        """Publishes the oldest rows and deletes them. Returns their number. Raises BusUnavailable, Unavailable."""
        self._woken.clear()
        began = asyncio.get_running_loop().time()
        async with self._database.read() as connection:
            rows = await self._oldest.rows(connection, {})
        if not rows:
            return 0
        self._pace.note(began, len(rows))
        await self._bus.publish([_message(row) for row in rows])
        await self._take_out(rows)
        self._metrics.events_published.inc(len(rows))
        return len(rows)

    async def _take_out(self, rows: Sequence[Any]) -> None:
        """Deletes published rows, and seals in the same transaction what they report."""
        deletion = self._deletion([row.id for row in rows])
        if self._audit is not None:
            try:
                async with self._database.write() as connection:
                    sealed = await self._audit.published(connection, rows)
                    await execute_batch(connection, [*(write for write in sealed if write[1]), deletion], is_all=True)
                return
            except AWAY:
                raise
            except Exception:
                # Help comes first: what cannot be sealed must not be published again and again, and hold up the rest.
                # `sigap audit verify` names the entries.
                log.exception("entries of timelines are not sealed")
        async with self._database.write() as connection:
            await execute_batch(connection, [deletion], is_all=True)

    def _deletion(self, ids: Sequence[int]) -> Write:
        wanted = padded(ids, SIZES)
        return self._gone[len(wanted)], [named(wanted)]


def _message(row: Any) -> Message:
    """The message of a row. The envelope is passed on without parsing it."""
    headers = headers_of(row.envelope)
    return Message(row.topic, dict(headers)["ce_partitionkey"].decode(), headers, row.data.encode())
