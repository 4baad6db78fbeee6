"""What an installation takes that has nothing to do, and how long a first try takes.

python -m tests.load.idle
"""

import argparse
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.load.report import Figure, show
from tests.load.usage import cpu_seconds, resident_mb
from typer.testing import CliRunner

from sigap_cli.main import app
from sigap_testing.cluster import Cluster, SingleHost, steady_port
from sigap_testing.parts import NotHere, bounded

ROOT = Path(__file__).parents[2]
PACKS = sorted((ROOT / "regencies").glob("*.yaml"))
SETTLED_SECONDS = 5.0
HOST_MIB, HOST_PERCENT, SERVICE_MIB, UP_SECONDS = 350.0, 3.0, 150.0, 10.0
"""The bars."""


def _under(name: str, seen: float, unit: str, most: float) -> Figure:
    return Figure(name, f"{seen:.1f} {unit}", f"at most {most:g} {unit}", seen <= most)


def single_host(seconds: float) -> Iterator[Figure]:
    with SingleHost() as host:
        _apply(host.url)
        pid = host.processes["sigap"].pid
        yield _under("single host, idle, of a core", _percent(pid, seconds), "%", HOST_PERCENT)
        yield _under("single host, four packs, resident", resident_mb(pid), "MiB", HOST_MIB)


def services(seconds: float) -> Iterator[Figure]:
    """Each in a process of its own."""
    try:
        cluster = Cluster()
    except NotHere as reason:
        print(f"no cluster: {reason}")
        return
    with cluster:
        _apply(cluster.url)
        pids = {cluster.processes[service.name].pid: service.name for service in cluster.services}
        for pid, name in pids.items():
            yield _under(f"{name}, four packs, resident", resident_mb(pid), "MiB", SERVICE_MIB)
        before = cpu_seconds(pids)
        time.sleep(seconds)
        for name, used in cpu_seconds(pids).items():
            yield Figure(f"{name}, idle, of a core", f"{(used - before[name]) / seconds * 100:.1f} %")


def first_try() -> Iterator[Figure]:
    """`sigap up`, from its start until it has said that the drill came back and where everything is."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("up, empty data", "up, again"):
            yield _under(f"sigap {name}: drill ended after", _up(Path(folder)), "s", UP_SECONDS)


def _up(folder: Path) -> float:
    command = [sys.executable, "-m", "sigap_cli.main", "up", "--data-dir", str(folder), "--port", str(steady_port())]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    with bounded(process, within=60) as up:
        took = _said(up, b"Ctrl-C ends it.") - began
        up.terminate()
    return took


def _said(process: "subprocess.Popen[bytes]", words: bytes, within: float = 180) -> float:
    """When it said so. Raises TimeoutError."""
    assert process.stdout is not None
    deadline, heard = time.monotonic() + within, b""
    while time.monotonic() < deadline and process.poll() is None:
        if select.select([process.stdout], [], [], 1)[0]:
            heard += os.read(process.stdout.fileno(), 65_536)
        if words in heard:
            return time.monotonic()
    raise TimeoutError(heard.decode(errors="replace")[-2000:])


def _percent(pid: int, seconds: float) -> float:
    """Of one core, over that time."""
    before = cpu_seconds({pid: ""})[""]
    time.sleep(seconds)
    return (cpu_seconds({pid: ""})[""] - before) / seconds * 100


def _apply(url: str) -> None:
    done = CliRunner().invoke(app, ["regency", "apply", *map(str, PACKS)], env={"SIGAP_URL": url})
    if done.exit_code:
        raise AssertionError(done.output)
    time.sleep(SETTLED_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="for which idling is watched (20)")
    parser.add_argument("--no-cluster", action="store_true", help="the single host alone")
    asked = parser.parse_args()
    measure(asked.seconds, cluster=not asked.no_cluster)


def measure(seconds: float = 20, *, cluster: bool = True) -> None:
    show("A first try", list(first_try()))
    show("The single host with nothing to do", list(single_host(seconds)))
    if cluster:
        show("A service's process with nothing to do", list(services(seconds)))


if __name__ == "__main__":
    main()
