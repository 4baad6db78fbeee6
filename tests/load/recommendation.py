"""A recommendation over a regency with 500 agencies and posts, beside the distances to them alone.

How busy the agencies are is read from a real database of each kind, in which 5,000 incidents wait for them.
"""

import gc
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from uuid import UUID

from sqlalchemy import insert
from tests.load.databases import on_each_database
from tests.load.report import Figure, percentile, show

from sigap_common.app.host import GARBAGE_THRESHOLDS
from sigap_common.contracts.incidents import Source
from sigap_common.contracts.places import Place
from sigap_common.core.ids import uuid7
from sigap_common.regency import Pack
from sigap_dispatch.domain.plans import nearest
from sigap_dispatch.domain.recommendation import recommend
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.main import service
from sigap_dispatch.models import acknowledgements, forwardings
from sigap_testing.kit import Kit, started

_AGENCIES, _WAITING, _TIMES, _BAR_MS = 500, 5_000, 200, 10.0
_REGENCY = "99.01"


def measure() -> None:
    on_each_database(_measured)


async def _measured(url: str, kind: str) -> None:
    pack, incident = _pack(), _incident()
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite+aiosqlite:///{folder}/dispatch.sqlite3"
        async with started(service, url, Path(folder)) as kit:
            await _fill(kit)
            async with kit.runtime.view() as view:

                async def whole() -> None:
                    loads = await view.loads.of_regency(_REGENCY, kit.clock())
                    recommend(incident, pack, [pack], loads)

                async def alone() -> None:
                    nearest(pack.agencies, incident.place)

                figures = [
                    await _figure("recommendation", whole, _BAR_MS),
                    await _figure("baseline: the distances alone, sorted", alone, None),
                ]
    show(f"A recommendation over {_AGENCIES} agencies, {_WAITING} incidents wait for them, {kind}", figures)


async def _fill(kit: Kit) -> None:
    agencies = [f"{_REGENCY}/pos-{n}" for n in range(_AGENCIES)]
    waiting = [
        {"id": uuid7(), "incident_id": uuid7(), "agency": agencies[n % _AGENCIES], "waits_in": _REGENCY}
        | {"delivered_revision": 0, "failures": 0}
        for n in range(_WAITING)
    ]
    last = [{"agency": one, "regency": _REGENCY, "at": kit.clock(), "seconds": 30} for one in agencies]
    async with kit.runtime.database.write() as connection:
        await connection.execute(insert(forwardings), waiting)
        await connection.execute(insert(acknowledgements), last)


async def _figure(name: str, work: Callable[[], Awaitable[None]], bar: float | None) -> Figure:
    # As a started host does: what is there now stays, and the collector need not walk it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    times, used = [], process_time()
    for _ in range(_TIMES):
        begun = perf_counter()
        await work()
        times.append((perf_counter() - begun) * 1000)
    used = process_time() - used
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    told = f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, CPU {used / _TIMES * 1000:.2f} ms"
    return Figure(name, told, f"p99 at most {bar:g} ms", p99 <= bar) if bar else Figure(name, told)


def _pack() -> Pack:
    posts = [
        {
            "code": f"pos-{n}",
            "name": f"Pos {n}",
            "kind": "health",
            "capabilities": ["ambulance"],
            "lat": -7 + n % 25 * 0.01,
            "lon": 110 + n // 25 * 0.01,
        }
        for n in range(_AGENCIES)
    ]
    plan = {"incident_type": "medical", "capability": "ambulance", "at_once": 2}
    told = {"code": _REGENCY, "name": "Kota Ukur", "time_zone": "Asia/Jakarta"}
    return Pack.model_validate(told | {"agencies": posts, "response_plans": [plan]})


def _incident() -> Incident:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    return Incident(
        id=UUID(int=1),
        regency=_REGENCY,
        number="UKR-20261129-0001",
        day=now.date(),
        incident_type="medical",
        priority=1,
        place=Place.of(-6.9, 110.1, 20.0),
        source=Source.CALL,
        call_id=None,
        started_at=now,
        created_at=now,
        answered_at=now,
        corrected_at=None,
        linked_to=None,
        protected=False,
        backfilled=False,
        notify=True,
        with_agencies=False,
    )
