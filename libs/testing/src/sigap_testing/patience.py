"""Stretches the time that a test waits, by how much slower this machine is than the one for which the seconds were
chosen.

Use it for a wait that only ends a test that hangs. A time that is itself tested is not stretched.
"""

import time
from functools import cache
from statistics import mean

PIECE_SECONDS = 0.03
"""The seconds of `_piece` on the idle machine for which the tests' seconds were chosen."""
TIMES = 5
MOST = 20.0
"""The largest factor. If a machine looks slower than this, something else held it up during the measurement."""


def patience(seconds: float) -> float:
    """The seconds, stretched by how much slower this machine is; never fewer."""
    return seconds * factor()


@cache
def factor() -> float:
    """How much slower this machine is, with all that runs on it: from 1 to `MOST`. Measured once in a process."""
    return stretched(mean(_timed() for _ in range(TIMES)))


def stretched(measured: float) -> float:
    """The factor for a machine on which the piece took so many seconds."""
    return min(max(measured / PIECE_SECONDS, 1.0), MOST)


def _timed() -> float:
    began = time.perf_counter()
    _piece()
    return time.perf_counter() - began


def _piece() -> int:
    total = 0
    for number in range(400_000):
        total += number * number % 7
    return total
