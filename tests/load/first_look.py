"""The first look at a call, with a million calls behind it: how long it takes.

The service runs in this process, without its workers, on a real database of each kind; no network is measured. The
number that is looked at has 20 earlier calls and an open incident, two others are near by, and 50 other lines are open.
The other calls of the million are rows with all columns that are searched, and empty documents, which nobody opens.
"""

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from tests.faults.regency import pack, place
from tests.load.databases import on_each_database
from tests.load.report import Figure, percentile, show

from sigap_common.contracts.incidents import IncidentCreated, Source
from sigap_common.contracts.places import Place
from sigap_common.core.ids import uuid7
from sigap_common.regency import Pack
from sigap_intake.domain.first_look import EARLIER_SHOWN, LINES_LOOKED_AT
from sigap_intake.main import service
from sigap_testing.kit import Kit, started

CODE = "99.92"
NUMBER = "+628111222333"
CALLS = 1_000_000
NUMBERS = 100_000
REQUESTS = 300
P99_MS = 20.0
_NUMBERED = {
    "sqlite": "WITH RECURSIVE numbered(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbered WHERE n < :calls)",
    "postgresql": "WITH numbered(n) AS (SELECT generate_series(1, :calls))",
}
_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
_EARLIER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', c.received_at, '-' || (n / 10.0) || ' seconds')",
    "postgresql": "c.received_at - make_interval(secs => n / 10.0)",
}


async def _call(kit: Kit, number: str, *steps: str) -> str:
    lat, lon = place(CODE)
    where = {"lat": lat, "lon": lon, "uncertainty_m": 50, "address": "Jalan Uji, dekat pasar"}
    body = {"regency": CODE, "channel": "telephone", "number": number, "caller_location": where}
    headers = kit.bearer("operator", regencies=(CODE,), lifetime=timedelta(days=3))
    answer = await kit.client.post("/v1/calls", json=body, headers=headers | {"Idempotency-Key": str(uuid7())})
    assert answer.status_code == 201, answer.text
    call_id: str = answer.json()["id"]
    bodies: dict[str, Any] = {"notes": {"text": "Dua kendaraan, satu orang terjepit"}, "end": {"ended_by": "caller"}}
    for step in steps:
        said = await kit.client.post(f"/v1/calls/{call_id}/{step}", json=bodies.get(step, {}), headers=headers)
        assert said.status_code == 200, said.text
    return call_id


async def _incident(kit: Kit, caller_hash: str) -> None:
    now = kit.clock()
    created = IncidentCreated(
        at=now,
        recorded_at=now,
        number="9992-20240219-0001",
        day=now.date(),
        incident_type="traffic_accident",
        priority=2,
        place=Place.of(*place(CODE)),
        source=Source.CALL,
        call_id=uuid7(),
        started_at=now,
        answered_at=now,
        caller_hash=caller_hash,
    )
    await kit.hear(created, subject=str(uuid7()), regency=CODE, source="dispatch")


async def _filled(kit: Kit) -> str:
    """The id of the call to look at."""
    for _ in range(EARLIER_SHOWN):
        kit.clock.advance(60)
        await _call(kit, NUMBER, "answer", "notes", "end")
    for n in range(LINES_LOOKED_AT):
        await _call(kit, f"+62811{n:07}", "answer", "notes")
    for caller in (kit.runtime.ring.lookup(NUMBER), "h1", "h2"):
        await _incident(kit, caller)
    found = await _call(kit, NUMBER)
    await _fill_up(kit, UUID(found))
    return found


async def _fill_up(kit: Kit, like: UUID) -> None:
    """Adds old calls of other numbers until there are CALLS."""
    kind = "sqlite" if kit.runtime.settings.database_url.startswith("sqlite") else "postgresql"
    own = {"id": _ID[kind], "document": "'{}'", "list_entry": "'{}'", "list_personal": "NULL"}
    own |= {"caller_hash": f"'h' || (n % {NUMBERS})", "received_at": _EARLIER[kind], "state": "'ended'"}
    own |= {"call_class": "'prank'", "exchange_id": "NULL", "due_at": "NULL", "erase_at": "NULL"}
    columns = [column.name for column in kit.runtime.service.metadata.tables["calls"].columns]
    values = ", ".join(own.get(name, f"c.{name}") for name in columns)
    rows = f"{_NUMBERED[kind]} INSERT INTO calls ({', '.join(columns)}) SELECT {values} FROM calls c, numbered"
    if kind == "sqlite":  # there the WITH stands behind the INSERT
        rows = f"INSERT INTO calls ({', '.join(columns)}) {_NUMBERED[kind]} SELECT {values} FROM calls c, numbered"
    async with kit.runtime.database.write() as connection:
        this = like.hex if kind == "sqlite" else like
        await connection.execute(text(f"{rows} WHERE c.id = :this"), {"calls": CALLS, "this": this})
        await connection.execute(text("ANALYZE"))


@asynccontextmanager
async def _running(database_url: str) -> AsyncIterator[Kit]:
    with tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite+aiosqlite:///{folder}/calls.sqlite3"
        async with started(service, url, Path(folder)) as kit:
            await kit.configure(Pack.model_validate(pack(CODE)))
            yield kit


async def _measured(database_url: str, name: str) -> None:
    async with _running(database_url) as kit:
        call_id = await _filled(kit)
        headers = kit.bearer("operator", regencies=(CODE,), lifetime=timedelta(days=3))
        figures = []
        for what, path in (("a read of the call alone", ""), ("the first look", "/first-look")):
            took = [await _one(kit, f"/v1/calls/{call_id}{path}", headers) for _ in range(REQUESTS)][10:]
            bar = ("p99 at most 20 ms", percentile(took, 0.99) <= P99_MS) if path else ("", None)
            seen = f"p50 {percentile(took, 0.5):.1f}, p99 {percentile(took, 0.99):.1f} ms"
            figures.append(Figure(what, seen, *bar))
        found = (await kit.client.get(f"/v1/calls/{call_id}/first-look", headers=headers)).json()
        assert (len(found["earlier"]), len(found["of_number"]), len(found["near"])) == (EARLIER_SHOWN, 1, 2)
        assert len(found["on_the_line"]) == LINES_LOOKED_AT
    show(f"The first look, {CALLS:,} calls, {name}", figures)


async def _one(kit: Kit, path: str, headers: dict[str, str]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    answer = await kit.client.get(path, headers=headers)
    took = 1000 * (time.perf_counter() - began)
    assert answer.status_code == 200, answer.text
    return took


def measure() -> None:
    on_each_database(_measured)
