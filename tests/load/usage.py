"""Processor time by process, from the kernel's own accounting (/proc), for the processes that we started."""

import os
import tempfile
import time
from collections import defaultdict
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(names: dict[int, str]) -> dict[str, float]:
    """Seconds of CPU so far, by name: each named process with all that descends from it."""
    children: dict[int, list[int]] = defaultdict(list)
    used: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (read := _read(entry)) is not None:
            parent, seconds = read
            children[parent].append(int(entry.name))
            used[int(entry.name)] = seconds
    return {name: _sum(pid, children, used) for pid, name in names.items()}


def resident_mb(pid: int) -> float:
    """Resident memory of one process, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def fsyncs_a_second(folder: Path | None = None, seconds: float = 2.0) -> float:
    """What the disk under a folder (none: that of temporary files) can do: one page written and synced, again and
    again.
    """
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        began, count = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            os.pwrite(file.fileno(), bytes(4096), 0)
            os.fsync(file.fileno())
            count += 1
        return count / (time.monotonic() - began)


def _sum(pid: int, children: dict[int, list[int]], used: dict[int, float]) -> float:
    return used.get(pid, 0.0) + sum(_sum(child, children, used) for child in children[pid])


def _read(entry: Path) -> tuple[int, float] | None:
    """Parent, and CPU seconds with those of children that have ended."""
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(fields[1]), sum(map(int, fields[11:15])) / TICKS
