"""What a worker does while database or bus are away: it says so, now and then, and tries again."""

import asyncio
import logging

from sigap_common.bus import BusUnavailable
from sigap_common.database import LockHeld, Unavailable

AWAY = (BusUnavailable, Unavailable, LockHeld)
PAUSE_SECONDS = 0.5


async def wait_out(log: logging.Logger, what: str, away: Exception, seconds: float = PAUSE_SECONDS) -> None:
    """`what`, such as `relay waits`, is logged the first time and every ten seconds after (see logging)."""
    log.warning(what, extra={"reason": str(away), "seldom": True})
    await asyncio.sleep(seconds)
