"""Durable timers: an aggregate's row says when it must be looked at (`due_at`), a watch looks.

Nothing is kept in memory alone: after a crash or an hour away each overdue moment is met once, the earliest
first, because handling it moves `due_at` in the same transaction.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Table, select

from sigap_common.core.clock import Clock
from sigap_common.database import Database, LockHeld, Unavailable
from sigap_common.messaging.leases import Holding
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.messaging.transaction import Begin, Transaction

LOOK_SECONDS = 1.0
AT_ONCE = 200

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Transaction[Any])
OnDue = Callable[[T, UUID], Awaitable[None]]
"""(transaction, aggregate id): must move or clear `due_at`."""


class Timers(Generic[T]):
    """The timers of one table with the columns `id` and `due_at`. The replica that holds the lease works."""

    def __init__(
        self, table: Table, on_due: OnDue[T], database: Database, begin: Begin[T], lease: Holding, clock: Clock
    ) -> None:
        self._table, self._on_due = table, on_due
        self._database, self._begin, self._lease, self._clock = database, begin, lease, clock

    async def run(self) -> None:
        """Until cancelled. A database that is away is waited for."""
        while True:
            try:
                busy = await self._lease.held() and await self.meet_due()
            except AWAY as away:
                await wait_out(log, "timers wait", away)
                continue
            if not busy:
                await asyncio.sleep(LOOK_SECONDS)

    async def meet_due(self) -> bool:
        """Handles what is due now, each in a transaction of its own; True if there was any and all of it went well."""
        due = await self._due(self._clock())
        met = 0
        for aggregate_id in due:
            try:
                async with self._begin(None) as tx:
                    await self._on_due(tx, aggregate_id)
                met += 1
            except (Unavailable, LockHeld):
                raise
            except Exception:
                log.exception("a timer failed", extra={"table": self._table.name, "id": str(aggregate_id)})
        return bool(due) and met == len(due)

    async def _due(self, now: datetime) -> list[UUID]:
        table = self._table
        statement = select(table.c.id).where(table.c.due_at <= now).order_by(table.c.due_at).limit(AT_ONCE)
        async with self._database.read() as connection:
            return list((await connection.execute(statement)).scalars())
