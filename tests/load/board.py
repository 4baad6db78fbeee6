"""The incident board while 5,000 incidents are open: how long a page takes, and what it costs.

Dispatch runs in this process, without its workers, on a real database of each kind. A request passes through the whole
application (ASGI), so no network is measured. The requests come one after another, as one client would send them. The
CPU is that of this process, the client included; PostgreSQL has processes of its own.
"""

import asyncio
import gc
import logging
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from tests.faults.regency import pack, place
from tests.load.report import Figure, percentile, show

from sigap_common.app.host import GARBAGE_THRESHOLDS
from sigap_common.auth import Access, Role
from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import Source
from sigap_common.contracts.places import Place
from sigap_common.regency import Pack
from sigap_dispatch.domain.commands import RecordAnswer
from sigap_dispatch.main import service
from sigap_dispatch.use_cases import incidents
from sigap_testing.kit import Kit, started
from sigap_testing.parts import NotHere
from sigap_testing.postgres import find_postgres, fresh_database

CODE = "99.92"
KIND = "traffic_accident"  # the pack's plan sends it to two agencies
OPEN = 5000
AT_ONCE = 100
"""Incidents that are opened in one transaction."""
REQUESTS = 100
NEXT = re.compile(rb'"next":"([^"]+)"')
P99_MS, CPU_MS = 50.0, 20.0
"""The bars: a page of the board, and the CPU of a page of 200."""
LEADER = Access(
    "leader",
    frozenset({Role.dispatcher, Role.supervisor}),
    frozenset({CODE}),
    None,
    datetime(2100, 1, 1, tzinfo=UTC),
)


async def _fill(kit: Kit) -> None:
    """Each incident has a place, a note, two agencies, and what they have answered so far."""
    for first in range(0, OPEN, AT_ONCE):
        kit.clock.advance(60)
        async with kit.runtime.transaction() as tx:
            for number in range(first, first + AT_ONCE):
                lat, lon = place(CODE)
                where = Place.of(lat, lon, 20.0, f"Jalan Uji {number}, dekat pasar")
                opened = await incidents.open_without_call(
                    tx, LEADER, CODE, Source.OBSERVER, KIND, None, where, f"Dua kendaraan, laporan {number}", None
                )
                for n, forwarding in enumerate(opened.forwardings):
                    said = Response.EN_ROUTE if n else Response.ACKNOWLEDGED
                    answer = RecordAnswer(forwarding.id, said, "telephone", "Pak Harun")
                    await incidents.order(tx, LEADER, opened.id, answer)


@asynccontextmanager
async def _dispatch(database_url: str) -> AsyncIterator[Kit]:
    with tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite+aiosqlite:///{folder}/board.sqlite3"
        async with started(service, url, Path(folder)) as kit:
            await kit.configure(Pack.model_validate(pack(CODE)))
            await _fill(kit)
            yield kit


async def _asked(kit: Kit, limit: int) -> tuple[list[float], float]:
    """The milliseconds of each request, and the milliseconds of CPU of one on average. The requests walk the board."""
    headers = kit.bearer("dispatcher", regencies=(CODE,), lifetime=timedelta(days=30))
    took: list[float] = []
    cursor: str | None = None
    # As a started host does: what is there now stays, and the collector need not walk it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    used = time.process_time()
    for _ in range(REQUESTS):
        params: dict[str, str | int] = {"open": "true", "limit": limit}
        if cursor:
            params["cursor"] = cursor
        began = time.perf_counter()
        answer = await kit.client.get("/v1/incidents", params=params, headers=headers)
        took.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, answer.text
        assert answer.content.count(b'"zone_owner"') == limit, "the page is not full"
        # To read the page as JSON would cost this process more than to answer it.
        following = NEXT.search(answer.content[-200:])
        cursor = following[1].decode() if following else None
    return took, 1000 * (time.process_time() - used) / REQUESTS


async def _measured(database_url: str, name: str) -> None:
    async with _dispatch(database_url) as kit:
        await _asked(kit, 50)  # what is compiled once is compiled now
        figures = []
        for limit in (50, 200):
            took, cpu = await _asked(kit, limit)
            figures += _figures(limit, took, cpu)
    show(f"The board, {OPEN:,} open incidents, {name}", figures)


def _figures(limit: int, took: list[float], cpu: float) -> list[Figure]:
    p99 = percentile(took, 0.99)
    seen = f"p50 {percentile(took, 0.5):.1f}, p99 {p99:.1f} ms"
    bar = f"at most {CPU_MS:g} ms"
    return [
        Figure(f"a page of {limit}", seen, f"p99 at most {P99_MS:g} ms", p99 <= P99_MS),
        Figure("  its CPU", f"{cpu:.1f} ms", bar if limit == 200 else "", cpu <= CPU_MS if limit == 200 else None),
    ]


async def _on_postgres() -> None:
    try:
        server = find_postgres()
    except NotHere as reason:
        print(f"no PostgreSQL: {reason}")
        return
    await asyncio.to_thread(server.start)
    try:
        async with fresh_database(server.url) as url:
            await _measured(url, "PostgreSQL")
    finally:
        await asyncio.to_thread(server.remove)


def measure() -> None:
    # A line for each request would be most of what is printed.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(_measured("", "SQLite"))
    asyncio.run(_on_postgres())
