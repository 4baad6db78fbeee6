"""What is known of a caller's earlier calls."""

from dataclasses import dataclass, field
from datetime import datetime

HISTORY_DEPTH = 200
"""So many of a number's calls are looked at, the newest: a flood from one number slows nobody down."""


@dataclass(frozen=True, slots=True)
class CallerHistory:
    """Earlier calls of a number in its regency, the newest HISTORY_DEPTH of them. `by_class` has the classified."""

    count: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    last_at: datetime | None = None
    last_class: str | None = None
