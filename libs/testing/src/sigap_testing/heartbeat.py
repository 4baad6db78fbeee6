"""A single host that measures the longest stop of its event loop.

python -m sigap_testing.heartbeat FILE run SERVICE...

runs the command `sigap` with these arguments. FILE has the longest stop and the most work in one turn so far.
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
"""The bar: the longest stop that is allowed, on the machine of PIECE_SECONDS. `python -m tests.load stops` measures it.
"""
ALARM_SECONDS = 0.25
"""The limit at which a test fails. Faults of this kind stop the loop for seconds; a busy machine adds less than this to
the bar.
"""
TRIES = 3
"""How often an attack is tried. Another process may take the processor away once, but hardly each time."""
PIECE_SECONDS = 0.02
"""The time in which the reference machine does the fixed piece of work."""
_PIECE = json.dumps({str(number): number for number in range(70_000)})
_KEPT = struct.Struct("dd")


@dataclass(frozen=True, slots=True)
class Stop:
    """The longest stop of an event loop. `work`: the most processor seconds that the loop's own thread used in one
    turn. Other processes do not add to it.

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
        """The longest stop since the last call of `forget`."""
        return Stop(*_KEPT.unpack(self._file.read_bytes()))

    def forget(self) -> None:
        """Resets the measurement."""
        with self._file.open("r+b") as file:
            file.write(_KEPT.pack(0.0, 0.0))

    def least_stop(self, attack: Callable[[], T], of: Callable[[Stop], float], bar: float) -> tuple[float, T]:
        """The longest stop under an attack, converted to the machine of PIECE_SECONDS, and the result of the attack.

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
    """How many times slower this machine is at this moment than the reference machine; at least 1."""
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
