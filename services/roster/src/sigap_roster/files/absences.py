"""Reads a list of days off, a CSV file: leave or a wish of one person in each row, perhaps a wish about one shift."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sigap_common.core.errors import Fault
from sigap_common.core.table_files import alike
from sigap_common.regency import ShiftPattern
from sigap_roster.domain import Absence, AbsenceKind, StaffMember
from sigap_roster.domain.staff import MOST_WEIGHT, refused_absence
from sigap_roster.files.lines import WHO, Form, Line, Unknown, day_of, finder, shift_finder

MOST_ROWS = 5000
ABSENCE_COLUMNS = {name: name for name in (*WHO, "kind", "first_day", "last_day", "shift", "weight")} | {
    "nomor_petugas": "staff_number",
    "nama": "name",
    "jenis": "kind",
    "dari": "first_day",
    "sampai": "last_day",
    "sif": "shift",
    "bobot": "weight",
}
ABSENCES = Form(ABSENCE_COLUMNS, ("kind", "first_day"), WHO, MOST_ROWS, "csv_absence_column_missing")
_KINDS = {
    "leave": AbsenceKind.LEAVE,
    "cuti": AbsenceKind.LEAVE,
    "wish": AbsenceKind.WISH,
    "keinginan": AbsenceKind.WISH,
    "wish_to_work": AbsenceKind.WISH_TO_WORK,
    "ingin bertugas": AbsenceKind.WISH_TO_WORK,
    "asked": AbsenceKind.ASKED,
    "diminta": AbsenceKind.ASKED,
}


@dataclass(frozen=True, slots=True)
class _Read:
    """What the cells of a row say; None: nothing that can be understood."""

    person: UUID | Unknown
    kind: AbsenceKind | None
    first: date | None
    last: date | None
    shift: str | None
    """As the pack has it, or as it was written; None: none is named."""
    weight: int | None

    def absence(self) -> Absence | None:
        """None: a cell cannot be understood."""
        if self.kind is None or self.first is None or self.last is None or self.weight is None:
            return None
        if not isinstance(self.person, UUID):
            return None
        return Absence(self.person, self.kind, self.first, self.last, self.shift, self.weight)

    def as_far_as_understood(self) -> Absence:
        """What the rules are asked of: for what is not understood it has what no rule refuses."""
        days = (self.first, self.last) if self.first and self.last else (date.min, date.min)
        person = self.person if isinstance(self.person, UUID) else UUID(int=0)
        return Absence(person, self.kind or AbsenceKind.WISH, *days, self.shift, self.weight or 1)


def resolve(
    lines: Sequence[Line], people: Mapping[UUID, StaffMember], pattern: ShiftPattern
) -> tuple[list[Absence], list[Fault]]:
    """The days off of the lines without faults, and the faults of the others. The same rules hold as by hand."""
    find, shifts = finder(lines[0].who, people), shift_finder(pattern)
    first_rows: dict[Absence, int] = {}
    wrong: list[Fault] = []
    for line in lines:
        last = line.cells.get("last_day") or line.cells["first_day"]
        read = _Read(
            find(line.cells[line.who]),
            _KINDS.get(alike(line.cells["kind"])),
            day_of(line.cells["first_day"]),
            day_of(last),
            shifts(line.cells.get("shift", "")),
            _weight(line.cells.get("weight", "")),
        )
        found = [*line.faults, *_not_understood(line, read)]
        refused = refused_absence(read.as_far_as_understood(), [shift.code for shift in pattern.shifts])
        found += [line.fault(column, kind, **params) for column, kind, params in refused]
        absence = read.absence()
        if not found and absence is not None:
            if absence in first_rows:
                found.append(line.fault(line.who, "csv_row_twice", row=first_rows[absence]))
            first_rows.setdefault(absence, line.row)
        wrong += found
    return list(first_rows), wrong


def _not_understood(line: Line, read: _Read) -> Iterator[Fault]:
    if isinstance(read.person, Unknown) and line.cells[line.who]:
        yield line.fault(line.who, read.person.kind, **read.person.params)
    if read.kind is None and line.cells["kind"]:
        yield line.fault("kind", "csv_word_unknown", known=", ".join(_KINDS))
    if read.first is None and line.cells["first_day"]:
        yield line.fault("first_day", "csv_day")
    if read.last is None and line.cells.get("last_day"):
        yield line.fault("last_day", "csv_day")
    if read.weight is None:
        yield line.fault("weight", "csv_weight", most=MOST_WEIGHT)


def _weight(cell: str) -> int | None:
    """The weight of a cell; 1 if it is empty, None if it is none."""
    if not cell:
        return 1
    weight = int(cell) if cell.isascii() and cell.isdecimal() else 0
    return weight if 1 <= weight <= MOST_WEIGHT else None
