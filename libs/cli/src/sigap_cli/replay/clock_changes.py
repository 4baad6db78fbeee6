"""Converts local times of a log to moments, also in the night when clocks go back."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise


def moments(told: Sequence[datetime]) -> list[datetime]:
    """The times of a log's rows in UTC. `told` have their time zone and stand in the order of the file.

    In the hour that happens twice, the text alone does not show which one is meant. A log is written in order, with the
    oldest or the newest row first. So the earliest moment is chosen that is not before that of the older neighbour.
    """
    oldest_first = _in_order(told)
    if _ascends(oldest_first):
        return oldest_first
    newest_first = _in_order(told[::-1])
    return newest_first[::-1] if _ascends(newest_first) or _mostly_falls(told) else oldest_first


def _in_order(told: Iterable[datetime]) -> list[datetime]:
    found: list[datetime] = []
    for time in told:
        first, second = (time.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        # In the hour that clocks skip, the second moment is the earlier one, and must not be chosen.
        found.append(second if found and first < found[-1] <= second else first)
    return found


def _ascends(moments: Sequence[datetime]) -> bool:
    return all(before <= now for before, now in pairwise(moments))


def _mostly_falls(told: Sequence[datetime]) -> bool:
    clocks = [time.replace(tzinfo=None) for time in told]
    steps = list(pairwise(clocks))
    return sum(now < before for before, now in steps) > sum(now > before for before, now in steps)
