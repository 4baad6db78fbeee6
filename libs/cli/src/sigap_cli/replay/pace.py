"""Computes when each row is due."""

from collections.abc import Sequence
from datetime import datetime, timedelta

LONGEST_GAP = timedelta(minutes=10)


def due_times(moments: Sequence[datetime], speed: float | None) -> list[float]:
    """The seconds after the beginning at which each row is due, `speed` times as fast as the original. Gaps above
    LONGEST_GAP are skipped.

    `moments` are in order. `speed` None: all are due at once.
    """
    if speed is None:
        return [0.0] * len(moments)
    due, at = [], 0.0
    for before, now in zip([*moments[:1], *moments], moments, strict=False):
        gap = now - before
        at += gap.total_seconds() / speed if gap <= LONGEST_GAP else 0.0
        due.append(at)
    return due
