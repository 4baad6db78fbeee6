"""The audit of 100,000 entries: what it costs to seal them, and how long the proof of all of them takes.

The entries are those of 5,000 incidents, each with the personal values of a forwarding. They are sealed in batches as
large as the relay's, on a real database of each kind. The CPU is that of this process; PostgreSQL has its own.
"""

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from tests.load.databases import on_each_database
from tests.load.report import Figure, show

from sigap_common.core.clock import system_clock
from sigap_common.core.ids import uuid7
from sigap_common.database import Database, execute_batch
from sigap_common.messaging.audit import AuditTrail, ToSeal
from sigap_common.messaging.audit_proof import prove
from sigap_common.messaging.outbox import BATCH
from sigap_common.personal_data import KeyRing
from sigap_dispatch.main import service
from sigap_dispatch.models import audited, incidents, tables
from sigap_testing.migrated import migrated

REGENCY = "99.93"
INCIDENTS, ENTRIES_EACH = 5000, 20
PERSONAL = ("caller_number", "caller_name", "address", "coordinates", "text")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def measure() -> None:
    on_each_database(_measured)


async def _measured(url: str, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite+aiosqlite:///{folder}/dispatch.sqlite3"
        await migrated(service, url)
        database = Database(url)
        try:
            keys = await _fill(database, KeyRing.load_or_create(Path(folder) / "keys"))
            sealed = await _seal(database, keys)
            began = time.perf_counter()
            proof = await prove(database, audited, tables.outbox, (), system_clock())
            proved = time.perf_counter() - began
            assert (proof.broken, proof.entries) == (0, len(keys)), proof.findings
        finally:
            await database.close()
    show(
        f"audit, {kind}, {len(keys):,} entries",
        [
            Figure("seal one entry, CPU", f"{sealed / len(keys) * 1_000_000:.0f} us"),
            Figure("prove all", f"{proved:.1f} s"),
            Figure("proved a second", f"{len(keys) / proved:,.0f}"),
        ],
    )


async def _fill(database: Database, ring: KeyRing) -> list[ToSeal]:
    ids = [uuid7() for _ in range(INCIDENTS)]
    for first in range(0, INCIDENTS, 100):
        part = [(n, ids[n]) for n in range(first, first + 100)]
        async with database.write() as connection:
            await connection.execute(insert(incidents), [_incident(n, one) for n, one in part])
            await connection.execute(insert(tables.timeline), [row for _, one in part for row in _entries(one, ring)])
    return [ToSeal(REGENCY, str(one), n) for one in ids for n in range(1, ENTRIES_EACH + 1)]


def _incident(n: int, one: UUID) -> dict[str, Any]:
    told = {"id": one, "regency": REGENCY, "version": ENTRIES_EACH, "document": "{}", "number": f"LOAD-{n}"}
    marks = {"state": "created", "is_open": True, "drill": False, "backfilled": False, "created_at": BEGAN}
    return told | marks | {"list_form": 0, "list_version": 0}


def _entries(one: UUID, ring: KeyRing) -> list[dict[str, Any]]:
    values = {name: ring.seal(f"Jalan Sudirman {name}", f"{name}/{one}") for name in PERSONAL}
    told = {"agency": f"{REGENCY}/fire", "revision": 1, "content": values, "caller_hash": "0" * 64}
    return [
        {
            "subject": str(one),
            "sequence": n,
            "type": "sigap.IncidentForwarded.v1",
            "at": BEGAN + timedelta(seconds=n),
            "data": json.dumps(told | {"n": n}),
        }
        for n in range(1, ENTRIES_EACH + 1)
    ]


async def _seal(database: Database, keys: list[ToSeal]) -> float:
    """The seconds of CPU that it takes."""
    trail, began = AuditTrail(audited, system_clock), time.process_time()
    for first in range(0, len(keys), BATCH):
        part = keys[first : first + BATCH]
        async with database.write() as connection:
            await execute_batch(connection, [write for write in await trail.seal(connection, part) if write[1]])
    return time.process_time() - began
