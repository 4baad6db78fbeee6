"""Real parts as child processes: finding them on the machine, starting, stopping and killing them. They end with the
test run.
"""

import ctypes
import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, AnyStr

from sigap_testing.patience import patience

_PR_SET_PDEATHSIG = 1
KILLED_WITHIN = 30.0
"""Seconds. Only a process that hangs inside the kernel lives so long after a SIGKILL."""
TERMINATED_WITHIN = 10.0


class NotHere(Exception):
    """The real part is not available on this machine. The message says what was looked for."""


class DidNotStart(Exception):
    """The real part is available but did not start. The message has its last log lines."""


def in_ci() -> bool:
    """Whether this is a CI run, in which a missing part fails a test instead of skipping it."""
    return os.environ.get("CI", "").lower() in ("1", "true")


@functools.cache
def docker_answers() -> bool:
    """Whether a Docker daemon is behind the client, asked once and for at most 3 s."""
    client = shutil.which("docker")
    if client is None:
        return False
    try:
        return subprocess.run([client, "version"], capture_output=True, timeout=3, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


@functools.cache
def docker_has(image: str) -> bool:
    """Whether Docker has the image, or gets it from a registry within two minutes."""
    if not docker_answers():
        return False
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0:
        return True
    try:
        pulled = subprocess.run(["docker", "pull", "-q", image], capture_output=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return False
    return pulled.returncode == 0


def java_version() -> int:
    """The major version of the machine's Java; 0 for none."""
    if shutil.which("java") is None:
        return 0
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found.group(1)) if found else 0


def kept_from_maven(name: str, instead: str, fetch: Callable[[Path], None]) -> Path:
    """The folder `name` in the user's cache, made by `fetch` if it is not there yet.

    Needs Java 17 and mvn. `instead`: what else was looked for, in words. Raises NotHere.
    """
    if java_version() < 17:
        raise NotHere(f"{instead} Java 17")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sigap"
    kept = cache / name
    if not kept.is_dir():
        if shutil.which("mvn") is None:
            raise NotHere(f"{instead} mvn to fetch it with")
        cache.mkdir(parents=True, exist_ok=True)
        fetch(kept)
    return kept


def containers_without_reaper() -> None:
    """Testcontainers starts a reaper container first. If its image is not available, this switches the reaper off."""
    from testcontainers.core.config import testcontainers_config

    testcontainers_config.ryuk_disabled = testcontainers_config.ryuk_disabled or not docker_has(
        testcontainers_config.ryuk_image
    )


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    at_our_end: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Starts it with its output in `log`, in a process group of its own, to get `at_our_end` when our process
    ends.

    Linux ties it to the thread that calls this, so call it from one that lives as long.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            user=user,
            extra_groups=[] if user else None,
            process_group=0,
            preexec_fn=_dies_with_us(at_our_end),
        )


def end(process: subprocess.Popen[AnyStr], how: signal.Signals, within: float) -> None:
    """Signals it and waits for its end; after `within` seconds of `patience` it is killed."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(patience(within))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(KILLED_WITHIN)


@contextmanager
def bounded(process: "subprocess.Popen[AnyStr]", within: float = 30) -> Iterator["subprocess.Popen[AnyStr]"]:
    """The process, for a block at whose end it ends too.

    After a block that succeeds the process has `within` seconds to end by itself; if it goes on, AssertionError says
    so. After a block that fails it is told to end at once. `with Popen(...)` would wait for ever: a test's time-out
    is raised in the block, and nothing would interrupt the wait that follows.
    """
    try:
        yield process
        process.wait(patience(within))
    except subprocess.TimeoutExpired as still:
        raise AssertionError(f"still running {within:g} s after it should have ended: {process.args!r}") from still
    finally:
        end(process, signal.SIGTERM, TERMINATED_WITHIN)
        _close(process.stdin, process.stdout, process.stderr)


def _close(*pipes: IO[AnyStr] | None) -> None:
    for pipe in pipes:
        if pipe is not None:
            with suppress(BrokenPipeError):  # what was not written yet has no reader any more
                pipe.close()


def wait_until_up(process: subprocess.Popen[bytes], log: Path, up: Callable[[], bool], within: float) -> None:
    """Waits until the process is `up`. Raises DidNotStart if it ends, or is not up in time."""
    deadline = time.monotonic() + patience(within)
    while not up():
        if process.poll() is not None or time.monotonic() > deadline:
            raise DidNotStart(log.read_text(errors="replace")[-4000:])
        time.sleep(0.05)


def wait_for_container(up: Callable[[], bool], logs: Callable[[], tuple[bytes, bytes]], within: float = 60) -> None:
    """Waits until the container is `up`. Raises DidNotStart, with the end of its `logs`, if it is not up in time."""
    deadline = time.monotonic() + patience(within)
    while not up():
        if time.monotonic() > deadline:
            raise DidNotStart(b"".join(logs()).decode(errors="replace")[-4000:])
        time.sleep(0.1)


def _dies_with_us(how: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # loaded here: after the fork only the call itself is safe
    return lambda: prctl(_PR_SET_PDEATHSIG, int(how))
