"""Reads the rows of a table of historic calls. If a row has a fault, all are reported before anything is sent."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sigap_cli.errors import Failed
from sigap_cli.replay.cells import Cells
from sigap_cli.replay.clock_changes import moments
from sigap_cli.replay.mapping import ReplayMap
from sigap_common.core.table_files import Table, TableRefused, named, same_signs


@dataclass(frozen=True, slots=True)
class Row:
    """One historic call. `number` counts rows from 1, without the head. `id` is the same in every run and file."""

    id: str
    number: int
    at: datetime
    title: str
    incident_type: str
    lat: float | None
    lon: float | None
    address: str | None
    caller_number: str | None
    caller_name: str | None


Fault = tuple[int, str]
"""The number of a row, and a sentence that says what is wrong."""


@dataclass(frozen=True, slots=True)
class Told:
    """A row before the whole file is read: its local time, and the values that identify it."""

    number: int
    time: datetime
    named: str | None
    """The cell of the column that the map names as `id`."""
    fields: dict[str, Any]

    @property
    def identity(self) -> str:
        """The values that identify the row in another file. They do not change if a spreadsheet changed apostrophes or
        dropped the zero that a number begins with.
        """
        if self.named:
            return json.dumps([same_signs(self.named)])
        texts = {name: same_signs(value) if isinstance(value, str) else value for name, value in self.fields.items()}
        digits = "".join(filter(str.isdecimal, texts["caller_number"] or "")).lstrip("0")
        parts = [self.time.isoformat(), *(texts[name] for name in ("title", "lat", "lon", "address", "caller_name"))]
        return json.dumps([*parts, digits])


def read_rows(path: Path, how: ReplayMap, now: datetime | None = None) -> list[Row]:
    """All rows in the order of their times. Raises Failed with every fault, by row and column."""
    table = _table(path)
    if table.rows and (missing := [name for name in how.columns.all if table.column(name) is None]):
        raise Failed(f"{path} has no column {', '.join(missing)}. It has: {', '.join(filter(None, table.head.cells))}")
    told, faults = _told(table, how, now or datetime.now(UTC))
    faults += [(fault.row - table.head.row, f"{fault.message} (line {fault.line})") for fault in table.faults]
    faults += _named_twice(told)
    if faults:
        sentences = [f"row {number}: {sentence}" for number, sentence in sorted(faults)]
        raise Failed("\n".join([f"{path} cannot be replayed:", *(f"  {one}" for one in named(sentences))]))
    return sorted(_rows(told), key=lambda row: (row.at, row.number))


def name_of(rows: Iterable[Row]) -> str:
    """A name for these rows together, which is the same in every file that has these rows."""
    return _digest("\n".join(sorted(row.id for row in rows)))


def _table(path: Path) -> Table:
    try:
        return Table.of(path.read_bytes())
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}") from error
    except TableRefused as refused:
        raise Failed("\n".join([f"{path} cannot be read:", *(f"  {fault}" for fault in refused.faults)])) from None


def _told(table: Table, how: ReplayMap, now: datetime) -> tuple[list[Told], list[Fault]]:
    """The valid rows, and the faults of the others."""
    at = {name: table.column(name) for name in how.columns.all}
    told: list[Told] = []
    faults: list[Fault] = []
    for raw in table.rows:
        cells, number = Cells(raw, at, how, now), raw.row - table.head.row
        (title, kind), time, (lat, lon) = cells.title(), cells.time(), cells.position()
        fields = {"title": title, "incident_type": kind, "lat": lat, "lon": lon, "address": cells.address()}
        fields |= {"caller_number": cells.caller_number(), "caller_name": cells.caller_name()}
        faults += [(number, why) for why in cells.faults]
        if time is not None and not cells.faults:
            told.append(Told(number, time, cells.text(how.columns.id), fields))
    return told, faults


def _named_twice(told: Iterable[Told]) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for one in told:
        if one.named and first.setdefault(one.identity, one.number) != one.number:
            faults.append((one.number, f"the id {one.named!r} stands in row {first[one.identity]} too"))
    return faults


def _rows(told: Sequence[Told]) -> list[Row]:
    """The n-th of several equal rows of a file is the same call as the n-th of another file."""
    seen: Counter[str] = Counter()
    rows = []
    for one, at in zip(told, moments([one.time for one in told]), strict=True):
        seen[one.identity] += 1
        nth = f"-{seen[one.identity]}" if seen[one.identity] > 1 else ""
        rows.append(Row(id=f"replay-{_digest(one.identity)}{nth}", number=one.number, at=at, **one.fields))
    return rows


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
