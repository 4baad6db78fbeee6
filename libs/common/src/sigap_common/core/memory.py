"""What a process does so that memory which large requests took goes back to the system.

Without it a single host kept up to 730 MB after an attack by large bodies: in refused requests, which hold their body
until the collector of cycles comes by, and in the heaps that the C library had made for each thread.
"""

import ctypes
import gc
import sys

COLLECT_AFTER_BYTES = 8 * 1024 * 1024
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
"""The names of glibc's settings, see mallopt(3)."""
_ARENAS, _MAPPED_FROM_BYTES = 2, 256 * 1024


def return_freed_memory() -> None:
    """Tells glibc to keep few heaps, and none of the large blocks, for the rest of the process. Elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(_ARENA_MAX, _ARENAS)
        mallopt(_MMAP_THRESHOLD, _MAPPED_FROM_BYTES)


class LargeBodies:
    """Counts the bytes of large bodies. Python starts its collector by the number of objects, and a body is one: with
    its content, a refused request that hangs in a cycle keeps megabytes.
    """

    def __init__(self) -> None:
        self._since = 0

    def read(self, size: int) -> None:
        """Collects what is young after each COLLECT_AFTER_BYTES."""
        self._since += size
        if self._since >= COLLECT_AFTER_BYTES:
            self._since = 0
            gc.collect(1)
