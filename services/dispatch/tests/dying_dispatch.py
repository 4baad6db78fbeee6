"""A process that meets dispatch's deadlines and dies by kill -9 in its second transaction, before the commit.

Arguments: the URL of a database in use, a folder with its keys, and the present moment.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sigap_common.app.background import timers_together
from sigap_dispatch.main import service
from sigap_dispatch.models import incidents
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.use_cases.incidents import meet_deadlines
from sigap_testing.clocks import SetClock
from sigap_testing.kit import started

AT_A_TIME = 3


async def _die_in_the_second(tx: DispatchTransaction, which: Sequence[UUID]) -> None:
    await meet_deadlines(tx, which)
    if _done:
        await tx.finish()  # all is written, and nothing is committed
        os.kill(os.getpid(), signal.SIGKILL)
    _done.extend(which)


_done: list[UUID] = []


async def _run(url: str, folder: Path, now: datetime) -> None:
    async with started(service, url, folder, clock=SetClock(now), is_empty=False) as kit:
        await timers_together(kit.runtime, incidents, _die_in_the_second, at_a_time=AT_A_TIME).meet_due()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3])))
