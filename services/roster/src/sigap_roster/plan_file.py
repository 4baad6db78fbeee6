"""Reads a duty plan, the CSV file (UTF-8) of a roster's assignments: a head, and one assignment in each row.

Rows are counted as a spreadsheet does: the head is row 1. Unknown columns are ignored.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize
from uuid import UUID

from sigap_common.core.errors import Fault, Invalid
from sigap_common.core.table_files import Row, Table, TableFault, TableRefused, alike, same_signs
from sigap_common.regency import Shift, ShiftPattern
from sigap_roster.domain import Finding, Planned, StaffMember

MOST_ROWS = 5000
MOST_RECORDS = 4 * MOST_ROWS
"""The most rows, empty ones included."""
MOST_COLUMNS = 100
LONGEST_CELL = 200
"""Characters. The time to normalise a text of combining marks grows with the square of its length: 13 s at 250 kB."""

_WHO = ("staff_id", "staff_number", "name")
"""The columns that can name a person. If the file has several of them, the first one counts."""
COLUMNS = {name: name for name in (*_WHO, "day", "shift")} | {
    "nomor_petugas": "staff_number",
    "nama": "name",
    "tanggal": "day",
    "sif": "shift",
}
"""The column for every head that a file may have. In heads, spaces and hyphens count as underscores."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: its number, and its cells by column. A missing cell is an empty text."""

    row: int
    who: str
    """The column that names the person."""
    cells: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    """Faults that are found without knowing staff and shifts."""


class Refused(Invalid):
    """The file was refused as a whole. Each error names its row and column.

    The first errors are named; `count` is the number of all.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        in_order = sorted(faults, key=lambda fault: fault.place[1])
        super().__init__("plan-file-refused", errors=in_order, count=len(faults))


def read(data: bytes) -> list[Line]:
    """The rows that are not empty. Raises Refused if the file is not a duty plan."""
    try:
        table = Table.of(data, most_records=MOST_RECORDS)
    except TableRefused as refused:
        raise Refused([_fault(one) for one in refused.faults]) from None
    columns, rows = _columns(table.head), table.rows
    if not rows:
        raise Refused([Fault(("row", table.head.row + 1), "csv_empty", {})])
    if len(rows) > MOST_ROWS:
        raise Refused([Fault(("row", rows[MOST_ROWS].row), "csv_too_many_rows", {"most": MOST_ROWS})])
    too_long = {fault.row: _fault(fault) for fault in table.faults}
    return [_line(row, columns, too_long.get(row.row)) for row in rows]


def resolve(
    lines: Sequence[Line], people: Mapping[UUID, StaffMember], pattern: ShiftPattern
) -> tuple[list[tuple[Line, Planned]], list[Fault]]:
    """The assignments of the lines without faults, and the faults of the others."""
    find_person, find_shift = _finder(lines, people), _shifts(pattern)
    understood, faults = [], []
    for line in lines:
        person, day, shift = find_person(line.cells[line.who]), _day(line.cells["day"]), line.cells["shift"]
        found = [*line.faults, *_not_understood(line, person, day)]
        faults += found
        if day and isinstance(person, UUID) and not found:
            known = find_shift.get(alike(shift))
            understood.append((line, Planned(staff_id=person, day=day, shift=known.code if known else shift)))
    return understood, faults


def _not_understood(line: Line, person: "UUID | Unknown", day: date | None) -> Iterator[Fault]:
    if isinstance(person, Unknown) and line.cells[line.who]:
        yield Fault(("row", line.row, line.who), person.kind, person.params)
    if day is None and line.cells["day"]:
        yield Fault(("row", line.row, "day"), "csv_day", {})


def fault_of(finding: Finding, line: Line) -> Fault:
    """A finding as a fault of the file, with its row and column."""
    column = line.who if finding.column == "staff_id" else finding.column
    return Fault(("row", line.row, column), finding.kind, finding.params)


def _fault(found: TableFault) -> Fault:
    return Fault(("row", found.row, *([found.column] if found.column else [])), found.kind, found.params)


def _columns(head: Row) -> dict[str, int]:
    """The position of each column. Raises Refused with every column that is missing or there twice."""
    if len(head.cells) > MOST_COLUMNS:
        raise Refused([Fault(("row", head.row), "csv_too_many_columns", {"most": MOST_COLUMNS})])
    names = [COLUMNS.get(re.sub(r"[\s-]+", "_", alike(cell[:LONGEST_CELL])), "") for cell in head.cells]
    missing = [name for name in ("day", "shift") if name not in names]
    missing += [] if any(name in names for name in _WHO) else [_WHO[0]]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    faults = [Fault(("row", head.row, name), "csv_column_missing", {}) for name in missing]
    faults += [Fault(("row", head.row, name), "csv_column_twice", {}) for name in twice]
    if faults:
        raise Refused(faults)
    return {name: at for at, name in enumerate(names) if name}


def _line(row: Row, columns: Mapping[str, int], too_long: Fault | None) -> Line:
    who = next(name for name in _WHO if name in columns)
    cells = {name: row.cell(columns[name]) for name in (who, "day", "shift")}
    faults = [too_long] if too_long else []
    for name, text in cells.items():
        if not text:
            faults.append(Fault(("row", row.row, name), "csv_value_missing", {}))
        elif len(text) > LONGEST_CELL:
            faults.append(Fault(("row", row.row, name), "csv_value_too_long", {"most": LONGEST_CELL}))
            cells[name] = ""
    return Line(row.row, who, cells, tuple(faults))


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a cell names no person: the text's key and its parameters."""

    kind: str
    params: Mapping[str, object]


