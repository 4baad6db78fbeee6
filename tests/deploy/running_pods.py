"""A pod of the manifests as a process of this machine, or as a container of an image."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from sigap_testing.parts import KILLED_WITHIN, spawn

from .pods import Pod

IMAGE = "SIGAP_IMAGE"
"""The variable that names the image whose containers are tested."""


class RunningPod(ABC):
    """A pod that runs at an address. `place`: its folder, which outlives it."""

    def __init__(self, pod: Pod, address: str, place: Path) -> None:
        self.pod, self.address, self.place = pod, address, place
        self.memory = 0
        """The most that its first process has had until it was told to end, in bytes."""
        self.overfull: list[str] = []
        """Its folders that hold more than the manifest lets them: Kubernetes would evict it."""
        self._told_to_end = 0.0

    def begin_to_end(self) -> None:
        """Sends SIGTERM, if it still runs."""
        self._told_to_end = time.monotonic()
        if not self.has_ended():
            status = Path(f"/proc/{self._pid()}/status").read_text()
            self.memory = sum(map(int, re.findall(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE))) * 1024
            self._terminate()

    @property
    def grace_left(self) -> float:
        """Seconds that it may still take to end."""
        return max(1.0, self._told_to_end + self.pod.grace_seconds - time.monotonic())

    @abstractmethod
    def wait_for_end(self) -> int:
        """Its exit code. If it goes on for longer than the manifest lets it, it is killed: then it is not 0."""

    @abstractmethod
    def has_ended(self) -> bool: ...

    @abstractmethod
    def log(self) -> str: ...

    @abstractmethod
    def _pid(self) -> int: ...

    @abstractmethod
    def _terminate(self) -> None: ...


class AsProcess(RunningPod):
    """As this checkout runs it, without the container's bounds."""

    def __init__(self, pod: Pod, address: str, place: Path, settings: Mapping[str, str]) -> None:
        super().__init__(pod, address, place)
        place.mkdir(parents=True, exist_ok=True)
        host, _, port = address.rpartition(":")
        # Paths are those of a container.
        kept = {name: value for name, value in settings.items() if not value.startswith("/")}
        own = {"SIGAP_DATA_DIR": str(place / "data"), "SIGAP_HOST": host, "SIGAP_PORT": port}
        self._log = place / f"{port}.log"
        command = [sys.executable, "-m", "sigap_cli.main", *pod.arguments]
        self._process = spawn(command, self._log, env={"PATH": os.environ.get("PATH", os.defpath), **kept, **own})

    def wait_for_end(self) -> int:
        try:
            return self._process.wait(self.grace_left)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(KILLED_WITHIN)

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def _pid(self) -> int:
        return self._process.pid

    def _terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)


class AsContainer(RunningPod):
    """A container of the image that SIGAP_IMAGE names, bounded as the manifest says, in this machine's network."""

    def __init__(self, pod: Pod, address: str, place: Path, settings: Mapping[str, str]) -> None:
        super().__init__(pod, address, place)
        host, _, port = address.rpartition(":")
        given = {**settings, "SIGAP_HOST": host, "SIGAP_PORT": port}
        told = [f"--env={name}={value}" for name, value in given.items()]
        command = ["run", "--detach", "--network=host", *self._bounds(), *self._mounts(), *told, os.environ[IMAGE]]
        self._id = _docker(*command, *pod.arguments).strip()

    def wait_for_end(self) -> int:
        try:
            code = int(_docker("wait", self._id, within=self.grace_left))
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        _docker("rm", "--force", "--volumes", self._id)
        self._look_at_folders()
        return code

    def has_ended(self) -> bool:
        return _docker("inspect", "--format={{.State.Running}}", self._id).strip() != "true"

    def log(self) -> str:
        return _docker("logs", self._id)

    def _pid(self) -> int:
        return int(_docker("inspect", "--format={{.State.Pid}}", self._id))

    def _terminate(self) -> None:
        _docker("kill", "--signal=TERM", self._id)

    def _bounds(self) -> list[str]:
        """Docker's own seccomp profile is the manifest's RuntimeDefault."""
        said = self.pod.security
        bounds = [f"--user={said['runAsUser']}:{said['runAsGroup']}"]
        bounds += [f"--cap-drop={one}" for one in said["capabilities"]["drop"]]
        if said["readOnlyRootFilesystem"]:
            bounds.append("--read-only")
        if not said["allowPrivilegeEscalation"]:
            bounds.append("--security-opt=no-new-privileges")
        return [*bounds, f"--memory={self.pod.memory}", f"--memory-swap={self.pod.memory}"]

    def _folder(self, path: str) -> Path:
        """Of this machine: one that outlives the container, or one of its own."""
        lasting = self.pod.written[path] is None
        return self.place / ("lasting" if lasting else self.address.replace(":", "-")) / path.strip("/")

    def _mounts(self) -> list[str]:
        """Folders as Kubernetes makes them: of root and the pod's group, and open to it."""
        mounts = []
        for path in self.pod.written:
            folder = self._folder(path)
            folder.mkdir(parents=True, exist_ok=True)
            shutil.chown(folder, group=self.pod.security["fsGroup"])
            folder.chmod(0o2777)
            mounts.append(f"--volume={folder}:{path}")
        return mounts

    def _look_at_folders(self) -> None:
        for path, limit in self.pod.written.items():
            files = (file for file in self._folder(path).rglob("*") if file.is_file())
            if limit is not None and sum(file.stat().st_size for file in files) > limit:
                self.overfull.append(path)


def _docker(*arguments: str, within: float = 60) -> str:
    """What it prints; of a container's log both streams."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=within, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + (done.stderr if arguments[0] == "logs" else "")
