"""Durable timers: an aggregate's row has the time of its next deadline (`due_at`), and a watch looks for rows that are
due.

Nothing is kept in memory alone. After a crash, or an hour without the service, each overdue deadline is handled once,
because the handler moves `due_at` in the same transaction: the most urgent first, then the earliest.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Column, Select, Table, select

from sigap_common.core.clock import CLOCKS_AGREE_WITHIN, Clock, Elapsed, PutBack, elapsed_seconds
from sigap_common.database import Database, LockHeld, Unavailable
from sigap_common.messaging.leases import Holding
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.transaction import Begin, Transaction

LOOK_SECONDS = 1.0
AT_ONCE = 500
"""The most rows that one look finds."""
RETRY_SECONDS = 30.0
"""How long a row is left alone after its handler failed, so that it does not keep the others from being handled."""

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Transaction[Any])
OnDue = Callable[[T, UUID], Awaitable[None]]
"""Called with (transaction, aggregate id). If the deadline is over by `clock.is_over`, it must move or clear `due_at`;
otherwise it must do nothing.
"""
OnDueTogether = Callable[[T, Sequence[UUID]], Awaitable[None]]
"""The same for several aggregates in one transaction, in the order in which they are given."""


def one_by_one(on_due: OnDue[T]) -> OnDueTogether[T]:
    """A handler of several aggregates from that of one."""

    async def together(tx: T, which: Sequence[UUID]) -> None:
        for aggregate_id in which:
            await on_due(tx, aggregate_id)

    return together


class Timers(Generic[T]):
    """The timers of one table, which has the columns `id` and `due_at`. Only the replica that holds the lease works.

    `shortest`: the shortest time for which a deadline of the table is set. `at_a_time`: how many rows are handled in
    one transaction, at most LARGEST. `urgency`: the column by which overdue rows are handled, the lowest value first.
    """

    def __init__(
        self,
        table: Table,
        on_due: OnDueTogether[T],
        shortest: timedelta,
        database: Database,
        begin: Begin[T],
        lease: Holding,
        clock: Clock,
        at_a_time: int = 1,
        urgency: Column[Any] | None = None,
        elapsed: Elapsed = elapsed_seconds,
    ) -> None:
        self._table, self._on_due, self._shortest = table, on_due, shortest
        self._database, self._begin, self._lease, self._clock = database, begin, lease, clock
        self._put_back = PutBack()
        self._at_a_time, self._elapsed = at_a_time, elapsed
        self._order = [column for column in (urgency, table.c.due_at) if column is not None]
        self._left_alone: dict[UUID, float] = {}  # after a failure, until when

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
        """Handles the due deadlines. Returns True if any was handled, so that there may be more."""
        self._left_alone = {one: until for one, until in self._left_alone.items() if until > self._elapsed()}
        is_due = (
            select(self._table.c.id)
            .where(self._table.c.due_at <= self._clock(), self._table.c.id.not_in(list(self._left_alone)))
            .order_by(*self._order)
            .limit(AT_ONCE)
        )
        return await self._meet(await self._ids(is_due)) > 0

    async def _meet(self, which: Sequence[UUID]) -> int:
        """Handles the deadlines of these aggregates. Returns how many succeeded."""
        parts = [which[first : first + self._at_a_time] for first in range(0, len(which), self._at_a_time)]
        return sum([await self._meet_together(part) for part in parts])

    async def _meet_together(self, which: Sequence[UUID]) -> int:
        """Handles these in one transaction. If one of them fails, each gets a transaction of its own, so that only the
        failed one is left alone. Returns how many succeeded.
        """
        try:
            async with self._begin(None) as tx:
                await self._on_due(tx, which)
        except (Unavailable, LockHeld):
            raise
        except Exception:
            if len(which) > 1:
                return sum([await self._meet_together([one]) for one in which])
            log.exception("a timer failed", extra={"table": self._table.name, "id": str(which[0])})
            self._left_alone[which[0]] = self._elapsed() + RETRY_SECONDS
            return 0
        return len(which)

    async def _ids(self, statement: Select[Any]) -> list[UUID]:
        async with self._database.read() as connection:
            return list((await connection.execute(statement)).scalars())
