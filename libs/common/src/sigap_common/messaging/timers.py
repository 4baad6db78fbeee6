"""Durable timers: an aggregate's row says when it must be looked at (`due_at`), a watch looks.

Nothing is kept in memory alone: after a crash or an hour away each overdue moment is met once, the earliest
first, because handling it moves `due_at` in the same transaction.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Table, select

from sigap_common.database import LockHeld, Unavailable
from sigap_common.messaging.outages import AWAY, wait_out

if TYPE_CHECKING:
    from sigap_common.app.runtime import Runtime

LOOK_SECONDS = 1.0
AT_ONCE = 200

log = logging.getLogger(__name__)

OnDue = Callable[[Any, UUID], Awaitable[None]]
"""(transaction, aggregate id): must move or clear `due_at`."""


def watch_due(table: Table, on_due: OnDue) -> Callable[["Runtime"], Awaitable[None]]:
    """A background worker for a table with the columns `id` and `due_at`; the holder of the lease works."""

    async def watch(runtime: "Runtime") -> None:
        while True:
            try:
                busy = await runtime.lease.held() and await meet_due(runtime, table, on_due)
            except AWAY as away:
                await wait_out(log, "timers wait", away)
                continue
            if not busy:
                await asyncio.sleep(LOOK_SECONDS)

    return watch


async def meet_due(runtime: "Runtime", table: Table, on_due: OnDue) -> bool:
    """Handles what is due now, each in a transaction of its own; whether all of it went well and there was any."""
    due = await _due(runtime, table, runtime.clock())
    met = 0
    for aggregate_id in due:
        try:
            async with runtime.transaction(by_worker=True) as tx:
                await on_due(tx, aggregate_id)
            met += 1
        except (Unavailable, LockHeld):
            raise
        except Exception:
            log.exception("a timer failed", extra={"table": table.name, "id": str(aggregate_id)})
    return bool(due) and met == len(due)


async def _due(runtime: "Runtime", table: Table, now: datetime) -> list[UUID]:
    statement = select(table.c.id).where(table.c.due_at <= now).order_by(table.c.due_at).limit(AT_ONCE)
    async with runtime.workers.read() as connection:
        return list((await connection.execute(statement)).scalars())
