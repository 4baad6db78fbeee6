"""A single host that measures the longest stop of its event loop.

python -m sigap_testing.heartbeat FILE run SERVICE...

runs the command `sigap` with these arguments; FILE holds the longest stop so far, in seconds.
"""

import asyncio
import mmap
import runpy
import struct
import sys
from pathlib import Path
from time import perf_counter, process_time

import uvicorn

from sigap_testing.cluster import SingleHost

PAUSE_SECONDS = 0.002
_SECONDS = struct.Struct("d")


class WatchedHost(SingleHost):
    """All services in one process, whose event loop is watched by a heartbeat."""

    @property
    def _file(self) -> Path:
        return self.folder / "heartbeat"

    def longest_stop(self) -> float:
        """Seconds for which the loop did nothing else, since `forget` was called last."""
        return float(_SECONDS.unpack(self._file.read_bytes())[0])

    def forget(self) -> None:
        """Begins to measure anew."""
        with self._file.open("r+b") as file:
            file.write(_SECONDS.pack(0.0))

    def _command(self, *names: str) -> list[str]:
        self._file.write_bytes(_SECONDS.pack(0.0))
        return [sys.executable, "-m", "sigap_testing.heartbeat", str(self._file), "run", *names]


async def _beat(file: Path) -> None:
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), _SECONDS.size) as kept:
        while True:
            began, worked = perf_counter(), process_time()
            await asyncio.sleep(PAUSE_SECONDS)
            # On a busy machine the clock also counts what other processes did meanwhile.
            stop = min(perf_counter() - began - PAUSE_SECONDS, process_time() - worked)
            if stop > _SECONDS.unpack(kept[:])[0]:
                kept[:] = _SECONDS.pack(stop)


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
