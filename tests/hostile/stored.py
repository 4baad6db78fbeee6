"""What lies in the databases and on the bus of a single host, so that one can see whether anything changed."""

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sigap_testing.eventually import eventually

OF_ITSELF = {"leases"}
"""Tables that change while nobody asks for anything."""
QUIET_SECONDS = 1.0

Stored = dict[str, tuple[int, str]]
"""By database and table: the number of rows, and a digest of them."""


def stored(folder: Path) -> Stored:
    return {name: found for path in sorted(folder.glob("*.sqlite3")) for name, found in _tables(path)}


def changes(before: Stored, after: Stored) -> list[str]:
    """Database and table of what is not as it was, with the numbers of rows."""
    return [f"{name}: {before[name][0]} rows, now {after[name][0]}" for name in before if before[name] != after[name]]


def quiet(folder: Path, within: float = 30) -> Stored:
    """What is stored when nothing has changed for a while and every outbox is empty."""
    latest: list[tuple[float, Stored]] = [(time.monotonic(), stored(folder))]

    def still() -> bool:
        now = stored(folder)
        if now != latest[0][1] or any(rows for name, (rows, _) in now.items() if name.endswith("/outbox")):
            latest[0] = (time.monotonic(), now)
        return time.monotonic() - latest[0][0] > QUIET_SECONDS

    asyncio.run(eventually(still, within=within, every=0.1))
    return latest[0][1]


def _tables(path: Path) -> Iterator[tuple[str, tuple[int, str]]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in sorted(set(names) - OF_ITSELF):
            rows = database.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
            yield f"{path.stem}/{name}", (len(rows), hashlib.sha256(repr(rows).encode()).hexdigest())
