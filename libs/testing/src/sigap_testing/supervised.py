"""Processes that are started again at once when they end, as a cluster's scheduler does."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx

from sigap_testing.parts import DidNotStart, end, spawn
from sigap_testing.patience import patience

_SHORT_LIFE_SECONDS = 1.0
_PAUSE_SECONDS = 0.5
SPAWNED_WITHIN = 30.0


class Supervised:
    """One process with a name, a log file and an address. Whenever it ends, it is started again, until `stop`.

    Its supervisor is a thread of the test's process, and it ends with that thread.
    """

    def __init__(self, name: str, command: Sequence[str | Path], log: Path, url: str, env: Mapping[str, str]) -> None:
        self.name, self.log, self.url = name, log, url
        self.exits: list[int] = []
        """Exit codes so far, a signal as its negative number; as many as there were restarts."""
        self._command, self._env = command, env
        self._process: subprocess.Popen[bytes] | None = None
        self._running, self._stopping = threading.Event(), threading.Event()
        self._supervisor: threading.Thread | None = None

    @property
    def pid(self) -> int:
        """The id of the process that runs now, or ran last."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def start(self) -> None:
        """Starts the process, for the first time or again after `stop`."""
        self._running.clear()
        self._stopping.clear()
        self._supervisor = threading.Thread(target=self._keep_running, name=f"supervisor of {self.name}", daemon=True)
        self._supervisor.start()
        if not self._running.wait(SPAWNED_WITHIN):  # the thread has ended: there is no such command
            raise DidNotStart(f"{self.name}: {self._command[0]} cannot be run")

    def kill(self, how: signal.Signals = signal.SIGKILL) -> int:
        """Sends a signal, and returns the id of the process that got it."""
        assert self._process is not None, f"{self.name} was not started"
        self._process.send_signal(how)
        return self._process.pid

    def pause(self) -> None:
        """Stops the process (SIGSTOP): it keeps its connections and answers nothing."""
        self.kill(signal.SIGSTOP)

    def resume(self) -> None:
        self.kill(signal.SIGCONT)

    def restart(self, within: float = 60) -> None:
        """Ends it by SIGTERM, and waits until the next process is up. Raises DidNotStart."""
        before = self.kill(signal.SIGTERM)
        self._wait(lambda: self.pid != before and self.up(), within)

    def up(self) -> bool:
        """Whether `/readyz` answers 200."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def wait_until_up(self, within: float = 60) -> None:
        """Waits until the process is up. Raises DidNotStart, with the end of its log, if it is not up in time."""
        self._wait(self.up, within)

    def wait_for_start(self, within: float = 120) -> None:
        """Like `wait_until_up`, but for the first start: if the process ends, DidNotStart is raised at once."""
        self._wait(lambda: bool(self.exits) or self.up(), within)
        if self.exits:
            raise DidNotStart(self._said())

    def stop(self, within: float = 10) -> None:
        """Until `start`."""
        self._stopping.set()
        if self._process is not None and self._supervisor is not None:
            self._process.send_signal(signal.SIGCONT)
            end(self._process, signal.SIGTERM, within)
            self._supervisor.join()

    def _keep_running(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process = spawn(self._command, self.log, env=self._env)
            self._running.set()
            ended = self._process.wait()
            self.exits.append(ended)
            if time.monotonic() - began < _SHORT_LIFE_SECONDS:
                self._stopping.wait(_PAUSE_SECONDS)

    def _wait(self, up: Callable[[], bool], within: float) -> None:
        deadline = time.monotonic() + patience(within)
        while not up():
            if time.monotonic() > deadline:
                raise DidNotStart(self._said())
            time.sleep(0.05)

    def _said(self) -> str:
        return f"{self.name}: {self.log.read_text(errors='replace')[-4000:]}"
