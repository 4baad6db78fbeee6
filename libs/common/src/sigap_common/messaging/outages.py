"""Waiting while the database or the bus is away: the worker logs it from time to time, and tries again."""

import asyncio
import logging

from sigap_common.bus import BusUnavailable
from sigap_common.database import LockHeld, Unavailable

AWAY = (BusUnavailable, Unavailable, LockHeld)
PAUSE_SECONDS = 0.5


async def wait_out(log: logging.Logger, what: str, away: Exception, seconds: float = PAUSE_SECONDS) -> None:
    """Logs `what`, such as `relay waits`, at most every ten seconds (see logging), and then pauses."""
    log.warning(what, extra={"reason": str(away), "seldom": True})
    await asyncio.sleep(seconds)
