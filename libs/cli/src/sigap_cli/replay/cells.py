"""Reads the cells of one row of historic calls by the map, and collects the faults of each cell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sigap_cli.replay.mapping import ReplayMap
from sigap_common.core import table_files
from sigap_common.core.table_files import decimal, one_line, rounded_by_spreadsheet

# The limits of the API. If a row exceeded one, the API would refuse a later step, and an incomplete call would stay.
LONGEST_NAME, LONGEST_ADDRESS = 200, 4000
YEARS = range(1900, 2200)
AHEAD = timedelta(minutes=5)

Degrees = float | None


@dataclass(slots=True)
class Cells:
    """One row. `at`: the index of each column of the map. `faults`: a sentence for each wrong cell."""

    raw: table_files.Row
    at: Mapping[str, int | None]
    how: ReplayMap
    now: datetime
    faults: list[str] = field(default_factory=list)

    def text(self, column: str | None) -> str | None:
        """The cell as one line; None if it is empty, or if the map names no such column."""
        return (one_line(self.raw.cell(self.at[column])) or None) if column else None

    def title(self) -> tuple[str, str | None]:
        """The title, and the kind of incident that the map gives it."""
        column = self.how.columns.title
        title = self.text(column) or ""
        kind = self.how.type_of(title)
        if kind is None:
            self._fault(column, f"no kind of incident for the title {title!r}")
        return title, kind

    def time(self) -> datetime | None:
        """The time of the row, in the map's time zone if the cell has no offset; None if it is wrong."""
        column = self.how.columns.at
        text = self.text(column)
        try:
            told = self.how.moment(text) if text else None
        except ValueError:
            self._fault(column, f"{text!r} is no time {self.how.time_rule}")
            return None
        if told is None:
            self._fault(column, "the time is missing")
        elif told.year not in YEARS:
            self._fault(column, f"the year of {text!r} is not between {YEARS[0]} and {YEARS[-1]}")
        elif self.how.backfilled and told > self.now + AHEAD:
            self._fault(column, f"{text!r} lies in the future")
        else:
            return told
        return None

    def position(self) -> tuple[Degrees, Degrees]:
        """Latitude and longitude. 0, 0 counts as no position, because programs write it for an unknown place."""
        columns = self.how.columns
        lat, lon = self._degrees(columns.lat), self._degrees(columns.lon)
        if lat == lon == 0:
            return None, None
        if (lat is None) != (lon is None) and not self.faults:
            empty = columns.lat if lat is None else columns.lon
            self._fault(empty or columns.lat or columns.lon, "latitude and longitude go together; one is missing")
        swapped = lat is not None and lon is not None and abs(lat) > 90 and abs(lon) <= 90
        hint = ": latitude and longitude seem to be swapped" if swapped else ""
        if lat is not None and abs(lat) > 90:
            self._fault(columns.lat, f"lat (latitude) {lat} is not between -90 and 90{hint}")
        if lon is not None and abs(lon) > 180:
            self._fault(columns.lon, f"lon (longitude) {lon} is not between -180 and 180")
        return lat, lon

    def address(self) -> str | None:
        columns = self.how.columns.address
        text = ", ".join(filter(None, map(self.text, columns))) or None
        if text and len(text) > LONGEST_ADDRESS:
            self._fault(columns[0], f"the address is longer than {LONGEST_ADDRESS} characters")
        return text

    def caller_number(self) -> str | None:
        column = self.how.columns.number
        text = self.text(column)
        if text and rounded_by_spreadsheet(text):
            self._fault(column, f"{text!r} is a number that a spreadsheet rounded; its digits are lost")
        return text

    def caller_name(self) -> str | None:
        column = self.how.columns.caller_name
        text = self.text(column)
        if text and len(text) > LONGEST_NAME:
            self._fault(column, f"the name is longer than {LONGEST_NAME} characters")
        return text

    def _degrees(self, column: str | None) -> Degrees:
        text = self.text(column)
        try:
            return decimal(text) if text else None
        except ValueError:
            self._fault(column, f"{text!r} is no number of degrees, such as -3.79")
            return None

    def _fault(self, column: str | None, why: str) -> None:
        self.faults.append(f"{why} (column {column}, line {self.raw.line})")
