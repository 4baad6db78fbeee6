"""A duty plan as a table: CSV (RFC 4180) in UTF-8, a header and one assignment a row.

Rows are counted as a spreadsheet does: the header is row 1. Comma, semicolon and tab separate, as the header shows;
columns that we don't know are passed over.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from unicodedata import normalize
from uuid import UUID

from sigap_common.core.errors import Fault, Invalid
from sigap_common.regency import Shift, ShiftPattern
from sigap_roster.domain import Finding, Planned, StaffMember

MOST_ROWS = 5000
MOST_RECORDS = 4 * MOST_ROWS
"""With those that are empty."""
MOST_COLUMNS = 100
LONGEST_CELL = 200
"""Characters. Bringing a long text of combining marks into one form takes the square of its length: 13 s at 250 kB."""

_WHO = ("staff_id", "staff_number", "name")
"""By which a person is named; the first of those that the file has counts."""
_COLUMNS = {name: name for name in (*_WHO, "day", "shift")} | {
    "nomor_petugas": "staff_number",
    "nama": "name",
    "tanggal": "day",
    "sif": "shift",
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands in the file: its number, and its cells by column."""

    row: int
    who: str
    """Which of the columns names the person."""
    cells: Mapping[str, str]


class Refused(Invalid):
    """Nothing of the file was taken; each error names its row and column."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        in_order = sorted(faults, key=lambda fault: fault.place[1])
        super().__init__("plan-file-refused", errors=in_order, count=len(faults))


def read(data: bytes) -> list[Line]:
    """The rows that are not empty. Raises Refused for a file that is no such table."""
    records = _records(_text(data))
    header, columns = _header(records)
    lines = [(row, cells) for row, cells in records[header:] if any(cells)]
    if not lines:
        raise Refused([Fault(("row", header + 1), "csv_empty", {})])
    if len(lines) > MOST_ROWS:
        raise Refused([Fault(("row", lines[MOST_ROWS][0]), "csv_too_many_rows", {"most": MOST_ROWS})])
    who = next(name for name in _WHO if name in columns)
    if faults := [fault for row, cells in lines for fault in _wrong_cells(row, cells, columns, who)]:
        raise Refused(faults)
    return [Line(row, who, {name: cells[columns[name]] for name in (who, "day", "shift")}) for row, cells in lines]


def resolve(
    lines: Sequence[Line], people: Mapping[UUID, StaffMember], pattern: ShiftPattern
) -> tuple[list[tuple[Line, Planned]], list[Fault]]:
    """The assignments that the lines mean, and what cannot be understood of the others."""
    find_person, find_shift = _finder(lines, people), _shifts(pattern)
    understood, faults = [], []
    for line in lines:
        person, day = find_person(line.cells[line.who]), _day(line.cells["day"])
        if isinstance(person, str):
            faults.append(Fault(("row", line.row, line.who), person, {}))
        if day is None:
            faults.append(Fault(("row", line.row, "day"), "csv_day", {}))
        if day and isinstance(person, UUID):
            shift = find_shift.get(plain(line.cells["shift"]))
            code = shift.code if shift else line.cells["shift"]
            understood.append((line, Planned(staff_id=person, day=day, shift=code)))
    return understood, faults


def fault_of(finding: Finding, line: Line) -> Fault:
    """Where in the file the finding is to be mended."""
    column = line.who if finding.column == "staff_id" else finding.column
    return Fault(("row", line.row, column), finding.kind, finding.params)


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise Refused([Fault(("row", row), "csv_not_utf8", {})]) from None
    if "\x00" in text:  # UTF-16 without a mark decodes as UTF-8, with a NUL between the letters
        raise Refused([Fault(("row", text.count("\n", 0, text.index("\x00")) + 1), "csv_not_utf8", {})])
    return text


def _records(text: str) -> list[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(row, _cells(row, cells)) for row, cells in enumerate(reader, start=1)]
    except csv.Error:
        raise Refused([Fault(("row", reader.line_num), "csv_unreadable", {})]) from None


def _cells(row: int, cells: Sequence[str]) -> list[str]:
    if row > MOST_RECORDS:
        raise Refused([Fault(("row", row), "csv_too_many_records", {"most": MOST_RECORDS})])
    if len(cells) > MOST_COLUMNS:
        raise Refused([Fault(("row", row), "csv_too_many_columns", {"most": MOST_COLUMNS})])
    return [cell.strip() for cell in cells]


def _header(records: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int]]:
    """How many rows end with the header, and where each column is."""
    row, cells = next(((row, cells) for row, cells in records if any(cells)), (1, []))
    names = [_COLUMNS.get(re.sub(r"[\s-]+", "_", cell[:LONGEST_CELL].lower()), "") for cell in cells]
    missing = [name for name in ("day", "shift") if name not in names]
    missing += [] if any(name in names for name in _WHO) else [_WHO[0]]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    faults = [Fault(("row", row, name), "csv_column_missing", {"who": ", ".join(_WHO)}) for name in missing]
    faults += [Fault(("row", row, name), "csv_column_twice", {}) for name in twice]
    if faults:
        raise Refused(faults)
    return row, {name: at for at, name in enumerate(names) if name}


def _wrong_cells(row: int, cells: Sequence[str], columns: Mapping[str, int], who: str) -> Iterator[Fault]:
    for name in (who, "day", "shift"):
        if columns[name] >= len(cells) or not cells[columns[name]]:
            yield Fault(("row", row, name), "csv_value_missing", {})
        elif len(cells[columns[name]]) > LONGEST_CELL:
            yield Fault(("row", row, name), "csv_value_too_long", {"most": LONGEST_CELL})


def _finder(lines: Sequence[Line], people: Mapping[UUID, StaffMember]) -> Callable[[str], UUID | str]:
    """Who is meant by a cell: a person's id, or the text's key that says why it is nobody's."""
    if lines[0].who == "staff_id":
        by_id = {str(staff_id): {staff_id} for staff_id in people}
        return lambda cell: _only(by_id.get(cell.lower(), set()))
    known: dict[str, set[UUID]] = {}
    for person in people.values():
        called = person.number if lines[0].who == "staff_number" else person.name
        if called is not None:
            known.setdefault(plain(called.clear), set()).add(person.id)
    return lambda cell: _only(known.get(plain(cell), set()))


def _only(found: set[UUID]) -> UUID | str:
    if len(found) == 1:
        return next(iter(found))
    return "csv_staff_ambiguous" if found else "csv_staff_unknown"


def _shifts(pattern: ShiftPattern) -> dict[str, Shift]:
    """By code, or by the name that people know it by."""
    by_name = {plain(shift.name): shift for shift in pattern.shifts}
    return by_name | {plain(shift.code): shift for shift in pattern.shifts}


def _day(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell) if _DAY.fullmatch(cell) else None
    except ValueError:
        return None


def plain(text: str) -> str:
    """As two people write the same name: letter case and spaces do not matter."""
    return normalize("NFKC", " ".join(text.split())).casefold()
