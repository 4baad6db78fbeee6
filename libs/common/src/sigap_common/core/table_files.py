"""Tables as files: CSV (RFC 4180) in UTF-8 as bytes, read into rows, or refused with the row and column of each fault.

Every file with a head and rows is read here, so the same rules hold for all of them:

- a byte order mark, CRLF, and the line `sep=;` that Excel writes do not belong to the content;
- comma, semicolon, tab and bar separate cells, as the head shows;
- only CR and LF end a line: NEL and U+2028 are ordinary characters of a cell, and a quoted cell has line breaks;
- a row that is shorter than the head has empty cells at its end; a row that is longer is refused, because a separator
  within a cell that has no quotes shifts all cells after it;
- UTF-16, Windows-1252 and workbooks are refused by name: guessing an encoding would spoil names in silence.
"""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Self
from unicodedata import category, normalize

from sigap_common.core.limits import MOST_FAULTS
from sigap_common.core.texts import Texts

_SEPARATORS = ",;\t|"
_LOOKED_AT = 65_536
"""Characters of a head that are looked at for its separator: one call over a mebibyte would hold the interpreter."""
_SEPARATOR_LINE = re.compile(r'"?sep=([,;|\t])"?[,;|\t]*(\r\n|\r|\n|\Z)', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"?')
_KEPT_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_FORMULA = ("=", "+", "-", "@")
_TEXT_MARK = re.compile(r"^'(?=[0-9=+@-])")
_NUMBER = re.compile(r"[-+]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][-+]?[0-9]{1,3})?")
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# Variants of the same sign that typewriters, telephones and word processors write.
_SAME_SIGNS = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u02b9\u02bb\u02bc\u02bd\u2032\u00b4\u0060\uff07", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
)


@dataclass(frozen=True, slots=True)
class TableFault:
    """One thing that is wrong with a file.

    `row` counts as a spreadsheet does: the head is row 1 unless empty rows stand above it. `line` is the line of the
    text where that row begins; it differs from `row` after a quoted line break. `kind` names the text
    `validation.<kind>`, which `params` fill.
    """

    row: int
    kind: str
    column: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    line: int = 0

    @property
    def message(self) -> str:
        """What is wrong, in English, for commands."""
        return Texts.load("sigap_common").get(f"validation.{self.kind}", "en", **self.params)

    def __str__(self) -> str:
        place = f"line {self.line or self.row}" + (f": column {self.column}" if self.column else "")
        return f"{place}: {self.message}"


