"""Hours as files: CSV for programs, a workbook for people. No cell of either is a formula."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO

import xlsxwriter

from sigap_common.core.table_files import harmless
from sigap_common.core.texts import Language, Texts
from sigap_roster.schemas.hours import HoursList, HoursOut, SumsOut

Cell = str | float | None
_TEXTS = Texts.load("sigap_roster")
_OF_PERSON = ("number", "name", "agency", "employment")
_OF_PERIOD = (
    "duties",
    "hours",
    "hours_share",
    "nights",
    "nights_share",
    "weekends",
    "weekends_share",
    "holidays",
    "holidays_share",
)
_ATTENDED = ("overtime_hours", "attended_hours", "late_minutes")
COLUMNS = (*_OF_PERSON, *_OF_PERIOD, *_ATTENDED, *(f"year_{name}" for name in _OF_PERIOD))


def as_csv(hours: HoursList) -> bytes:
    """UTF-8 with a byte order mark, commas, decimal points, and the columns' codes as head (RFC 4180)."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in _rows(hours):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue().encode("utf-8-sig")


def as_workbook(hours: HoursList, spoken: Language) -> bytes:
    """A workbook (XLSX) of one sheet, its head in the reader's language. Texts are written as texts."""
    file = BytesIO()
    days = f"{hours.first_day} – {hours.last_day}"
    with xlsxwriter.Workbook(file, {"in_memory": True, "constant_memory": False}) as book:
        sheet = book.add_worksheet(_TEXTS.get("hours.sheet", spoken)[:31])
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        sheet.write_string(0, 0, f"{_TEXTS.get('hours.title', spoken, regency=hours.regency)}: {days}", bold)
        for at, name in enumerate(COLUMNS):
            sheet.write_string(1, at, _TEXTS.get(f"hours.columns.{name}", spoken), bold)
        for line, row in enumerate(_rows(hours), start=2):
            for at, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, at, cell)
                elif cell is not None:
                    sheet.write_number(line, at, cell)
        sheet.freeze_panes(2, 2)
        sheet.set_column(1, 1, 28)
        sheet.autofilter(1, 0, 1 + len(hours.items), len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
    return file.getvalue()


def _rows(hours: HoursList) -> Iterator[list[Cell]]:
    for one in hours.items:
        yield [
            *_person(one),
            *_sums(one.period),
            one.overtime_hours,
            one.attended_hours,
            one.late_minutes,
            *_sums(one.year),
        ]


def _person(one: HoursOut) -> list[Cell]:
    return [one.number, one.name, one.agency, one.employment.value if one.employment else None]


def _sums(sums: SumsOut) -> Iterator[Cell]:
    yield sums.duties
    for what in (sums.hours, sums.nights, sums.weekends, sums.holidays):
        yield from (what.count, what.share)
