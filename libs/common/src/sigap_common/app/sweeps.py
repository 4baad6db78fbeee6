"""What no longer serves is thrown away: old inbox rows, old idempotent answers, spent
stream tickets, events past their retention."""

import asyncio
import logging
from typing import TYPE_CHECKING

from sigap_common.messaging.inbox import Inbox
from sigap_common.messaging.outages import AWAY, wait_out

if TYPE_CHECKING:
    from sigap_common.app.runtime import Runtime

EVERY_SECONDS = 600.0

log = logging.getLogger(__name__)


async def keep_house(runtime: "Runtime") -> None:
    """Every ten minutes, by the replica that holds the lease; until cancelled."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            if await runtime.lease.held():
                await tidy(runtime)
        except AWAY as away:
            await wait_out(log, "housekeeping waits", away)


async def tidy(runtime: "Runtime") -> None:
    now = runtime.clock()
    async with runtime.workers.write() as connection:
        await Inbox(runtime.tables.inbox).forget_old(connection, now)
        await runtime.idempotency.forget_old(connection, now)
        await runtime.stream.tickets.forget_old(connection, now)
    await runtime.bus.prune(now)
