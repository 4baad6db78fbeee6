"""Runs the solving process: gives it a program, and reads what it finds."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of one line that the process writes: an answer names up to 50,000 variables."""
EXPLAIN = "explain"
"""The argument by which the process reads a question instead of a program."""
MOST_BYTES = 1_500_000_000
"""Of memory. Above it the process ends, rather than that the machine runs out while calls come in."""
BYTES = "SIGAP_SOLVER_BYTES"
"""The environment variable that says another number to the process."""
_KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT")
"""All that the process gets of our environment, which has keys and addresses of databases."""


class SolverFailed(Exception):
    """The process ended without an answer: `status` is its exit status, negative if a signal ended it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the solving process ended with status {status}")
        self.status = status


async def found_by_solver(
    lines: bytes, *arguments: str, most_bytes: int = MOST_BYTES
) -> AsyncGenerator[dict[str, Any], None]:
    """What the process tells of this program, from its first answer to the best one, or with EXPLAIN of this question.
    Above `most_bytes` of memory the process fails. Raises SolverFailed.

    The process ends with the iterator: close it (`aclosing`) to stop a search.
    """
    async with _process(arguments, most_bytes) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process was begun without pipes")
        process.stdin.write(lines)
        with suppress(ConnectionError):  # it ended already: its status says how
            await process.stdin.drain()
        # Its input stays open: the process ends as soon as it is closed.
        async for told in process.stdout:
            yield json.loads(told)
        if status := await process.wait():
            raise SolverFailed(status)


@asynccontextmanager
async def _process(arguments: Sequence[str], most_bytes: int) -> AsyncIterator[Process]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment[BYTES] = str(most_bytes)
    command = (sys.executable, "-m", "sigap_roster.solver", *arguments)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE, env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
