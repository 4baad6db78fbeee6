"""How much of a wrong request is looked at and named, so that a refusal costs little and is short.

Pydantic makes one error for each unknown member and for each wrong entry, and hands them out only all together. A
megabyte of unknown members is 130,000 errors: seconds of work and megabytes of answer. The functions here take the
surplus out before pydantic sees it, and leave one `Unnamed` in its place that says how many faults it stands for.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

MOST_FAULTS = 50
"""So many faults of one request are named; the answer says how many there are in all."""
LONGEST_ECHO = 200
"""Characters of a text of the request that an answer repeats."""
CHUNK = 10
"""So many rows are validated at once: more would make too many errors before they are counted."""


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Stands in a value for `count` faults that are not named."""

    count: int


def brief(text: str, longest: int = LONGEST_ECHO) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def few_unknown(value: Any, known: Collection[str]) -> Any:
    """The value; of an object with many members that are not in `known`, only the first of those, and an Unnamed."""
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
