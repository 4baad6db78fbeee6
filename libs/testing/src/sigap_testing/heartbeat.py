"""A single host that measures the longest stop of its event loop.

python -m sigap_testing.heartbeat FILE run SERVICE...

runs the command `sigap` with these arguments; FILE holds the longest stop and the most work in one turn so far.
"""

import asyncio
import json
import mmap
import runpy
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import TypeVar

import uvicorn

from sigap_testing.cluster import SingleHost

T = TypeVar("T")

PAUSE_SECONDS = 0.002
MOST_SECONDS = 0.05
"""The bar: for longer the loop stands still for nobody, on the machine of PIECE_SECONDS. A measurement shows it."""
ALARM_SECONDS = 0.25
"""Where a test fails. Faults of this kind stop the loop for seconds; a busy machine adds less than this to the bar."""
TRIES = 3
"""Another process may take the processor away for longer than that, but hardly each time."""
PIECE_SECONDS = 0.02
"""In which that machine does the fixed piece of work."""
_PIECE = json.dumps({str(number): number for number in range(70_000)})
_KEPT = struct.Struct("dd")


@dataclass(frozen=True, slots=True)
class Stop:
    """`work`: the most seconds of processor that the loop's own thread used in one turn. No other process, however
    busy, adds to it.

    `stood`: the longest time in which the loop had no turn, also while another thread kept the interpreter from it.
    """

    work: float
    stood: float


class WatchedHost(SingleHost):
    """All services in one process, whose event loop is watched by a heartbeat."""

    @property
    def _file(self) -> Path:
        return self.folder / "heartbeat"

    def longest_stop(self) -> Stop:
        """Since `forget` was called last."""
        return Stop(*_KEPT.unpack(self._file.read_bytes()))

    def forget(self) -> None:
        """Begins to measure anew."""
        with self._file.open("r+b") as file:
            file.write(_KEPT.pack(0.0, 0.0))

    def least_stop(self, attack: Callable[[], T], of: Callable[[Stop], float], bar: float) -> tuple[float, T]:
        """The longest stop under an attack, as the machine of PIECE_SECONDS would show it, and what the attack gave.

        An attack that stops the loop for longer than `bar` is tried again, TRIES times in all; the best of them counts.
        """
        best = float("inf")
        for _ in range(TRIES):
            self.forget()
            given = attack()
            seen = of(self.longest_stop())
            best = min(best, seen / slowness() if seen > bar else seen)
            if best <= bar:
                break
        return best, given

    def _command(self, *names: str) -> list[str]:
        self._file.write_bytes(_KEPT.pack(0.0, 0.0))
        return [sys.executable, "-m", "sigap_testing.heartbeat", str(self._file), "run", *names]


def slowness() -> float:
    """By how much this machine is slower at this moment than the one that the bar is for; 1, if it is not."""
    began = thread_time()
    json.loads(_PIECE)
    return max(1.0, (thread_time() - began) / PIECE_SECONDS)


async def _beat(file: Path) -> None:
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), _KEPT.size) as kept:
        while True:
            began, worked, own = perf_counter(), process_time(), thread_time()
            await asyncio.sleep(PAUSE_SECONDS)
            # On a busy machine the clock also counts what other processes did meanwhile.
            stood = min(perf_counter() - began - PAUSE_SECONDS, process_time() - worked)
            work, longest = _KEPT.unpack(kept[:])
            kept[:] = _KEPT.pack(max(work, thread_time() - own), max(longest, stood))


def main(file: str, *arguments: str) -> None:
    class Watched(uvicorn.Server):
        async def startup(self, *args: object, **options: object) -> None:
            self.beating = asyncio.create_task(_beat(Path(file)))
            await super().startup(*args, **options)  # type: ignore[arg-type]

        async def shutdown(self, *args: object, **options: object) -> None:
            self.beating.cancel()
            await super().shutdown(*args, **options)  # type: ignore[arg-type]

    uvicorn.Server = Watched  # type: ignore[misc]
    sys.argv = ["sigap", *arguments]
    runpy.run_module("sigap_cli.main", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
