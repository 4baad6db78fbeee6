"""Limits on the faults of a request that are searched for and named, so that a refusal is cheap and short.

Pydantic makes one error for each unknown member and for each wrong entry, and returns only all of them together. A
megabyte of unknown members gives 130,000 errors: seconds of work and megabytes of answer. The functions here remove the
surplus before pydantic sees it. One `Unnamed` takes its place, with the number of faults removed.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

MOST_FAULTS = 50
"""The most faults of one request that are named. The answer has the number of all faults."""
LONGEST_ECHO = 200
"""The most characters of a request's text that an answer repeats."""
CHUNK = 10
"""How many rows are validated together. More would make too many errors before they are counted."""


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Stands in a value for `count` faults that are not named."""

    count: int


def brief(text: str, longest: int = LONGEST_ECHO) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def few_unknown(value: Any, known: Collection[str]) -> Any:
    """The value. If it is an object with many members that are not in `known`, it keeps the first MOST_FAULTS of those,
    and an Unnamed stands for the others.
    """
    if not isinstance(value, dict) or len(value) <= len(known) + MOST_FAULTS:
        return value
    unknown = [name for name in value if name not in known]
    kept = {name: value[name] for name in known if name in value}
    kept |= {name: value[name] for name in unknown[:MOST_FAULTS]}
    if len(unknown) > MOST_FAULTS:
        kept[unknown[MOST_FAULTS]] = Unnamed(len(unknown) - MOST_FAULTS)
    return kept


def few_wrong_rows(rows: list[Any], check: Callable[[list[Any]], object]) -> list[Any] | None:
    """The rows up to where enough faults are found, and an Unnamed for the faults after them; None: all are right.

    `check` raises ValidationError for wrong rows.
    """
    end = found = unnamed = 0
    for start in range(0, len(rows), CHUNK):
        try:
            check(rows[start : start + CHUNK])
        except ValidationError as error:
            if found < MOST_FAULTS:
                found, end = found + error.error_count(), start + CHUNK
            else:
                unnamed += error.error_count()
    if not found:
        return None
    return [*rows[:end], Unnamed(unnamed)] if unnamed else rows[:end]
