"""A fixed piece of Python, timed while something else is measured: what the machine and its interpreter were worth in
those minutes. On a machine that others share the same work takes half as long again from one minute to the next.

python -m tests.load.reference      prints its milliseconds of CPU every ten seconds
"""

import json
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

from tests.load.report import spread

EVERY_SECONDS = 10.0


class Reference:
    """In a process of its own, for as long as the block; some 1 % of a core."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.load.reference"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        printed, _ = self._process.communicate(timeout=60)
        self._took = [float(line) for line in printed.split()]

    def __str__(self) -> str:
        version = sys.version.split()[0]
        return f"the machine: a fixed piece of Python {version} takes {spread(self._took, 'ms')}"


def milliseconds() -> float:
    """Of CPU, for dictionaries, strings, small objects and JSON."""
    began = time.process_time()
    numbers = {str(n): str(n) for n in range(60_000)}
    for _ in range(3):
        numbers = json.loads(json.dumps(numbers))
    spans = [slice(n, n + 1) for n in range(60_000)]
    assert sum(span.stop - span.start for span in spans) == len(numbers)
    return 1000 * (time.process_time() - began)


def main() -> None:
    while True:
        print(milliseconds(), flush=True)
        time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    main()
