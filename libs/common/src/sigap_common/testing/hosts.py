"""A single host as people start it: a child process on a port of its own, with its data in a folder."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from sigap_common.testing.parts import end, free_port, spawn, wait_until_up


class Host:
    """Starts, is killed, starts again on the same data and the same port."""

    def __init__(self, folder: Path, *services: str, **environment: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "SIGAP_DATA_DIR": str(folder / "data"),
            "SIGAP_PORT": str(self.port),
            "SIGAP_PUBLIC_URL": self.url,
            **environment,
        }
        self._command = ["/usr/bin/env", *(f"{name}={value}" for name, value in self.environment.items())]
        self._command += [sys.executable, "-m", "sigap_cli.main", "run", *services]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = self.folder / "host.log"
        self._process = spawn(self._command, log)
        wait_until_up(self._process, log, self._ready, within=90)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """As a power cut would: nothing is ended in order."""
        assert self._process is not None
        end(self._process, signal.SIGKILL, within=10)

    def stop(self) -> None:
        assert self._process is not None
        end(self._process, signal.SIGINT, within=20)


@contextmanager
def running(folder: Path, *services: str, **environment: str) -> Iterator[Host]:
    host = Host(folder, *services, **environment)
    host.start()
    try:
        yield host
    finally:
        host.stop()
