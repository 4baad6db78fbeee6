"""DUE deadlines that are over in one second: how long dispatch takes to handle them, on a real database of each kind.

Each deadline is that of an incident of its own, so each costs a row, two events in the timeline and two in the outbox.
The service runs in this process without its other workers.
"""

import tempfile
import time
from pathlib import Path

from tests.faults.regency import pack
from tests.load.board import AT_ONCE, CODE, LEADER
from tests.load.databases import on_each_database
from tests.load.report import Figure, show

from sigap_common.app.background import timers_together
from sigap_common.contracts.incidents import Source
from sigap_common.regency import Pack
from sigap_dispatch.main import service as dispatch
from sigap_dispatch.models import incidents as table
from sigap_dispatch.use_cases import incidents
from sigap_dispatch.use_cases.incidents import meet_deadlines
from sigap_testing.kit import Kit, started

DUE = 10_000
FOR_BASELINE = 1_000
WITHIN_SECONDS = 10.0
KIND = "fire"  # the pack's plan sends it to one agency


async def _open(kit: Kit, number: int) -> None:
    """All have the same deadline, because the kit's clock stands still."""
    for _ in range(0, number, AT_ONCE):
        async with kit.runtime.transaction() as tx:
            for _ in range(AT_ONCE):
                await incidents.open_without_call(tx, LEADER, CODE, Source.OBSERVER, KIND, None, None, None, None)
    kit.clock.advance(60)


async def _seconds(kit: Kit, at_a_time: int) -> float:
    """Until all are handled."""
    watch = timers_together(kit.runtime, table, meet_deadlines, at_a_time=at_a_time, urgency=table.c.priority)
    began = time.perf_counter()
    while await watch.meet_due():
        pass
    return time.perf_counter() - began


async def _measured(database_url: str, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite+aiosqlite:///{folder}/timers.sqlite3"
        async with started(dispatch, url, Path(folder)) as kit:
            await kit.configure(Pack.model_validate(pack(CODE)))
            await _open(kit, FOR_BASELINE)
            alone = await _seconds(kit, 1)
            await _open(kit, DUE)
            used = time.process_time()
            took = await _seconds(kit, 32)
            used = time.process_time() - used
    baseline = f"{alone * DUE / FOR_BASELINE:.1f} s (by {FOR_BASELINE:,})"
    show(
        f"{DUE:,} deadlines over in one second, {name}",
        [
            Figure("all handled", f"{took:.1f} s", f"at most {WITHIN_SECONDS:g} s", took <= WITHIN_SECONDS),
            Figure("  CPU of this process", f"{used:.1f} s"),
            Figure("  one transaction for each, as baseline", baseline),
        ],
    )


def measure() -> None:
    on_each_database(_measured)