def _finder(lines: Sequence[Line], people: Mapping[UUID, StaffMember]) -> Callable[[str], UUID | Unknown]:
    """Finds the person that a cell means: by id, number or name, as the file's column says."""
    who = lines[0].who
    if who == "staff_id":
        by_id = {str(staff_id): {staff_id} for staff_id in people}
        return lambda cell: _only(by_id.get(cell.lower(), set()))
    called = {one.id: one.number if who == "staff_number" else one.name for one in people.values()}
    known: dict[str, set[UUID]] = {}
    reshaped: dict[str, str] = {}
    for staff_id, sealed in called.items():
        if sealed is not None:
            known.setdefault(alike(sealed.clear), set()).add(staff_id)
            reshaped[_as_number(sealed.clear)] = sealed.clear

    def find(cell: str) -> UUID | Unknown:
        found = known.get(alike(cell), set())
        if not found and who == "staff_number" and (number := reshaped.get(_as_number(cell))):
            return Unknown("csv_staff_number_reshaped", {"number": number})
        return _only(found)

    return find


def _only(found: set[UUID]) -> UUID | Unknown:
    if len(found) == 1:
        return next(iter(found))
    return Unknown("csv_staff_ambiguous" if found else "csv_staff_unknown", {})


def _as_number(text: str) -> str:
    """The text after a spreadsheet has read it as a number: 0070 becomes 70, and 17.10 becomes 17.1."""
    whole, point, fraction = same_signs(text).replace(",", ".").partition(".")
    if not (whole + fraction).isdecimal():
        return text
    fraction = fraction.rstrip("0") if point else ""
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


def _shifts(pattern: ShiftPattern) -> dict[str, Shift]:
    """The shifts by code and by name."""
    by_name = {alike(shift.name): shift for shift in pattern.shifts}
    return by_name | {alike(shift.code): shift for shift in pattern.shifts}


def _day(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell) if _DAY.fullmatch(cell) else None
    except ValueError:
        return None


def plain(text: str) -> str:
    """A name in the form that is compared: letter case and spaces do not matter."""
    return normalize("NFKC", " ".join(text.split())).casefold()
