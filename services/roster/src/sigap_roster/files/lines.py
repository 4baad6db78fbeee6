"""Reads a planner's CSV file (UTF-8) by its form: the columns that it may have, and those that it must have.

Rows are counted as a spreadsheet does: the head is row 1. Unknown columns are ignored.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sigap_common.core.errors import Fault, Invalid
from sigap_common.core.table_files import Row, Table, TableFault, TableRefused, alike, same_signs
from sigap_common.regency import ShiftPattern
from sigap_roster.domain import StaffMember

MOST_COLUMNS = 100
LONGEST_CELL = 200
"""Characters. The time to normalise a text of combining marks grows with the square of its length: 13 s at 250 kB."""
WHO = ("staff_id", "staff_number", "name")
"""The columns that can name a person. If the file has several of them, the first one counts."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Refused(Invalid):
    """The file was refused as a whole. Each error names its row and column.

    The first errors are named; `count` is the number of all.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        in_order = sorted(faults, key=lambda fault: fault.place[1])
        super().__init__("plan-file-refused", errors=in_order, count=len(faults))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: its number, and its cells by column. A missing cell is an empty text."""

    row: int
    who: str
    """The column that names the person."""
    cells: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    """Faults that are found without knowing staff and shifts."""

    def fault(self, column: str, kind: str, **params: object) -> Fault:
        return Fault(("row", self.row, column), kind, params)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: its lines, or why it was refused. So a person who may not use it is told that first."""

    read: Sequence[Line] = ()
    refusal: Refused | None = None

    @property
    def lines(self) -> Sequence[Line]:
        """Raises Refused."""
        if self.refusal is not None:
            raise self.refusal
        return self.read


@dataclass(frozen=True, slots=True)
class Form:
    """What a file looks like. `columns`: the column for every head that it may have; in heads, spaces and hyphens
    count as underscores. `needed`: the columns whose cells must not be empty. `who`: those that can name a person,
    one of which is needed. `missing`: the text for a column that is missing; `too_many_rows`: the one for more than
    `most_rows`.
    """

    columns: Mapping[str, str]
    needed: tuple[str, ...]
    who: tuple[str, ...]
    most_rows: int
    missing: str
    too_many_rows: str = "csv_too_many_rows"

    def read(self, data: bytes) -> list[Line]:
        """The rows that are not empty. Raises Refused if the file does not have this form."""
        try:
            table = Table.of(data, most_records=4 * self.most_rows)
        except TableRefused as refused:
            raise Refused([_fault(one) for one in refused.faults]) from None
        columns, rows = self._columns(table.head), table.rows
        if not rows:
            raise Refused([Fault(("row", table.head.row + 1), "csv_empty", {})])
        if len(rows) > self.most_rows:
            found = {"most": self.most_rows, "count": len(rows)}
            raise Refused([Fault(("row", rows[self.most_rows].row), self.too_many_rows, found)])
        too_long = {fault.row: _fault(fault) for fault in table.faults}
        return [self._line(row, columns, too_long.get(row.row)) for row in rows]

    def read_file(self, data: bytes) -> ReadFile:
        try:
            return ReadFile(self.read(data))
        except Refused as refusal:
            return ReadFile(refusal=refusal)

    def _columns(self, head: Row) -> dict[str, int]:
        """The position of each column. Raises Refused with every column that is missing or there twice."""
        if len(head.cells) > MOST_COLUMNS:
            raise Refused([Fault(("row", head.row), "csv_too_many_columns", {"most": MOST_COLUMNS})])
        names = [self.columns.get(re.sub(r"[\s-]+", "_", alike(cell[:LONGEST_CELL])), "") for cell in head.cells]
        missing = [name for name in self.needed if name not in names]
        missing += [] if any(name in names for name in self.who) else [self.who[0]]
        twice = sorted({name for name in names if name and names.count(name) > 1})
        faults = [Fault(("row", head.row, name), self.missing, {}) for name in missing]
        faults += [Fault(("row", head.row, name), "csv_column_twice", {}) for name in twice]
        if faults:
            raise Refused(faults)
        return {name: at for at, name in enumerate(names) if name}

    def _line(self, row: Row, columns: Mapping[str, int], too_long: Fault | None) -> Line:
        who = next(name for name in self.who if name in columns)
        read = (who, *(name for name in columns if name not in self.who))
        cells = {name: row.cell(columns[name]) for name in read}
        faults = [too_long] if too_long else []
        for name, text in cells.items():
            if not text and name in (who, *self.needed):
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


def finder(who: str, people: Mapping[UUID, StaffMember]) -> Callable[[str], UUID | Unknown]:
    """Finds the person that a cell means: by id, number or name, as the file's column `who` says."""
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


def shift_finder(pattern: ShiftPattern) -> Callable[[str], str | None]:
    """Finds the code of the shift that a cell means, by code or name: the cell itself if there is no such shift, None
    if it is empty.
    """
    by_name = {alike(shift.name): shift.code for shift in pattern.shifts}
    known = by_name | {alike(shift.code): shift.code for shift in pattern.shifts}
    return lambda cell: known.get(alike(cell), cell) if cell else None


def day_of(cell: str) -> date | None:
    """The day of a cell YYYY-MM-DD; None for all else, such as 31 February."""
    try:
        return date.fromisoformat(cell) if _DAY.fullmatch(cell) else None
    except ValueError:
        return None


def _fault(found: TableFault) -> Fault:
    return Fault(("row", found.row, *([found.column] if found.column else [])), found.kind, found.params)


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
