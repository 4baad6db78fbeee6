"""Local times of a log as moments, also in the night in which clocks go back."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise


def moments(told: Sequence[datetime]) -> list[datetime]:
    """The times of a log's rows in UTC. `told` have their time zone and stand in the order of the file.

    In the hour that comes twice the text alone does not say which one is meant. A log is written in order, with the
    oldest row on top or the newest: the first reading that does not lie before the older neighbour is taken.
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
        # In the hour that clocks leave out, the second reading is the earlier one, and no choice.
        found.append(second if found and first < found[-1] <= second else first)
    return found


def _ascends(moments: Sequence[datetime]) -> bool:
    return all(before <= now for before, now in pairwise(moments))


def _mostly_falls(told: Sequence[datetime]) -> bool:
    clocks = [time.replace(tzinfo=None) for time in told]
    steps = list(pairwise(clocks))
    return sum(now < before for before, now in steps) > sum(now > before for before, now in steps)
