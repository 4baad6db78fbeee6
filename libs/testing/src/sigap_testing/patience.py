"""How long a test waits for what should come: seconds of the machine that they were chosen on, stretched to this one.

Use it where a wait only bounds a test that hangs. A time that is itself tested is not stretched.
"""

import time
from functools import cache
from statistics import mean

PIECE_SECONDS = 0.03
"""What `_piece` took on the machine that the tests' seconds were chosen on, when it was idle."""
TIMES = 5
MOST = 20.0
"""A machine that looks slower than this was held up by something else while it was measured."""


def patience(seconds: float) -> float:
    """The seconds, stretched by how much slower this machine is; never fewer."""
    return seconds * factor()


@cache
def factor() -> float:
    """How much slower this process's machine is, with what else runs on it: from 1 to `MOST`. Measured once."""
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