class TableRefused(Exception):
    """A file that cannot be read as a table; `faults` has every reason."""

    def __init__(self, *faults: TableFault) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults[:5])))


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, without spaces around them. `row` and `line`: see TableFault."""

    row: int
    line: int
    cells: tuple[str, ...]

    def cell(self, at: int | None) -> str:
        """The text of a cell; empty if the row ends before it, or if the file has no such column (None)."""
        return self.cells[at] if at is not None and at < len(self.cells) else ""

    def fault(self, kind: str, column: str | None = None, **params: object) -> TableFault:
        return TableFault(self.row, kind, column, params, self.line)


@dataclass(frozen=True, slots=True)
class Table:
    """A head and the rows below it that are not empty. `faults`: rows that have more cells than the head."""

    head: Row
    rows: tuple[Row, ...]
    faults: tuple[TableFault, ...] = ()

    @classmethod
    def of(cls, data: bytes, *, most_records: int | None = None) -> Self:
        """The table in a file's bytes. An empty file is an empty head. Raises TableRefused.

        `most_records`: how many rows there may be, with those that are empty.
        """
        records = []
        for record in _records(_text(data)):
            if most_records is not None and record.row > most_records:
                raise TableRefused(record.fault("csv_too_many_records", most=most_records))
            if any(record.cells):
                records.append(record)
        head, rows = (records[0], tuple(records[1:])) if records else (Row(1, 1, ()), ())
        return cls(head, rows, tuple(_too_long(head, rows)))

    def column(self, *names: str) -> int | None:
        """The index of the column with one of these names. An exact name is preferred to a similar one."""
        for same in (str, alike):
            head = [same(cell) for cell in self.head.cells]
            found = next((head.index(same(name)) for name in names if name and same(name) in head), None)
            if found is not None:
                return found
        return None


def named(faults: Sequence[str], most: int = MOST_FAULTS) -> list[str]:
    """The first sentences, and one with the number of the others."""
    left = len(faults) - most
    return [*faults[:most], *([f"and {left} more, {len(faults)} in all"] if left > 0 else [])]


def one_line(text: str) -> str:
    """The text with every line break, control character and run of spaces turned to one space."""
    return " ".join(_CONTROL.sub(" ", text).split())


def same_signs(text: str) -> str:
    """The text in a form for comparing: one kind of apostrophe, quotation mark, hyphen and space, no invisible
    characters, NFKC.
    """
    if text.isascii():
        return one_line(text.replace("`", "'"))
    plain = normalize("NFKC", text.translate(_SAME_SIGNS)).translate(_SAME_SIGNS)
    return one_line("".join(sign for sign in plain if category(sign) != "Cf"))


def alike(text: str) -> str:
    """As `same_signs`, and without regard to letter case: for names that two people typed."""
    return same_signs(text).casefold()


def harmless(text: str) -> str:
    """The text as a cell of a CSV file that no spreadsheet takes for a formula; `Table.of` reads it as it was."""
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line


def decimal(text: str) -> float:
    """A number with a decimal point or comma. Raises ValueError for all else, NaN and infinity included."""
    plain = same_signs(text)
    if not _NUMBER.fullmatch(plain) or not math.isfinite(found := float(plain.replace(",", "."))):
        raise ValueError("not a number")
    return found


def rounded_by_spreadsheet(text: str) -> bool:
    """Whether a spreadsheet showed a long number, such as a telephone's, as 8.1E+11: its digits are lost."""
    return _ROUNDED.fullmatch(text) is not None


def _text(data: bytes) -> str:
    if data.startswith(_WORKBOOKS):
        raise TableRefused(TableFault(1, "csv_workbook"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        looks = "UTF-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data else "Windows-1252"
        line = _lines_before(data[: error.start].decode("utf-8-sig", "ignore"))
        raise TableRefused(TableFault(line, "csv_not_utf8", None, {"looks": looks}, line)) from None
    if "\x00" in text:  # UTF-16 without a mark decodes as UTF-8, with a NUL between the letters
        line = _lines_before(text[: text.index("\x00")])
        raise TableRefused(TableFault(line, "csv_not_utf8", None, {"looks": "UTF-16"}, line))
    return text


def _lines_before(text: str) -> int:
    return len(re.findall(r"\r\n|\r|\n", text)) + 1


def _records(text: str) -> Iterator[Row]:
    """The records with the row and line of each. A line `sep=;` is not shown by spreadsheets, so it is no row."""
    marked = _SEPARATOR_LINE.match(text)
    content = text[marked.end() :] if marked else text
    separator, skipped = (marked[1], 1) if marked else (_separator(content), 0)
    reader = csv.reader(StringIO(content, newline=""), delimiter=separator, strict=True)
    row, line = 0, 1
    try:
        for row, cells in enumerate(reader, start=1):
            yield Row(row, line + skipped, tuple(_cell(cell) for cell in cells))
            line = reader.line_num + 1
    except csv.Error:
        raise TableRefused(TableFault(row + 1, "csv_unreadable", None, {}, line + skipped)) from None


def _separator(text: str) -> str:
    """The sign that separates most cells of the head; what is quoted does not count."""
    begin = text.lstrip("\r\n ")[:_LOOKED_AT]
    head = _QUOTED.sub("", re.split(r"[\r\n]", begin, maxsplit=1)[0])
    return max(_SEPARATORS, key=head.count)


def _cell(text: str) -> str:
    cell = text.strip()
    kept = _KEPT_AS_TEXT.fullmatch(cell)  # ="0812" is how a spreadsheet is told to leave a number alone
    return _TEXT_MARK.sub("", kept[1].strip() if kept else cell)


def _too_long(head: Row, rows: Iterable[Row]) -> Iterator[TableFault]:
    most = len(head.cells)
    for row in rows:
        if any(row.cells[most:]):
            yield row.fault("csv_row_too_long", cells=len(row.cells), columns=most)
