"""Reads a duty plan, the CSV file of a roster's assignments: one assignment in each row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from unicodedata import normalize
from uuid import UUID

from sigap_common.core.errors import Fault
from sigap_common.regency import ShiftPattern
from sigap_roster.domain import Finding, Planned, StaffMember
from sigap_roster.files.lines import WHO, Form, Line, Unknown, day_of, finder, shift_finder

MOST_ROWS = 5000
COLUMNS = {name: name for name in (*WHO, "day", "shift")} | {
    "nomor_petugas": "staff_number",
    "nama": "name",
    "tanggal": "day",
    "sif": "shift",
}
PLAN = Form(COLUMNS, ("day", "shift"), WHO, MOST_ROWS, "csv_column_missing", "csv_plan_too_many_rows")


def resolve(
    lines: Sequence[Line], people: Mapping[UUID, StaffMember], pattern: ShiftPattern, days: tuple[date, date]
) -> tuple[list[tuple[Line, Planned]], list[Fault]]:
    """The assignments of the lines without faults, and all faults of the others. `days`: the first and the last of the
    roster. Whether an assignment that is understood fits the roster is asked of the plan, as of one made by hand.
    """
    find_person, find_shift = finder(lines[0].who, people), shift_finder(pattern)
    understood, faults = [], []
    for line in lines:
        person, day = find_person(line.cells[line.who]), day_of(line.cells["day"])
        shift = find_shift(line.cells["shift"]) or ""
        found = [*line.faults, *_not_understood(line, person, day)]
        if day and isinstance(person, UUID) and not found:
            understood.append((line, Planned(staff_id=person, day=day, shift=shift)))
        else:
            faults += [*found, *_not_fitting(line, day, shift, days, pattern)]
    return understood, faults


def _not_understood(line: Line, person: UUID | Unknown, day: date | None) -> Iterator[Fault]:
    if isinstance(person, Unknown) and line.cells[line.who]:
        yield line.fault(line.who, person.kind, **person.params)
    if day is None and line.cells["day"]:
        yield line.fault("day", "csv_day")


def _not_fitting(
    line: Line, day: date | None, shift: str, days: tuple[date, date], pattern: ShiftPattern
) -> Iterator[Fault]:
    """What else is wrong with a line that is no assignment, so that it is told with the rest."""
    first_day, last_day = days
    if day and not first_day <= day <= last_day:
        yield line.fault("day", "not_in_plan", first_day=first_day, last_day=last_day)
    codes = [one.code for one in pattern.shifts]
    if shift and shift not in codes:
        yield line.fault("shift", "shift_unknown", known=", ".join(codes) or "-")


def fault_of(finding: Finding, line: Line) -> Fault:
    """A finding as a fault of the file, with its row and column."""
    column = line.who if finding.column == "staff_id" else finding.column
    return line.fault(column, finding.kind, **finding.params)


def plain(text: str) -> str:
    """A name in the form that is compared: letter case and spaces do not matter."""
    return normalize("NFKC", " ".join(text.split())).casefold()
