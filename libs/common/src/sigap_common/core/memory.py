"""Returns the memory of large requests to the system.

Without it a single host kept up to 730 MB after an attack by large bodies. Refused requests hold their body until
Python's garbage collector runs, and the C library makes a heap for each thread.
"""

import ctypes
import gc
import sys

COLLECT_AFTER_BYTES = 8 * 1024 * 1024
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
"""The names of glibc's settings, see mallopt(3)."""
_ARENAS, _MAPPED_FROM_BYTES = 2, 256 * 1024


def return_freed_memory() -> None:
    """Sets glibc for the rest of the process: few heaps, and large blocks go back at once. Does nothing on other
    systems.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(_ARENA_MAX, _ARENAS)
        mallopt(_MMAP_THRESHOLD, _MAPPED_FROM_BYTES)


class LargeBodies:
    """Counts the bytes of large bodies, and starts the garbage collector. Python itself starts it by the number of
    objects, and a body of megabytes in a refused request is only one object.
    """

    def __init__(self) -> None:
        self._since = 0

    def read(self, size: int) -> None:
        """Counts a body, and collects young objects after each COLLECT_AFTER_BYTES."""
        self._since += size
        if self._since >= COLLECT_AFTER_BYTES:
            self._since = 0
            gc.collect(1)
