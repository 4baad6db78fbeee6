"""The rows of a table of historic calls."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sigap_cli.errors import Failed
from sigap_cli.replay.mapping import ReplayMap

SHOWN_ERRORS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One historic call. `number` counts rows from 1, without the head; `id` names it in every run."""

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


def read_rows(path: Path, how: ReplayMap) -> list[Row]:
    """All rows in the order of their times. Raises Failed with the errors by row."""
    try:
        content = path.read_bytes()
        table = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Failed(f"{path}: {error}") from error
    if missing := [column for column in how.columns.all if table and column not in table[0]]:
        raise Failed(f"{path} has no column {', '.join(missing)}")
    errors: list[str] = []
    rows = list(_rows(table, how, hashlib.sha256(content).hexdigest()[:16], errors))
    if errors:
        more = [f"  and {len(errors) - SHOWN_ERRORS} more"] if len(errors) > SHOWN_ERRORS else []
        raise Failed("\n".join([f"{path} cannot be replayed:", *errors[:SHOWN_ERRORS], *more]))
    return sorted(rows, key=lambda row: (row.at, row.number))


def _rows(table: list[dict[str, str]], how: ReplayMap, digest: str, errors: list[str]) -> Iterator[Row]:
    for number, raw in enumerate(table, start=1):
        try:
            yield _row(raw, how, number, f"replay-{digest}-{number}")
        except ValueError as error:
            errors.append(f"  row {number}: {error}")


def _row(raw: Mapping[str, str], how: ReplayMap, number: int, row_id: str) -> Row:
    columns = how.columns
    title = raw[columns.title].strip()
    kind = how.type_of(title)
    if kind is None:
        raise ValueError(f"no kind of incident for the title {title!r}")
    parts = [raw[name].strip() for name in columns.address if raw[name].strip()]
    return Row(
        id=row_id,
        number=number,
        at=how.moment(raw[columns.at].strip()).astimezone(UTC),
        title=title,
        incident_type=kind,
        lat=_degrees(raw, columns.lat),
        lon=_degrees(raw, columns.lon),
        address=", ".join(parts) or None,
        caller_number=_text(raw, columns.number),
        caller_name=_text(raw, columns.caller_name),
    )


def _degrees(raw: Mapping[str, str], column: str | None) -> float | None:
    text = _text(raw, column)
    return float(text) if text else None


def _text(raw: Mapping[str, str], column: str | None) -> str | None:
    return (raw[column].strip() or None) if column else None
