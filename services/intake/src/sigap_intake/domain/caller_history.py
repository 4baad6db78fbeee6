"""The history of a caller: a summary of the earlier calls."""

from dataclasses import dataclass, field
from datetime import datetime

HISTORY_DEPTH = 200
"""At most so many calls of a number are read, the newest, so that a number with very many calls slows nobody down."""


@dataclass(frozen=True, slots=True)
class CallerHistory:
    """The newest HISTORY_DEPTH earlier calls of a number in one regency. `by_class` counts those that have a class."""

    count: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    last_at: datetime | None = None
    last_class: str | None = None
