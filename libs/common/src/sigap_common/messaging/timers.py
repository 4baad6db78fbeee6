"""Durable timers: an aggregate's row has the time of its next deadline (`due_at`), and a watch looks for rows that are
due.

Nothing is kept in memory alone. After a crash, or an hour without the service, each overdue deadline is handled once,
the earliest first, because the handler moves `due_at` in the same transaction.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, Table, select

from sigap_common.core.clock import CLOCKS_AGREE_WITHIN, Clock, PutBack
from sigap_common.database import Database, LockHeld, Unavailable
from sigap_common.messaging.leases import Holding
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.transaction import Begin, Transaction

LOOK_SECONDS = 1.0
AT_ONCE = 200

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Transaction[Any])
OnDue = Callable[[T, UUID], Awaitable[None]]
"""Called with (transaction, aggregate id). If the deadline is over by `clock.is_over`, it must move or clear `due_at`;
otherwise it must do nothing.
"""


class Timers(Generic[T]):
    """The timers of one table, which has the columns `id` and `due_at`. Only the replica that holds the lease works.

    `shortest`: the shortest time for which a deadline of the table is set.
    """

    def __init__(
        self,
        table: Table,
        on_due: OnDue[T],
        shortest: timedelta,
        database: Database,
        begin: Begin[T],
        lease: Holding,
        clock: Clock,
    ) -> None:
        self._table, self._on_due, self._shortest = table, on_due, shortest
        self._database, self._begin, self._lease, self._clock = database, begin, lease, clock
        self._put_back = PutBack()

    async def run(self) -> None:
        """Runs until cancelled. If the database is away, it waits."""
        while True:
            try:
                busy = await self._lease.held() and await self._look()
            except AWAY as away:
                await wait_out(log, "timers wait", away)
                continue
            if not busy:
                await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> bool:
        now = self._clock()
        if self._put_back.needs_repair(now):
            await self.meet_put_back()
            self._put_back.repaired(now)
        return await self.meet_due()

    async def meet_put_back(self) -> None:
        """Calls the handler for all deadlines that a clock ahead may have set. The domain decides which are over.

        Such a deadline is further away than `shortest`. A right one that is long may be found too, which only costs a
        check.
        """
        table = self._table
        ahead = table.c.due_at > self._clock() + self._shortest + CLOCKS_AGREE_WITHIN
        await self._meet(await self._ids(select(table.c.id).where(ahead)))

    async def meet_due(self) -> bool:
        """Handles the due deadlines, each in a transaction of its own. Returns True if there were any
        and none failed.
        """
        due_at = self._table.c.due_at
        is_due = select(self._table.c.id).where(due_at <= self._clock()).order_by(due_at).limit(AT_ONCE)
        due = await self._ids(is_due)
        return bool(due) and await self._meet(due) == len(due)

    async def _meet(self, which: Sequence[UUID]) -> int:
        """Handles the deadlines of these aggregates. Returns how many succeeded."""
        met = 0
        for aggregate_id in which:
            try:
                async with self._begin(None) as tx:
                    await self._on_due(tx, aggregate_id)
                met += 1
            except (Unavailable, LockHeld):
                raise
            except Exception:
                log.exception("a timer failed", extra={"table": self._table.name, "id": str(aggregate_id)})
        return met

    async def _ids(self, statement: Select[Any]) -> list[UUID]:
        async with self._database.read() as connection:
            return list((await connection.execute(statement)).scalars())
